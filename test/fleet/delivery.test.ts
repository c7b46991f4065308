import { describe, expect, it } from "vitest";
import { gapLimitMs } from "../../src/fleet/clock.ts";
import {
  isLate,
  isUndelivered,
  nextDelivery,
  tellsOfUploads,
  undeliveredWords,
  uploadGapMs,
} from "../../src/fleet/delivery.ts";
import type { Delivery, WorkerMemory } from "../../src/fleet/memory.ts";
import type { UploadError } from "../../src/fleet/report.ts";
import { observeReport } from "../../src/fleet/worker.ts";
import { zebEvalAux } from "../../src/fleet/zeb-evalaux.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import {
  aBootingWorker,
  aReport,
  aSpec,
  aWorker,
  MINUTE,
  must,
  NOW,
  SECOND,
  someFacts,
  someProgress,
} from "../support/builders.ts";

const spec = aSpec();
const refused: UploadError = { fault: "refused", line: "403 Client Error", inARow: 1 };
const since = (sinceMs: number, changes: Partial<Delivery> = {}): Delivery => ({
  sinceMs,
  measuredAtMs: NOW - MINUTE,
  fromBatch: 25,
  batch: 24,
  deliveredAtMs: sinceMs,
  error: null,
  ...changes,
});

describe("the timer of the uploads", () => {
  const before = aWorker({ delivery: since(NOW - 10 * MINUTE) });
  const facts = (batch: number | null, deliveredBatch: number | null, uploadError: UploadError | null = null) =>
    someFacts({ progress: batch === null ? null : someProgress({ batch }), deliveredBatch, uploadError });

  it("does not run before the first batch", () => {
    expect(nextDelivery(aBootingWorker(), facts(null, null), NOW, spec)).toBeNull();
  });

  it("begins with the first report that shows a batch", () => {
    expect(nextDelivery(aBootingWorker(), facts(1, null), NOW, spec)).toEqual({
      sinceMs: NOW,
      measuredAtMs: NOW,
      fromBatch: 1,
      batch: null,
      deliveredAtMs: null,
      error: null,
    });
  });

  it("runs on while the newest completed upload is the same, or has left the window", () => {
    const on = { ...must(before.delivery), measuredAtMs: NOW };
    expect(nextDelivery(before, facts(31, 24), NOW, spec)).toEqual(on);
    expect(nextDelivery(before, facts(31, null), NOW, spec)).toEqual(on);
    expect(nextDelivery(before, facts(31, 24, refused), NOW, spec)).toEqual({ ...on, error: refused });
  });

  it("begins anew with a delivery", () => {
    expect(nextDelivery(before, facts(31, 30), NOW, spec)).toEqual(
      since(NOW, { measuredAtMs: NOW, fromBatch: 31, batch: 30 }),
    );
  });

  it.each([
    [0, NOW - 10 * MINUTE],
    [1, NOW],
  ])("after two polls, a round and %i ms without evidence", (moreMs, sinceMs) => {
    const delivery = since(NOW - 10 * MINUTE, { measuredAtMs: NOW - gapLimitMs(spec) - moreMs });
    expect(nextDelivery(aWorker({ delivery }), facts(31, 24), NOW, spec)?.sinceMs).toBe(sinceMs);
  });

  it("begins anew where the box was restarted: an old delivery is none of the new process", () => {
    expect(nextDelivery(before, facts(1, null), NOW, spec)).toEqual({
      sinceMs: NOW,
      measuredAtMs: NOW,
      fromBatch: 1,
      batch: null,
      deliveredAtMs: null,
      error: null,
    });
  });
});

describe("the time from one upload to the next", () => {
  it.each([
    ["interval alone, while the batch time is not known", 240, [], 240],
    ["a batch that fits in", 240, [80], 240],
    ["rounded up to the end of a batch", 240, [100], 300],
    ["a batch longer than the interval", 240, [600], 600],
    ["an interval that nobody knows", null, [100], null],
  ])("%s", (_words, uploadIntervalSeconds, batchSeconds, expected) => {
    const progress = { ...must(aWorker().progress), batchMs: batchSeconds.map((seconds) => seconds * SECOND) };
    const gapMs = uploadGapMs(aWorker({ uploadIntervalSeconds, progress }));
    expect(gapMs === null ? null : gapMs / SECOND).toBe(expected);
  });
});

describe("a worker that delivers nothing", () => {
  // Interval 240 s, batches of 100 s: an upload each 300 s.
  const silentFor = (ms: number, changes: Partial<WorkerMemory> = {}): WorkerMemory =>
    aWorker({ delivery: since(NOW - ms, { measuredAtMs: NOW }), ...changes });

  it.each<[string, WorkerMemory, boolean]>([
    ["899.999 s without an upload", silentFor(900 * SECOND - 1), false],
    ["900 s without an upload", silentFor(900 * SECOND), true],
    ["an upload under way", silentFor(900 * SECOND, { isUploading: true }), false],
    ["no batch since", silentFor(0, { delivery: since(0, { measuredAtMs: NOW, fromBatch: 30 }) }), false],
    ["an interval that nobody knows", silentFor(900 * SECOND, { uploadIntervalSeconds: null }), false],
    ["nothing that uploads", silentFor(0, { delivery: null }), false],
  ])("is told from others: %s", (_words, worker, expected) => {
    expect(isUndelivered(worker)).toBe(expected);
  });

  it("is late from two uploads on", () => {
    expect([isLate(silentFor(600 * SECOND - 1), 2), isLate(silentFor(600 * SECOND), 2)]).toEqual([false, true]);
  });

  it("says for how long, of how much, and why", () => {
    const worker = silentFor(0, { delivery: since(NOW - 900 * SECOND, { measuredAtMs: NOW, error: refused }) });
    expect(undeliveredWords(worker)).toBe("no upload completed for 900 s of 900 s: 403 Client Error");
    expect(undeliveredWords(silentFor(700 * SECOND))).toBe("no upload completed for 700 s of 900 s");
  });

  it("bears the verdict, and its batch", () => {
    const before = aWorker({ delivery: since(NOW - 900 * SECOND) });
    const report = aReport({ progress: someProgress({ batch: 31 }), uploadError: refused });
    const after = observeReport(before, report, { spec, nowMs: NOW, writesExamples: true });
    expect([after.verdict, after.detail]).toEqual([
      "undelivered",
      "batch 31, no upload completed for 900 s of 900 s: 403 Client Error",
    ]);
  });

  it("is none where the workload uploads nothing", () => {
    const before = aWorker({ delivery: since(NOW - 900 * SECOND) });
    const report = aReport({ progress: someProgress({ batch: 31 }) });
    const after = observeReport(before, report, { spec, nowMs: NOW, writesExamples: false });
    expect([after.verdict, after.delivery]).toEqual(["producing", null]);
  });

  it("that no longer brings batches has stalled", () => {
    const clock = { kind: "produce", sinceMs: NOW - 600 * SECOND, movedAtMs: NOW, measuredAtMs: NOW - SECOND } as const;
    const before = aWorker({ delivery: since(NOW - 3000 * SECOND), clock });
    const report = aReport({ progress: someProgress({ batch: 30 }) });
    expect(observeReport(before, report, { spec, nowMs: NOW, writesExamples: true }).verdict).toBe("stalled");
  });
});

it("the interval is the one it was rented with, else the one its log says", () => {
  const report = aReport({ phase: "starting", uploadIntervalSeconds: 432 });
  const intervalAfter = (uploadIntervalSeconds: number | null): number | null =>
    observeReport(aBootingWorker({ uploadIntervalSeconds }), report, { spec, nowMs: NOW, writesExamples: true })
      .uploadIntervalSeconds;
  expect([intervalAfter(240), intervalAfter(null)]).toEqual([240, 432]);
});

it("uploads are expected of workers that make examples and whose log tells of them", () => {
  const silent = { ...zeb, log: { ...zeb.log, uploadCompleted: [] } };
  const other = { ...zeb, hub: { ...zeb.hub, writesExamples: false } };
  expect([zeb, zebEvalAux, silent, other].map(tellsOfUploads)).toEqual([true, true, false, false]);
});
