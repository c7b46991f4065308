import { expect, it } from "vitest";
import { medianBatchMs } from "../../src/fleet/clock.ts";
import { aWorker, must } from "../support/builders.ts";

it.each([
  [[], null],
  [[7], 7],
  [[900, 1, 5], 5],
  [[4, 1, 2, 3], 3],
])("the middle of the batch times %j is %j", (batchMs, expected) => {
  expect(medianBatchMs({ ...must(aWorker().progress), batchMs })).toBe(expected);
});
