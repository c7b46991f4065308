import { describe, expect, it } from "vitest";
import { launchProblem } from "../../src/fleet/launch-check.ts";
import { presetNames, presetOfFleet, presets } from "../../src/fleet/preset.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";
import { builtInWorkload } from "../../src/fleet/workloads.ts";
import { must } from "../support/builders.ts";

it("holds what the launchers set", () => {
  const facts = presetNames.map((name) => {
    const { workload, target, maxPriceUsdPerHour, weightsName, gpus } = presets[name];
    return [name, workload, target, maxPriceUsdPerHour, weightsName, gpus.length];
  });
  expect(facts).toEqual([
    ["zeb", "zeb", 4, 0.09, "zeb-557k-1m", 11],
    ["zeb-large", "zeb", 8, 0.09, "large", 11],
    ["zeb-belief", "zeb", 12, 0.1, "large-belief", 6],
    ["zeb-evalaux", "zeb-evalaux", 1, 0.1, "zeb-large-belief-eq", 6],
    ["zeb-exp-selfplay", "zeb", 2, 0.1, null, 6],
    ["zeb-exp-evalaux", "zeb-evalaux", 1, 0.1, null, 6],
  ]);
});

describe.each(presetNames)("the preset %s", (name) => {
  const preset = presets[name];
  const workload = must(builtInWorkload(preset.workload));

  it("can be launched as it stands, or with the weights that it asks for", () => {
    const spec = resolveSpec("x", { preset: name }, null);
    expect(spec).toMatchObject({ preset: name, target: preset.target, workload: preset.workload });
    const problem = launchProblem("x", spec, workload);
    expect(problem?.field ?? null).toBe(preset.weightsName === null ? "weightsName" : null);
    expect(launchProblem("x", { ...spec, weightsName: "lb-v-eq-3740" }, workload)).toBeNull();
  });

  it("names GPUs that its workload has a number for", () => {
    expect(preset.gpus.filter((gpu) => !Object.hasOwn(workload.gamesPerSecondByGpu, gpu))).toEqual([]);
  });
});

it.each([
  ["zeb-large", "zeb-large"],
  ["zeb-belief-evalaux", "zeb-evalaux"],
  ["zeb-evalaux", "zeb-evalaux"],
  ["zeb-large-2", null],
  ["zeb-mine-selfplay", null],
])("a fleet named %s gets the preset %s unasked", (fleet, preset) => {
  expect(presetOfFleet(fleet)).toBe(preset);
});
