import { describe, expect, it } from "vitest";
import { NO_WORK, statusClassOf, withTally } from "../../src/fleet/tally.ts";
import { aWorker } from "../support/builders.ts";

const progress = { batch: 30, gamesPerSecond: 2.4, totalGames: 7680, atMs: 0, batchMs: [] };
const delivery = { sinceMs: 0, measuredAtMs: 0, fromBatch: 1, batch: 29, deliveredAtMs: 0, error: null };

describe("a worker's tally", () => {
  it("takes what a report shows that is new, and the same report again adds nothing", () => {
    const before = aWorker({ progress, delivery });
    const next = { ...progress, batch: 32, totalGames: 8192 };
    const after = withTally(before, aWorker({ progress: next, delivery: { ...delivery, batch: 31 } }), "2xx");
    expect(after.tally).toEqual({ batches: 2, games: 512, uploads: 1, logCalls: { "2xx": 1 } });
    expect(withTally(after, after, "2xx").tally).toEqual({
      batches: 2,
      games: 512,
      uploads: 1,
      logCalls: { "2xx": 2 },
    });
  });

  it("counts all that the first report of a rented worker shows", () => {
    const before = aWorker({ progress: null, delivery: null });
    expect(withTally(before, aWorker({ progress, delivery }), "2xx").tally).toMatchObject({
      batches: 30,
      games: 7680,
      uploads: 1,
    });
  });

  it("does not count what a box had made before it was taken over", () => {
    const before = aWorker({ progress: null, delivery: null, fingerprint: null });
    const met = withTally(before, aWorker({ progress, delivery, fingerprint: null }), "2xx");
    expect(met.tally).toMatchObject(NO_WORK);
    const later = { ...met, progress: { ...progress, batch: 31, totalGames: 7936 } };
    expect(withTally(met, later, "2xx").tally).toMatchObject({ batches: 1, games: 256, uploads: 0 });
  });

  it("counts a process that has begun anew from nothing, and never backwards", () => {
    const before = aWorker({ progress, delivery });
    const anew = aWorker({
      progress: { ...progress, batch: 2, totalGames: 512 },
      delivery: { ...delivery, batch: null },
    });
    expect(withTally(before, anew, null).tally).toEqual({ batches: 2, games: 512, uploads: 0, logCalls: {} });
    const silent = aWorker({ progress: { ...progress, batch: 31, totalGames: null }, delivery });
    expect(withTally(before, silent, null).tally).toMatchObject({ batches: 1, games: 0 });
  });

  it.each([
    [200, "2xx"],
    [299, "2xx"],
    [302, "3xx"],
    [404, "4xx"],
    [429, "429"],
    [500, "5xx"],
    [599, "5xx"],
    [0, "lost"],
    ["lost", "lost"],
  ] as const)("puts status %s into class %s", (status, expected) => {
    expect(statusClassOf(status)).toBe(expected);
  });
});
