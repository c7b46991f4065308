import { expect, it } from "vitest";
import { presetNames, presets } from "../../src/fleet/preset.ts";

it("holds what the launchers set", () => {
  const facts = presetNames.map((name) => {
    const { target, maxPriceUsdPerHour, weightsName, gpus } = presets[name];
    return [name, target, maxPriceUsdPerHour, weightsName, gpus.length];
  });
  expect(facts).toEqual([
    ["zeb", 4, 0.09, "zeb-557k-1m", 11],
    ["zeb-large", 8, 0.09, "large", 11],
    ["zeb-belief", 12, 0.1, "large-belief", 6],
  ]);
});
