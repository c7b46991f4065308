import { describe, expect, it } from "vitest";
import { gapLimitMs } from "../../src/fleet/clock.ts";
import type { WorkerMemory } from "../../src/fleet/memory.ts";
import { addRate } from "../../src/fleet/rate-history.ts";
import type { LogReport } from "../../src/fleet/report.ts";
import { meetWorker, observeReport, observeRow } from "../../src/fleet/worker.ts";
import {
  aBadStatus,
  aBootingWorker,
  anError,
  anInstance,
  aReport,
  aSpec,
  aWorker,
  FINGERPRINT,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
  someProgress,
} from "../support/builders.ts";

const spec = aSpec();
const terms = { spec, nowMs: NOW, writesExamples: true };
const rowTerms = { ...terms, sweepBegunAtMs: NOW };
const aHeldBack = (requestedAtMs: number): LogReport => ({
  kind: "not-measured",
  instanceId: 1000,
  requestedAtMs,
  receivedAtMs: requestedAtMs,
  reason: "the market's pace left no place in this round",
  isHeldBack: true,
});
const sighting = {
  slot: 0,
  label: "zeb-worker-vast-0",
  intentId: "intent-0",
  fingerprint: FINGERPRINT,
  uploadIntervalSeconds: 240,
};

describe("the row of a worker", () => {
  it("changes nothing in a quiet world", () => {
    expect(observeRow(aWorker(), anInstance(), rowTerms)).toEqual(aWorker());
  });

  it("keeps what is known where the row does not say", () => {
    const row = anInstance({ label: null, machineId: null, gpu: null, usdPerHour: null, ssh: null, startedAtMs: null });
    expect(observeRow(aWorker(), row, rowTerms)).toEqual(aWorker());
  });

  it("that is missing counts a sweep, and touches neither clock nor progress", () => {
    expect(observeRow(aWorker(), null, rowTerms)).toEqual(
      aWorker({
        missing: { firstBegunAtMs: NOW, lastBegunAtMs: NOW, sweeps: 1 },
        verdict: "gone",
        detail: "not in the list, not yet proven gone",
        verdictSinceMs: NOW,
      }),
    );
  });

  it("that is back ends the count", () => {
    const before = observeRow(aWorker(), null, rowTerms);
    expect(observeRow(before, anInstance(), rowTerms)).toEqual(aWorker({ verdictSinceMs: NOW }));
  });

  it.each([
    ["longer than two polls ago has nobody asked for its log since then: it returns", 1, NOW],
    ["two polls ago has missed no more than a poll or two", 0, null],
  ])("that was first missing %s", (_words, moreMs, returnedAtMs) => {
    const firstBegunAtMs = NOW - gapLimitMs(rowTerms.spec) - moreMs;
    const missing = { firstBegunAtMs, lastBegunAtMs: NOW - MINUTE, sweeps: 5 };
    expect(observeRow(aWorker({ missing }), anInstance(), rowTerms)).toMatchObject({ missing: null, returnedAtMs });
    expect(observeRow(aWorker({ returnedAtMs: 7 }), anInstance(), rowTerms).returnedAtMs).toBe(7);
  });

  it("runs the boot clock by sweeps while the box is on its way", () => {
    const box = anInstance({ actualStatus: "loading", statusMessage: "pulling" });
    const before = aBootingWorker({ sinceMs: NOW - 5 * MINUTE });
    expect(observeRow(before, box, rowTerms).clock).toEqual({ ...before.clock, measuredAtMs: NOW });
  });

  it("sees the boot move when the daemon says something new", () => {
    const box = anInstance({ actualStatus: "loading", statusMessage: "layer 4 of 9" });
    const before = aBootingWorker({ sinceMs: NOW - 5 * MINUTE });
    expect(observeRow(before, box, rowTerms).clock.movedAtMs).toBe(NOW);
  });

  it.each([
    ["runs, its log unread", anInstance({ statusMessage: "pulling" }), aBootingWorker()],
    ["is on its way again after it produced", anInstance({ actualStatus: "loading" }), aWorker()],
  ])("does not run the boot clock of a box that %s", (_words, box, before) => {
    expect(observeRow(before, box, rowTerms).clock).toEqual(before.clock);
  });

  it.each(["loading", null, "created", "rebooting", "recycling", "frozen"])(
    "runs a boot clock of its own by sweeps while a box that was past its boot is %s, and leaves the log's clock alone",
    (actualStatus) => {
      const box = anInstance({ actualStatus });
      const first = observeRow(aWorker(), box, rowTerms);
      expect(first.reboot).toEqual({ kind: "boot", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW });
      expect([first.clock, first.verdict]).toEqual([aWorker().clock, "producing"]);
      const later = observeRow(first, box, { ...rowTerms, sweepBegunAtMs: NOW + MINUTE });
      expect(later.reboot).toEqual({ ...first.reboot, measuredAtMs: NOW + MINUTE });
      const pulled = observeRow(later, { ...box, statusMessage: "layer 1" }, { ...rowTerms, sweepBegunAtMs: NOW + 99 });
      expect(pulled.reboot).toEqual(later.reboot);
      const moved = { ...rowTerms, sweepBegunAtMs: NOW + 2 * MINUTE };
      expect(observeRow(later, { ...box, statusMessage: "layer 2" }, moved).reboot?.movedAtMs).toBe(NOW + 2 * MINUTE);
    },
  );

  it.each(["running", "exited", "offline", "a word nobody knows"])("runs none while it is %s", (actualStatus) => {
    const before = observeRow(aWorker(), anInstance({ actualStatus: "loading" }), rowTerms);
    expect(observeRow(before, anInstance({ actualStatus }), rowTerms).reboot).toBeNull();
    expect(observeRow(aBootingWorker(), anInstance({ actualStatus }), rowTerms).reboot).toBeNull();
  });

  it("begins the boot of a box that was past it anew where no list has told of it for more than two polls", () => {
    const box = anInstance({ actualStatus: "loading" });
    const first = observeRow(aWorker(), box, rowTerms);
    const sinceOf = (sweepBegunAtMs: number) => observeRow(first, box, { ...rowTerms, sweepBegunAtMs }).reboot?.sinceMs;
    expect(sinceOf(NOW + gapLimitMs(spec))).toBe(NOW);
    expect(sinceOf(NOW + gapLimitMs(spec) + 1)).toBe(NOW + gapLimitMs(spec) + 1);
  });

  it("is shown as booting when its log has told nothing for more than two polls, and not before", () => {
    const shownAt = (nowMs: number) => {
      const at = { ...rowTerms, nowMs, sweepBegunAtMs: nowMs };
      const { verdict, detail } = observeRow(aWorker(), anInstance({ actualStatus: "loading" }), at);
      return [verdict, detail];
    };
    const lastMs = NOW - 30 * SECOND + gapLimitMs(spec);
    expect(shownAt(lastMs)).toEqual(["producing", "batch 30"]);
    expect(shownAt(lastMs + 1)).toEqual(["booting", "loading again, not measured for 325 s"]);
  });

  it("remembers since when the status is bad and which batch was known then", () => {
    const exited = anInstance({ actualStatus: "exited" });
    const first = observeRow(aWorker(), exited, rowTerms);
    expect(first.badStatus).toEqual(aBadStatus({ sinceMs: NOW, askedAtMs: null }));
    expect(first).toMatchObject({ verdict: "failed", detail: "status exited" });
    const later = observeRow(first, exited, { ...rowTerms, sweepBegunAtMs: NOW + MINUTE });
    expect(later.badStatus).toMatchObject({ sinceMs: NOW, batch: 30 });
    expect(observeRow(later, anInstance(), rowTerms).badStatus).toBeNull();
  });

  it("begins the time of a bad status anew where nobody has looked for more than two polls", () => {
    const exited = anInstance({ actualStatus: "exited" });
    const first = observeRow(aWorker(), exited, rowTerms);
    const limitMs = gapLimitMs(rowTerms.spec);
    const again = (sweepBegunAtMs: number) => observeRow(first, exited, { ...rowTerms, sweepBegunAtMs }).badStatus;
    expect(again(NOW + limitMs)).toMatchObject({ sinceMs: NOW, seenAtMs: NOW + limitMs });
    expect(again(NOW + limitMs + 1)).toMatchObject({ sinceMs: NOW + limitMs + 1 });
  });

  it("meets a box with nothing but its row", () => {
    const box = anInstance({ actualStatus: null, statusMessage: null, startedAtMs: NOW });
    const met = meetWorker(box, sighting, NOW);
    expect(met).toEqual(
      aBootingWorker({
        sinceMs: NOW,
        clock: { kind: "boot", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW },
        status: null,
        statusMessage: null,
        intentId: "intent-0",
        detail: "first seen",
      }),
    );
    expect(observeRow(met, box, rowTerms)).toMatchObject({ verdict: "booting", detail: "being provisioned" });
  });
});

describe("a log report", () => {
  it.each([
    [
      "not measured",
      { kind: "not-measured" as const, instanceId: 1000, requestedAtMs: NOW, receivedAtMs: NOW, reason: "503" },
    ],
    ["stale", aReport({ progress: someProgress({ batch: 99 }) }, NOW, true)],
    ["counted already", aReport({ progress: someProgress({ batch: 99 }) }, NOW - 30 * SECOND)],
    ["older than the last", aReport({ error: anError() }, NOW - MINUTE)],
  ])("that is %s changes nothing", (_words, report) => {
    expect(observeReport(aWorker(), report, terms)).toEqual(aWorker());
  });

  it("with a new batch restarts the stall clock and measures the batch", () => {
    const report = aReport({ progress: someProgress() });
    const after = observeReport(aWorker(), report, terms);
    expect(after).toEqual(
      aWorker({
        clock: { kind: "produce", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW },
        unproductiveSinceMs: aWorker().unproductiveSinceMs,
        mark: "mark-31",
        delivery: { ...must(aWorker().delivery), measuredAtMs: NOW },
        progress: {
          batch: 31,
          gamesPerSecond: 2.4,
          totalGames: 7936,
          atMs: NOW,
          batchMs: [100_000, 100_000, 100_000, 30_000],
        },
        rateHistory: addRate(aWorker().rateHistory, NOW, 2.4),
        reportAtMs: NOW,
        detail: "batch 31",
      }),
    );
  });

  it("without a new batch lets the stall clock run on", () => {
    const after = observeReport(aWorker(), aReport({ progress: someProgress({ batch: 30 }) }), terms);
    expect(after.clock).toMatchObject({ sinceMs: NOW - 30 * SECOND, measuredAtMs: NOW });
    expect(after.progress).toEqual(aWorker().progress);
  });

  it("that shows two batches at once counts each half the time, and keeps the last nine", () => {
    const before = aWorker({ progress: { ...must(aWorker().progress), batchMs: [1, 2, 3, 4, 5, 6, 7, 8, 9] } });
    const after = observeReport(before, aReport({ progress: someProgress({ batch: 32 }) }), terms);
    expect(after.progress?.batchMs).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 15_000]);
  });

  it("with a smaller batch is a worker started anew", () => {
    const after = observeReport(aWorker(), aReport({ progress: someProgress({ batch: 1 }) }), terms);
    expect(after.progress).toMatchObject({ batch: 1, batchMs: [] });
    expect(after.clock.sinceMs).toBe(NOW);
  });

  it.each([
    ["exactly two polls and a log round runs the clock on", 0, NOW - 10 * MINUTE],
    ["a millisecond more restarts it", 1, NOW],
  ])("after a gap of %s", (_words, moreMs, sinceMs) => {
    const measuredAtMs = NOW - gapLimitMs(spec) - moreMs;
    const before = aWorker({
      clock: { kind: "produce", sinceMs: NOW - 10 * MINUTE, movedAtMs: NOW - 10 * MINUTE, measuredAtMs },
      reportAtMs: measuredAtMs,
    });
    expect(observeReport(before, aReport({ progress: someProgress({ batch: 30 }) }), terms).clock.sinceMs).toBe(
      sinceMs,
    );
  });

  describe("after turns that the market's pace has held back", () => {
    const limitMs = gapLimitMs(spec);

    /** Read an hour ago with this on its clock, and held back so long before now. */
    const heldBack = (agoMs: number, ranMs: number, changes: Partial<WorkerMemory> = {}): WorkerMemory => {
      const measuredAtMs = NOW - HOUR;
      const clock = { kind: "setup", sinceMs: measuredAtMs - ranMs, movedAtMs: measuredAtMs, measuredAtMs } as const;
      const worker = aBootingWorker({
        clock,
        reportAtMs: measuredAtMs,
        mark: "mark-31",
        status: "running",
        ...changes,
      });
      return observeReport(worker, aHeldBack(NOW - agoMs), terms);
    };

    it("goes on by two polls, however long they took, unless the last of them is older than that", () => {
      const read = (worker: WorkerMemory) => observeReport(worker, aReport({ phase: "setup" }), terms);
      const after = read(heldBack(limitMs, MINUTE));
      expect(after.clock).toEqual({
        kind: "setup",
        sinceMs: NOW - MINUTE - limitMs,
        movedAtMs: NOW - limitMs,
        measuredAtMs: NOW,
      });
      expect(after.unproductiveSinceMs).toBe(NOW - MINUTE - limitMs);
      const anew = { kind: "setup", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW };
      const late = read(heldBack(limitMs + 1, MINUTE));
      expect([late.clock, late.unproductiveSinceMs]).toEqual([anew, NOW]);
      expect(read(heldBack(HOUR, MINUTE)).clock).toEqual(anew);
    });

    it("the time of its batches is known all the same, and the grace of its error goes on", () => {
      const error = { ...anError(), sinceMs: NOW - HOUR - MINUTE, seenAtMs: NOW - HOUR };
      const progress = { ...must(aWorker().progress), atMs: NOW - HOUR };
      const { clock } = heldBack(1, 0);
      const before = heldBack(MINUTE, 0, { progress, error, clock: { ...clock, kind: "produce" } });
      const played = observeReport(before, aReport({ progress: someProgress({ batch: 40 }) }), terms);
      expect(played.progress?.batchMs.at(-1)).toBe(6 * MINUTE);
      const failing = observeReport(before, aReport({ error: anError() }), terms);
      expect(failing.error).toMatchObject({ sinceMs: NOW - MINUTE - limitMs, seenAtMs: NOW });
    });
  });

  it("after a gap does not take the gap for a batch time", () => {
    const atMs = NOW - gapLimitMs(spec) - 1;
    const clock = { kind: "produce", sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs } as const;
    const after = observeReport(aWorker({ clock, reportAtMs: atMs }), aReport({ progress: someProgress() }), terms);
    expect(after.progress?.batchMs).toEqual([100_000, 100_000, 100_000]);
  });

  it.each([
    ["setup lines", { phase: "setup" as const }, "running", "setup", "setting-up"],
    ["no container", { phase: "no-container" as const }, "running", "boot", "booting"],
    ["an empty log of a box on its way", { phase: "empty" as const }, "loading", "boot", "booting"],
    ["an empty log of a running box", { phase: "empty" as const }, "running", "wait", "waiting"],
    ["unknown lines", { phase: "unrecognised" as const }, "running", "wait", "waiting"],
    ["start lines before a first batch", { phase: "starting" as const }, "running", "wait", "waiting"],
  ])("with %s", (_words, facts, status, kind, verdict) => {
    const after = observeReport(aBootingWorker({ status }), aReport(facts), terms);
    expect([after.clock.kind, after.verdict]).toEqual([kind, verdict]);
  });

  it("asked for before the sweep that moved the clock does not turn the clock back", () => {
    const before = aBootingWorker();
    const report = aReport({ phase: "setup" }, before.clock.measuredAtMs - 1);
    expect(observeReport(before, report, terms).clock).toEqual(before.clock);
  });

  it("of another phase begins its clock anew, and not the time of the whole start", () => {
    const sinceMs = NOW - 10 * MINUTE;
    const before = aBootingWorker({ sinceMs, status: "running" });
    const setUp = observeReport(before, aReport({ phase: "setup" }, NOW - 2), terms);
    const back = observeReport(setUp, aReport({ phase: "no-container" }, NOW - 1), terms);
    const again = observeReport(back, aReport({ phase: "setup" }, NOW), terms);
    expect(again.clock).toMatchObject({ kind: "setup", sinceMs: NOW });
    expect(again.unproductiveSinceMs).toBe(sinceMs);
  });

  it("after a gap begins the time of the whole start anew, too", () => {
    const atMs = NOW - gapLimitMs(spec);
    const seen = (agoMs: number) => {
      const clock = { kind: "setup", sinceMs: atMs - HOUR, movedAtMs: atMs, measuredAtMs: NOW - agoMs } as const;
      return observeReport(aBootingWorker({ clock, reportAtMs: NOW - agoMs }), aReport({ phase: "setup" }), terms);
    };
    expect(seen(gapLimitMs(spec)).unproductiveSinceMs).toBe(atMs - HOUR);
    expect(seen(gapLimitMs(spec) + 1).unproductiveSinceMs).toBe(NOW);
  });

  it("keeps a worker that has produced on its stall clock, whatever its log says later", () => {
    expect(observeReport(aWorker(), aReport({ phase: "setup" }), terms).clock.kind).toBe("produce");
  });

  it("of uploading is shown as uploading", () => {
    expect(observeReport(aWorker(), aReport({ isUploading: true }), terms).verdict).toBe("uploading");
  });

  it("gives an error one first sight, until a report without error", () => {
    const first = observeReport(aWorker(), aReport({ error: anError() }), terms);
    expect(first.error).toEqual({ ...anError(), sinceMs: NOW, seenAtMs: NOW });
    expect(first).toMatchObject({ verdict: "failed", detail: "RuntimeError: boom" });
    const again = observeReport(first, aReport({ error: anError() }, NOW + MINUTE), terms);
    expect(again.error).toMatchObject({ sinceMs: NOW, seenAtMs: NOW + MINUTE });
    expect(observeReport(again, aReport({}, NOW + 2 * MINUTE), terms).error).toBeNull();
  });

  it("with an error after a new batch begins the grace anew: the worker has got over the last one", () => {
    const first = observeReport(aWorker(), aReport({ error: anError() }), terms);
    const moved = aReport({ error: anError(), progress: someProgress({ batch: 31 }) }, NOW + MINUTE);
    expect(observeReport(first, moved, terms).error).toMatchObject({ sinceMs: NOW + MINUTE, seenAtMs: NOW + MINUTE });
    const restarted = aReport({ error: anError(), progress: someProgress({ batch: 1 }) }, NOW + MINUTE);
    expect(observeReport(first, restarted, terms).error).toMatchObject({ sinceMs: NOW });
  });

  it.each([
    ["exactly two polls and a log round the grace runs on", 0, false],
    ["a millisecond more it begins anew", 1, true],
  ])("of an error that was not seen for %s", (_words, moreMs, isAnew) => {
    const first = observeReport(aWorker(), aReport({ error: anError() }), terms);
    const laterMs = NOW + gapLimitMs(spec) + moreMs;
    const later = observeReport(first, aReport({ error: anError() }, laterMs), terms);
    expect(later.error?.sinceMs).toBe(isAnew ? laterMs : NOW);
  });

  it("with another error does not begin the grace anew", () => {
    const first = observeReport(aWorker(), aReport({ error: anError() }), terms);
    const other = observeReport(first, aReport({ error: anError({ signature: "other" }) }, NOW + MINUTE), terms);
    expect(other.error).toMatchObject({ signature: "other", sinceMs: NOW, seenAtMs: NOW + MINUTE });
  });
});

describe("evidence that ages", () => {
  it.each([
    ["for exactly two polls and a log round", 0, "producing"],
    ["for a millisecond more", 1, "unknown"],
  ])("not measured %s", (_words, moreMs, verdict) => {
    const nowMs = NOW - 30 * SECOND + gapLimitMs(spec) + moreMs;
    expect(observeRow(aWorker(), anInstance(), { ...rowTerms, nowMs }).verdict).toBe(verdict);
  });

  it("is judged by twice the longest of both polls and the ramp cadence, and the 25 s that a log round may take", () => {
    expect(gapLimitMs(spec)).toBe(325 * SECOND);
    expect(gapLimitMs(aSpec({ cadenceSeconds: { ramp: 200 } }))).toBe(425 * SECOND);
    expect(gapLimitMs(aSpec({ cadenceSeconds: { ramp: 5, logPoll: 4, logPollSteady: 8 } }))).toBe(41 * SECOND);
    expect(gapLimitMs(aSpec({ cadenceSeconds: { logPoll: 400 } }))).toBe(825 * SECOND);
  });
});
