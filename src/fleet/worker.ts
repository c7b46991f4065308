// One worker through one CHECK: the row of the list, its latest log report and what we remember become the next memory
// and a verdict. Nothing is decided about it here.

import { trackMissing } from "./absence.ts";
import { beginClock, clockLimitMs, elapsedMs, gapLimitMs, runClock, runStart, uncountedMs } from "./clock.ts";
import { isUndelivered, nextDelivery, undeliveredWords } from "./delivery.ts";
import type { Instance } from "./instance.ts";
import type { ClockKind, Verdict, WorkerMemory, WorkerProgress } from "./memory.ts";
import { addRate, NO_RATES } from "./rate-history.ts";
import type { LogFacts, LogReport } from "./report.ts";
import type { FleetSpec } from "./spec.ts";
import { isBeatenByLog, isOnItsWay, nextBadStatus, seenSinceStatus } from "./status.ts";

const MAX_BATCH_TIMES = 9;

export interface Sighting {
  readonly slot: number;
  readonly label: string;
  readonly intentId: string | null;
  readonly fingerprint: string | null;
  readonly uploadIntervalSeconds: number | null;
}

/** The memory of an instance seen for the first time. */
export function meetWorker(row: Instance, sighting: Sighting, nowMs: number): WorkerMemory {
  return {
    instanceId: row.instanceId,
    ...sighting,
    machineId: row.machineId,
    gpu: row.gpu,
    usdPerHour: row.usdPerHour,
    storageUsdPerHour: row.storageUsdPerHour,
    status: row.actualStatus,
    statusMessage: row.statusMessage,
    ssh: formatSsh(row),
    startedAtMs: row.startedAtMs,
    firstSeenAtMs: nowMs,
    badStatus: null,
    missing: null,
    clock: beginClock("boot", nowMs),
    reboot: null,
    unproductiveSinceMs: nowMs,
    mark: null,
    progress: null,
    error: null,
    isUploading: false,
    delivery: null,
    reportAtMs: null,
    heldBackAtMs: null,
    returnedAtMs: null,
    milestone: null,
    commit: null,
    verdict: "booting",
    detail: "first seen",
    verdictSinceMs: nowMs,
    rateHistory: NO_RATES,
  };
}

/** The command that logs in to it (runbook §4); `null` while the market says no address. */
export function formatSsh(row: Pick<Instance, "ssh">): string | null {
  return row.ssh === null ? null : `ssh -p ${row.ssh.port} root@${row.ssh.host}`;
}

export interface ReportTerms {
  readonly spec: FleetSpec;
  readonly nowMs: number;
}

export interface LogTerms extends ReportTerms {
  /** The workload uploads what it makes and its log says so (`tellsOfUploads`). */
  readonly writesExamples: boolean;
}

export interface RowTerms extends ReportTerms {
  readonly sweepBegunAtMs: number;
}

/** The worker after a proven list: what its row says, or one more sweep that does not show it (`row` is `null`). */
export function observeRow(before: WorkerMemory, row: Instance | null, terms: RowTerms): WorkerMemory {
  if (row === null) {
    return judged(before, { ...before, missing: trackMissing(before.missing, terms.sweepBegunAtMs, 0) }, terms);
  }
  const isComing = isOnItsWay(row.actualStatus);
  const isMoved = row.statusMessage !== before.statusMessage;
  const isBootSeen = isComing && before.clock.kind === "boot";
  const seen = { kind: "boot", atMs: terms.sweepBegunAtMs, isMoved, isNewBatch: false } as const;
  const next: WorkerMemory = {
    ...before,
    label: row.label ?? before.label,
    machineId: row.machineId ?? before.machineId,
    gpu: row.gpu ?? before.gpu,
    usdPerHour: row.usdPerHour ?? before.usdPerHour,
    storageUsdPerHour: row.storageUsdPerHour ?? before.storageUsdPerHour,
    status: row.actualStatus,
    statusMessage: row.statusMessage,
    ssh: formatSsh(row) ?? before.ssh,
    startedAtMs: row.startedAtMs ?? before.startedAtMs,
    badStatus: nextBadStatus(before, row, terms),
    missing: null,
    returnedAtMs: isReturn(before, terms) ? terms.sweepBegunAtMs : before.returnedAtMs,
    clock: isBootSeen ? runClock(before.clock, seen, terms.spec) : before.clock,
    reboot:
      isComing && !isBootSeen
        ? runClock(before.reboot ?? beginClock("boot", terms.sweepBegunAtMs), seen, terms.spec)
        : null,
    unproductiveSinceMs: isBootSeen ? runStart(before, seen, terms.spec) : before.unproductiveSinceMs,
  };
  return judged(before, next, terms);
}

/** The logs of boxes that the list does not show are not asked for. */
function isReturn({ missing }: WorkerMemory, { sweepBegunAtMs, spec }: RowTerms): boolean {
  return missing !== null && sweepBegunAtMs - missing.firstBegunAtMs > gapLimitMs(spec);
}

/** The worker after a log report. A report already counted, a stale one and "not measured" change nothing but the verdict. */
export function observeReport(before: WorkerMemory, report: LogReport, terms: LogTerms): WorkerMemory {
  if (report.kind === "not-measured" && report.isHeldBack === true)
    return judged(before, { ...before, heldBackAtMs: report.requestedAtMs }, terms);
  const isNew = report.requestedAtMs > (before.reportAtMs ?? 0);
  if (!isNew || report.kind !== "measured" || report.isStale) return judged(before, before, terms);
  const { facts, requestedAtMs } = report;
  const moment = { atMs: requestedAtMs, heldBackAtMs: before.heldBackAtMs };
  const progress = nextProgress(before, facts, requestedAtMs, terms.spec);
  const isNewBatch = progress !== null && progress.batch !== before.progress?.batch;
  const next: WorkerMemory = {
    ...before,
    clock: runClock(
      before.clock,
      { ...moment, kind: phaseClock(before, facts), isMoved: facts.mark !== before.mark, isNewBatch },
      terms.spec,
    ),
    unproductiveSinceMs: runStart(before, moment, terms.spec),
    mark: facts.mark,
    progress,
    rateHistory: isNewBatch ? addRate(before.rateHistory, requestedAtMs, progress.gamesPerSecond) : before.rateHistory,
    isUploading: facts.isUploading,
    uploadIntervalSeconds: before.uploadIntervalSeconds ?? facts.uploadIntervalSeconds,
    delivery: terms.writesExamples ? nextDelivery(before, facts, requestedAtMs, terms.spec) : null,
    badStatus: seenSinceStatus(before, facts.mark, requestedAtMs),
    error: nextError(before, facts, requestedAtMs, terms.spec),
    reportAtMs: requestedAtMs,
    milestone: facts.milestone ?? before.milestone,
    commit: facts.commit ?? before.commit,
  };
  return judged(before, next, terms);
}

/** With its verdict, and since when it has been this one. */
function judged(before: WorkerMemory, next: WorkerMemory, terms: ReportTerms): WorkerMemory {
  const found = verdictOf(next, terms);
  const isSame = found.verdict === before.verdict || (atWork(found.verdict) && atWork(before.verdict));
  const verdictSinceMs = isSame ? before.verdictSinceMs : terms.nowMs;
  return { ...next, ...found, verdictSinceMs };
}

/** A worker that uploads goes on playing: for whoever looks, that is one time. */
function atWork(verdict: WorkerMemory["verdict"]): boolean {
  return verdict === "producing" || verdict === "uploading";
}

function nextProgress(before: WorkerMemory, facts: LogFacts, atMs: number, spec: FleetSpec): WorkerProgress | null {
  const { progress } = facts;
  if (progress === null) return before.progress;
  const known = before.progress;
  const rates = { batch: progress.batch, gamesPerSecond: progress.gamesPerSecond, totalGames: progress.totalGames };
  if (known === null || progress.batch < known.batch) return { ...rates, atMs, batchMs: [] };
  if (progress.batch === known.batch) return known;
  const isGap = uncountedMs(before.clock.measuredAtMs, { atMs, heldBackAtMs: before.heldBackAtMs }, spec) === null;
  const perBatch = (atMs - known.atMs) / (progress.batch - known.batch);
  const batchMs = isGap ? known.batchMs : [...known.batchMs, perBatch].slice(-MAX_BATCH_TIMES);
  return { ...rates, atMs, batchMs };
}

/** Which timer the log calls for. A worker that has produced stays on its stall limit. */
function phaseClock(before: WorkerMemory, facts: LogFacts): ClockKind {
  if (facts.progress !== null || facts.phase === "producing" || before.progress !== null) return "produce";
  if (facts.phase === "setup") return "setup";
  if (facts.phase === "no-container") return "boot";
  return facts.phase === "empty" && before.status !== "running" ? "boot" : "wait";
}

/**
 * One grace for an unbroken run of errors, whatever each says: a worker that fails in turns does not start anew. A later
 * batch breaks the run, because the error stands behind every batch of the log; so does a gap in the evidence, as it breaks
 * the other clocks.
 */
function nextError(before: WorkerMemory, facts: LogFacts, atMs: number, spec: FleetSpec): WorkerMemory["error"] {
  if (facts.error === null) return null;
  const known = before.error;
  const hasGoneOn = (facts.progress?.batch ?? 0) > (before.progress?.batch ?? 0);
  const leftOutMs =
    known === null || hasGoneOn ? null : uncountedMs(known.seenAtMs, { atMs, heldBackAtMs: before.heldBackAtMs }, spec);
  const sinceMs = known === null || leftOutMs === null ? atMs : known.sinceMs + leftOutMs;
  return { ...facts.error, sinceMs, seenAtMs: atMs };
}

function verdictOf(worker: WorkerMemory, { spec, nowMs }: ReportTerms): { verdict: Verdict; detail: string } {
  if (worker.missing !== null) return { verdict: "gone", detail: "not in the list, not yet proven gone" };
  if (worker.error !== null) return { verdict: "failed", detail: worker.error.line };
  if (worker.badStatus !== null && !isBeatenByLog(worker, spec, nowMs))
    return { verdict: "failed", detail: `status ${worker.badStatus.what}` };
  const evidenceAgeMs = nowMs - worker.clock.measuredAtMs;
  if (evidenceAgeMs > gapLimitMs(spec)) {
    const detail = `not measured for ${Math.round(evidenceAgeMs / 1000)} s`;
    if (worker.reboot === null) return { verdict: "unknown", detail };
    return { verdict: "booting", detail: `${worker.status ?? "being provisioned"} again, ${detail}` };
  }
  switch (worker.clock.kind) {
    case "produce": {
      const detail = `batch ${worker.progress?.batch ?? 0}`;
      if (elapsedMs(worker.clock) >= clockLimitMs(worker, spec)) return { verdict: "stalled", detail };
      if (isUndelivered(worker)) return { verdict: "undelivered", detail: `${detail}, ${undeliveredWords(worker)}` };
      return { verdict: worker.isUploading ? "uploading" : "producing", detail };
    }
    case "setup":
      return { verdict: "setting-up", detail: worker.milestone ?? "start script runs" };
    case "wait":
      return { verdict: "waiting", detail: worker.milestone ?? "no known line in the log" };
    case "boot":
      return worker.status === "running" && worker.reportAtMs === null
        ? { verdict: "booting", detail: "runs, log not measured yet" }
        : { verdict: "booting", detail: worker.statusMessage ?? worker.status ?? "being provisioned" };
  }
}
