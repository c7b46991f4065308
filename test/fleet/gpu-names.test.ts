import { expect, it } from "vitest";
import { unknownGpuNotes } from "../../src/fleet/gpu-names.ts";
import { presets } from "../../src/fleet/preset.ts";

it("has nothing to say of a name that the market shows, or that the workload has a number for", () => {
  expect(
    unknownGpuNotes(
      Object.values(presets).flatMap(({ gpus }) => gpus),
      {},
    ),
  ).toEqual([]);
  expect(unknownGpuNotes(["RTX 7090"], { "RTX 7090": 9 })).toEqual([]);
});

it.each([
  ["rtx 3070 ti", "known: RTX 3070 Ti"],
  ["GeForce RTX 3070Ti", "known: RTX 3070 Ti"],
  ["RTX 4070 Super", "known: RTX 4070, RTX 4070 laptop, RTX 4070S, RTX 4070 Ti, RTX 4070S Ti"],
  ["Voodoo", "names are the market's own, such as RTX 3070 Ti"],
])("says of %s what is known", (gpu, words) => {
  const [note, ...more] = unknownGpuNotes(["RTX 3070", gpu], {});
  expect(note).toBe(`GPU ${gpu} is not a name that the market is known to show; ${words}`);
  expect(more).toEqual([]);
});
