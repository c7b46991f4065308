import { describe, expect, it } from "vitest";
import { clockLimitMs, elapsedMs, gapLimitMs, medianBatchMs, runClock } from "../../src/fleet/clock.ts";
import type { WorkerClock } from "../../src/fleet/memory.ts";
import { aBootingWorker, aSpec, aWorker, MINUTE, must, NOW, SECOND } from "../support/builders.ts";

const spec = aSpec();

describe("a clock", () => {
  const clock: WorkerClock = {
    kind: "setup",
    sinceMs: NOW - 5 * MINUTE,
    movedAtMs: NOW - 5 * MINUTE,
    measuredAtMs: NOW - MINUTE,
  };
  const seen = { kind: "setup", atMs: NOW, isMoved: false, isNewBatch: false } as const;
  const anew = { kind: "setup", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW } as const;

  it("runs from first sight to the last evidence, not to now", () => {
    expect(elapsedMs(clock)).toBe(4 * MINUTE);
    expect(elapsedMs(runClock(clock, seen, spec))).toBe(5 * MINUTE);
  });

  it.each([
    ["a new phase", { ...seen, kind: "wait" as const }, { ...anew, kind: "wait" }],
    ["a new batch", { ...seen, isNewBatch: true }, anew],
    ["evidence from before", { ...seen, atMs: clock.measuredAtMs - 1, isNewBatch: true }, clock],
    ["something that moved", { ...seen, isMoved: true }, { ...clock, movedAtMs: NOW, measuredAtMs: NOW }],
  ])("meets %s", (_words, evidence, expected) => {
    expect(runClock(clock, evidence, spec)).toEqual(expected);
  });

  it.each([
    [0, clock.sinceMs],
    [1, NOW],
  ])("after two polls, a round and %i ms without evidence", (moreMs, sinceMs) => {
    const before = { ...clock, measuredAtMs: NOW - gapLimitMs(spec) - moreMs };
    expect(runClock(before, seen, spec).sinceMs).toBe(sinceMs);
  });
});

it("the limit of each clock is the spec's; one that moved late gets half as much again", () => {
  const limit = (kind: WorkerClock["kind"], movedAfterMs: number): number => {
    const clock = { kind, sinceMs: NOW, movedAtMs: NOW + movedAfterMs, measuredAtMs: NOW + 10 * MINUTE };
    return clockLimitMs(aBootingWorker({ clock }), spec) / SECOND;
  };
  expect([limit("boot", 0), limit("setup", 0), limit("wait", 0), limit("produce", 0)]).toEqual([600, 600, 900, 600]);
  expect([limit("boot", 5 * MINUTE), limit("boot", 5 * MINUTE + 1), limit("wait", 6 * MINUTE)]).toEqual([
    600, 900, 900,
  ]);
});

it.each<[string, number, number | null, number, number, readonly number[]]>([
  ["says 640 s a batch has four of them, before a second batch can be measured", 0.2, 128, 1, 2560, []],
  ["says more than it can have been waited for is not believed", 0.01, 128, 1, 3600, []],
  ["says 107 s a batch has the minimum", 2.4, 7680, 30, 600, []],
  ["does not say has the minimum", 0.2, null, 1, 600, []],
  ["says no rate has the minimum", 0, 128, 1, 600, []],
  ["has had one batch timed, under way when it was first seen, has four of what it says", 0.2, 128, 1, 2560, [55_000]],
  ["has had one longer than it says has four of it", 2.4, 7680, 30, 1200, [300_000]],
  ["has had two timed has four of them, whatever it says", 0.2, 128, 1, 1200, [55_000, 300_000]],
])("a worker that %s", (_words, gamesPerSecond, totalGames, batch, limitSeconds, batchMs) => {
  const progress = { ...must(aWorker().progress), batchMs, gamesPerSecond, totalGames, batch };
  expect(clockLimitMs(aWorker({ progress }), spec) / SECOND).toBe(limitSeconds);
});

it.each([
  [[], null],
  [[7], 7],
  [[900, 1, 5], 5],
  [[4, 1, 2, 3], 3],
])("the middle of the batch times %j is %j", (batchMs, expected) => {
  expect(medianBatchMs({ ...must(aWorker().progress), batchMs })).toBe(expected);
});
