import { describe, expect, it } from "vitest";
import type { WorkerMemory } from "../../src/fleet/memory.ts";
import { badStatusOf, isBeatenByLog, isStartError } from "../../src/fleet/status.ts";
import { observeReport, observeRow } from "../../src/fleet/worker.ts";
import {
  aBadStatus,
  aBootingWorker,
  anInstance,
  aReport,
  aSpec,
  aWorker,
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

describe("a log that contradicts a lagging status", () => {
  const statusAtMs = NOW - 10 * MINUTE;

  /** A batch read `agoMs` before now, while the status has been bad for ten minutes. */
  const beats = (batch: number, agoMs: number, batchSeconds = 60): boolean => {
    const known = must(aWorker().progress);
    const progress = { ...known, batch, atMs: NOW - agoMs, batchMs: [batchSeconds * SECOND] };
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

  it("of a worker that has given no batch yet, or whose status is well, overrules nothing", () => {
    const badStatus = aBadStatus({ sinceMs: statusAtMs, batch: null });
    expect(isBeatenByLog(aBootingWorker({ badStatus }), spec, NOW)).toBe(false);
    expect(isBeatenByLog(aWorker(), spec, NOW)).toBe(false);
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
