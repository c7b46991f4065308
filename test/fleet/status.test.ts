import { describe, expect, it } from "vitest";
import type { WorkerMemory } from "../../src/fleet/memory.ts";
import { badStatusOf, isBeatenByLog, isOnItsWay, isStartError } from "../../src/fleet/status.ts";
import { observeReport, observeRow } from "../../src/fleet/worker.ts";
import {
  aBadStatus,
  aBootingWorker,
  anInstance,
  aReport,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
  someProgress,
} from "../support/builders.ts";

const spec = aSpec();

describe("the status of a row", () => {
  const running = { actualStatus: "running", currentState: "running", intendedStatus: "running" };
  it.each([
    ["running", {}, null],
    ["loading", { actualStatus: "loading" }, null],
    ["being provisioned", { actualStatus: null }, null],
    ["created", { actualStatus: "created" }, null],
    [
      "created, its contract stopped",
      { actualStatus: "created", currentState: "stopped" },
      "created, contract stopped",
    ],
    ["exited", { actualStatus: "exited" }, "exited"],
    ["stopped", { actualStatus: "stopped" }, "stopped"],
    ["offline", { actualStatus: "offline" }, "offline"],
    ["unknown", { actualStatus: "unknown" }, "unknown"],
    ["meant to be stopped", { intendedStatus: "stopped" }, "running, meant to be stopped"],
    [
      "meant to be stopped before it ran",
      { actualStatus: null, intendedStatus: "stopped" },
      "provisioning, meant to be stopped",
    ],
    ["a word nobody knows", { actualStatus: "rebooting" }, null],
  ])("%s", (_words, changes, expected) => {
    expect(badStatusOf({ ...running, ...changes })).toBe(expected);
  });

  it.each([
    ["loading", "Error: OCI runtime create failed: runc", true],
    ["created", "failed to inject CDI devices", true],
    ["running", "OCI runtime create failed (an hour ago)", false],
    ["loading", "pulling", false],
    ["loading", null, false],
  ])("%s with %j is a start error: %s", (actualStatus, statusMessage, expected) => {
    expect(isStartError({ actualStatus, statusMessage })).toBe(expected);
  });
});

it("loading, being provisioned and what a host's reboot goes through are on the way; nothing else is", () => {
  const coming = [null, "created", "loading", "rebooting", "recycling", "frozen"];
  const others = ["running", "exited", "stopped", "offline", "unknown", "a word nobody knows"];
  expect([...coming, ...others].filter(isOnItsWay)).toEqual(coming);
});

describe("a log that contradicts a lagging status", () => {
  const statusAtMs = NOW - 10 * MINUTE;

  /** A batch read `agoMs` before now, while the status has been bad for ten minutes. */
  const beats = (batch: number, agoMs: number, batchSeconds = 60): boolean => {
    const known = must(aWorker().progress);
    const batchMs = [batchSeconds * SECOND, batchSeconds * SECOND];
    const progress = { ...known, batch, atMs: NOW - agoMs, batchMs };
    const worker = aWorker({ badStatus: aBadStatus({ sinceMs: statusAtMs }), progress });
    return isBeatenByLog(worker, spec, NOW);
  };

  it.each([
    ["a batch newer than the bad status", 31, SECOND, true],
    ["the batch known before", 30, SECOND, false],
    ["a higher batch read with the status", 31, 10 * MINUTE, false],
    ["a higher batch a millisecond less than 120 s old", 31, 120 * SECOND - 1, true],
    ["a higher batch 120 s old", 31, 120 * SECOND, false],
  ])("%s overrules it: %s", (_words, batch, agoMs, expected) => {
    expect(beats(batch, agoMs)).toBe(expected);
  });

  it("overrules it for twice its own batch time where that is longer, and then no more", () => {
    expect([beats(31, 400 * SECOND - 1, 200), beats(31, 400 * SECOND, 200)]).toEqual([true, false]);
  });

  it("overrules it for two batches by the worker's own words, until two have been timed", () => {
    const gamesPerSecond = 7680 / 30 / 355;
    const said = (agoMs: number): boolean => {
      const progress = { ...must(aWorker().progress), gamesPerSecond, batchMs: [], atMs: NOW - agoMs };
      return isBeatenByLog(
        aWorker({ badStatus: aBadStatus({ sinceMs: NOW - HOUR, batch: null }), progress }),
        spec,
        NOW,
      );
    };
    expect([said(710 * SECOND - 1), said(710 * SECOND)]).toEqual([true, false]);
  });

  it("of a worker whose log has not moved yet, or whose status is well, overrules nothing", () => {
    const badStatus = aBadStatus({ sinceMs: statusAtMs, batch: null });
    expect(isBeatenByLog(aBootingWorker({ badStatus }), spec, NOW)).toBe(false);
    expect(isBeatenByLog(aWorker(), spec, NOW)).toBe(false);
  });
});

describe("lines of a start under a status that says it does not run", () => {
  const exited = anInstance({ actualStatus: "exited" });
  const setUp = (changes: Partial<WorkerMemory> = {}): WorkerMemory =>
    aBootingWorker({
      status: "running",
      mark: "line 1",
      reportAtMs: NOW - MINUTE,
      clock: { kind: "setup", sinceMs: NOW - MINUTE, movedAtMs: NOW - MINUTE, measuredAtMs: NOW - MINUTE },
      ...changes,
    });
  const called = (worker: WorkerMemory, row = exited): WorkerMemory =>
    observeRow(worker, row, { spec, nowMs: NOW, sweepBegunAtMs: NOW });
  const read = (worker: WorkerMemory, seconds: number, mark: string, phase: "setup" | "starting" = "setup") => {
    const atMs = NOW + seconds * SECOND;
    return observeReport(worker, aReport({ phase, mark }, atMs), { spec, nowMs: atMs, writesExamples: true });
  };
  const isBelieved = (worker: WorkerMemory, seconds: number): boolean =>
    isBeatenByLog(worker, spec, NOW + seconds * SECOND);

  it.each([
    ["setup", 600],
    ["starting", 900],
  ] as const)("overrule it in %s for %i s from the last that was new, and are shown in the verdict", (phase, limit) => {
    const moved = read(called(setUp()), 5, "line 2", phase);
    expect([isBelieved(moved, 5 + limit - 0.001), isBelieved(moved, 5 + limit)]).toEqual([true, false]);
    expect(moved.verdict).toBe(phase === "setup" ? "setting-up" : "waiting");
    const later = read(read(moved, 50, "line 2", phase), 95, "line 3", phase);
    expect([isBelieved(later, 95 + limit - 0.001), isBelieved(later, 95 + limit)]).toEqual([true, false]);
  });

  it("overrule nothing where there are none", () => {
    expect(isBelieved(read(called(setUp()), 5, "line 1"), 5)).toBe(false);
  });

  it("of a log that was never read before are no news until they move", () => {
    const first = read(called(aBootingWorker({ status: "running" })), 5, "line 1");
    expect(isBelieved(first, 5)).toBe(false);
    expect(isBelieved(read(first, 50, "line 1"), 50)).toBe(false);
    expect(isBelieved(read(first, 50, "line 2"), 50)).toBe(true);
  });

  it("overrule nothing where the contract is stopped too, or no container is up", () => {
    const stopped = called(setUp(), anInstance({ actualStatus: "exited", currentState: "stopped" }));
    expect(isBelieved(read(stopped, 5, "line 2"), 5)).toBe(false);
    const clock = { ...setUp().clock, kind: "boot" } as const;
    const report = aReport({ phase: "no-container", mark: "line 2" }, NOW + SECOND);
    const empty = observeReport(called(setUp({ clock })), report, { spec, nowMs: NOW + SECOND, writesExamples: true });
    expect(isBelieved(empty, 1)).toBe(false);
  });
});

describe("a batch that was printed before a stop and is read after it", () => {
  const statusAtMs = NOW;
  const stopped = anInstance({ actualStatus: "exited", currentState: "stopped" });
  const before = observeRow(aWorker(), stopped, { spec, nowMs: NOW, sweepBegunAtMs: statusAtMs });
  const read = (worker: WorkerMemory, secondsLater: number, mark = "mark-31", batch = 31): WorkerMemory => {
    const atMs = statusAtMs + secondsLater * SECOND;
    const report = aReport({ progress: someProgress({ batch }), mark }, atMs);
    return observeReport(worker, report, { spec, nowMs: atMs, writesExamples: true });
  };
  const isBelieved = (worker: WorkerMemory): boolean => isBeatenByLog(worker, spec, NOW + MINUTE);
  const first = read(before, 2);

  it("is believed at its first read, and not after a second one without a new line", () => {
    expect(isBelieved(first)).toBe(true);
    expect(isBelieved(read(first, 17 - 0.001))).toBe(true);
    expect(isBelieved(read(first, 17))).toBe(false);
  });

  it("is believed as long as lines come", () => {
    const other = read(first, 17, "another line");
    expect(isBelieved(other)).toBe(true);
    expect(isBelieved(read(other, 31, "another line"))).toBe(true);
    expect(isBelieved(read(other, 32, "another line"))).toBe(false);
  });

  it("is believed longer where the contract is said to run: one word of the market against the log", () => {
    const runs = observeRow(aWorker(), anInstance({ actualStatus: "exited" }), {
      spec,
      nowMs: NOW,
      sweepBegunAtMs: statusAtMs,
    });
    expect(runs.badStatus?.isStopped).toBe(false);
    expect(isBelieved(read(read(runs, 2), 40))).toBe(true);
  });

  it("counts no read from before the status", () => {
    expect(read(before, -5).badStatus?.still).toBeNull();
    expect(read(before, 0).badStatus?.still).toBeNull();
  });
});
