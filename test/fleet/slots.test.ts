import { describe, expect, it } from "vitest";
import { duplicates, excessWorkers, freeSlots } from "../../src/fleet/slots.ts";
import { aBadStatus, aBootingWorker, anIntent, aWorker, HOUR, NOW, SECOND, throughput } from "../support/builders.ts";

const isNever = (): boolean => false;
const someProgress = { batch: 30, gamesPerSecond: 2.4, totalGames: 1, atMs: NOW, batchMs: [] };

describe("free slots", () => {
  it.each([
    ["an empty fleet", 4, [], [], [0, 1, 2, 3]],
    ["a hole", 1, [0, 2, 3], [], [1]],
    ["slot 1 lost while 10 and 11 live", 1, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [], [1]],
    ["a slot that an intent holds", 2, [0], [1], [2, 3]],
    ["a live slot beyond the target", 3, [9], [], [0, 1, 2]],
    ["nothing wanted", 0, [], [], []],
  ])("%s", (_words, count, live, open, expected) => {
    const workers = live.map((slot) => aWorker({ slot }));
    const intents = open.map((slot) => anIntent({ slot }));
    expect(freeSlots(count, workers, intents)).toEqual(expected);
  });
});

describe("two boxes in one slot", () => {
  const older = aWorker({ instanceId: 1, startedAtMs: NOW - 3 * HOUR });
  const younger = aWorker({ instanceId: 2, startedAtMs: NOW - 2 * HOUR });
  const booting = aBootingWorker({ instanceId: 3 });

  it.each([
    ["the one that produces stays, though it is the older", [older, booting], [3]],
    ["of two that produce the younger stays", [older, younger], [1]],
    [
      "the one that has produced stays, though it is the older and does not produce now",
      [{ ...older, verdict: "unknown" as const }, booting],
      [3],
    ],
    [
      "the one that produces stays before one that has produced, though it is the older",
      [older, { ...younger, verdict: "unknown" as const }],
      [2],
    ],
    [
      "of two that have produced the younger stays",
      [
        { ...older, verdict: "unknown" as const },
        { ...younger, verdict: "unknown" as const },
      ],
      [1],
    ],
    [
      "of two that do not produce the younger stays",
      [aBootingWorker({ instanceId: 4, sinceMs: NOW - HOUR }), booting],
      [4],
    ],
    ["an uploading one counts as producing", [{ ...older, verdict: "uploading" as const }, booting], [3]],
    ["of two as old as each other the later instance stays", [older, { ...older, instanceId: 9 }], [1]],
    ["of three all but one go", [older, younger, booting], [1, 3]],
    ["different slots are no duplicates", [older, aWorker({ slot: 1 })], []],
  ])("%s", (_words, workers, victims) => {
    const ids = (list: typeof workers): number[] =>
      duplicates(list, [], isNever, isNever)
        .doubled.map(({ victim }) => victim.instanceId)
        .toSorted((a, b) => a - b);
    expect(ids(workers)).toEqual(victims);
    expect(ids(workers.toReversed())).toEqual(victims);
  });

  it("are left alone while an intent of the slot is unsettled", () => {
    expect(duplicates([older, younger], [anIntent({ slot: 0 })], isNever, isNever).doubled).toEqual([]);
    expect(duplicates([older, younger], [anIntent({ slot: 1 })], isNever, isNever).doubled).toHaveLength(1);
  });

  describe("of which one runs and has not been read", () => {
    const unread = aBootingWorker({ instanceId: 5, status: "running", reportAtMs: null, sinceMs: NOW - HOUR });
    const isUnread = ({ instanceId }: { instanceId: number }): boolean => instanceId === 5;

    it("are left alone until it has been, where nobody is known to work", () => {
      expect(duplicates([unread, booting], [], isNever, isUnread)).toEqual({ doubled: [], undecided: [unread] });
      expect(duplicates([unread, booting], [], isNever, isNever).doubled).toHaveLength(1);
    });

    it("are asked for since the last of them came", () => {
      const asked: number[] = [];
      duplicates([unread, booting], [], isNever, (_worker, sinceMs) => asked.push(sinceMs) === 0);
      expect(asked).toEqual([booting.firstSeenAtMs, booting.firstSeenAtMs]);
      const returned = { ...unread, returnedAtMs: booting.firstSeenAtMs + 9 };
      duplicates([returned, booting], [], isNever, (_worker, sinceMs) => asked.push(sinceMs) === 0);
      expect(asked.at(-1)).toBe(returned.returnedAtMs);
    });

    it("lose it at once to one that works", () => {
      const { doubled } = duplicates([unread, older], [], isNever, isUnread);
      expect(doubled.map(({ victim }) => victim.instanceId)).toEqual([5]);
    });
  });
});

describe("giving up boxes", () => {
  const stopped = aWorker({ slot: 0, status: "exited", verdict: "failed", usdPerHour: 0.01 });
  it("a box under two minutes that produces already is no young one", () => {
    const quick = aWorker({ slot: 3, startedAtMs: NOW - 20 * SECOND, usdPerHour: 0.02 });
    const idle = aWorker({ slot: 4, verdict: "waiting" });
    expect(
      excessWorkers(1, [quick, idle], { throughput, nowMs: NOW, isUnread: isNever }).map(({ slot }) => slot),
    ).toEqual([4]);
  });

  it("a box whose log shows that it produces is not first to go because the list calls it exited", () => {
    const lagging = aWorker({ slot: 3, status: "exited", badStatus: aBadStatus() });
    const idle = aWorker({ slot: 4, verdict: "waiting" });
    const terms = { throughput, nowMs: NOW, isUnread: isNever };
    expect(excessWorkers(1, [lagging, idle], terms).map(({ slot }) => slot)).toEqual([4]);
    const rebooting = aWorker({ slot: 5, status: "loading" });
    expect(excessWorkers(1, [rebooting, idle], terms).map(({ slot }) => slot)).toEqual([5]);
  });

  const young = aBootingWorker({ slot: 1, status: "running", sinceMs: NOW - 120 * SECOND + 1, usdPerHour: 0.02 });
  const idle = aBootingWorker({ slot: 2, status: "running", sinceMs: NOW - 120 * SECOND, usdPerHour: 0.03 });
  const dear = aWorker({ slot: 3, usdPerHour: 0.09 });
  const cheap = aWorker({ slot: 4, usdPerHour: 0.05 });

  it("goes by: not running, younger than 120 s, running without producing, then the worst value", () => {
    const workers = [cheap, idle, stopped, dear, young];
    expect(excessWorkers(5, workers, { throughput, nowMs: NOW, isUnread: isNever }).map(({ slot }) => slot)).toEqual([
      0, 1, 2, 3, 4,
    ]);
  });

  it("a slot of which nobody knows what it plays goes after those that are known to play nothing", () => {
    const inOpenSlot = aBootingWorker({ slot: 5, status: "loading" });
    const terms = { throughput, nowMs: NOW, isUnread: isNever, openSlots: new Set([5]) };
    expect(excessWorkers(3, [cheap, inOpenSlot, idle, young], terms).map(({ slot }) => slot)).toEqual([1, 2, 5]);
  });

  it("values a box by what it gives, else by what its machine or type is expected to give", () => {
    const fast = aWorker({ slot: 0, usdPerHour: 0.09, progress: { ...someProgress, gamesPerSecond: 9 } });
    const unknown = aWorker({ slot: 1, usdPerHour: 0.06, progress: null, gpu: "RTX 3060" });
    const observed = { ...throughput, observedByMachine: new Map([[101, 0.5]]) };
    expect(excessWorkers(1, [fast, unknown, cheap], { throughput, nowMs: NOW, isUnread: isNever })).toEqual([unknown]);
    expect(
      excessWorkers(1, [fast, aWorker({ slot: 1, progress: null }), cheap], {
        throughput: observed,
        nowMs: NOW,
        isUnread: isNever,
      })[0]?.slot,
    ).toBe(1);
  });

  it("of equals gives up the highest slot, and none where none is asked for", () => {
    const workers = [0, 1, 2].map((slot) => aWorker({ slot }));
    expect(excessWorkers(1, workers, { throughput, nowMs: NOW, isUnread: isNever }).map(({ slot }) => slot)).toEqual([
      2,
    ]);
    expect(excessWorkers(0, workers, { throughput, nowMs: NOW, isUnread: isNever })).toEqual([]);
  });
});
