// One worker through one CHECK: the row of the list, its latest log report and what we remember become the next memory
// and a verdict. Nothing is decided about it here.

import { trackMissing } from "./absence.ts";
import type { Instance } from "./instance.ts";
import type { ClockKind, Verdict, WorkerClock, WorkerMemory, WorkerProgress } from "./memory.ts";
import type { LogFacts, LogReport } from "./report.ts";
import type { FleetSpec } from "./spec.ts";

const MAX_BATCH_TIMES = 9;
/** Statuses that do not become running by themselves (Vast API reference §4). */
const DEAD_STATUSES: ReadonlySet<string> = new Set(["exited", "stopped", "offline", "unknown"]);
const START_ERROR = /OCI runtime create failed|CDI device|failed to inject CDI/i;

/** Evidence older than two polls breaks a clock: what happened in between is not known (design rule 9). */
export function gapLimitMs(spec: FleetSpec): number {
  return 2 * Math.max(spec.cadenceSeconds.logPollSteady, spec.cadenceSeconds.ramp) * 1000;
}

/** Why the row says that the instance does not run; `null` when it does, or is on its way. */
export function badStatusOf(row: Pick<Instance, "actualStatus" | "currentState" | "intendedStatus">): string | null {
  const { actualStatus, currentState, intendedStatus } = row;
  if (actualStatus !== null && DEAD_STATUSES.has(actualStatus)) return actualStatus;
  if (actualStatus === "created" && currentState === "stopped") return "created, contract stopped";
  if (intendedStatus === "stopped") return `${actualStatus ?? "provisioning"}, meant to be stopped`;
  return null;
}

/** A container that the host's runtime refused to start: visible in seconds, never mends (Vast API reference §4). */
export function isStartError(row: Pick<Instance, "actualStatus" | "statusMessage">): boolean {
  return row.actualStatus !== "running" && row.statusMessage !== null && START_ERROR.test(row.statusMessage);
}

export interface Sighting {
  readonly slot: number;
  readonly label: string;
  readonly intentId: string | null;
  readonly fingerprint: string | null;
}

/** The memory of an instance seen for the first time. */
export function meetWorker(row: Instance, sighting: Sighting, nowMs: number): WorkerMemory {
  return {
    instanceId: row.instanceId,
    ...sighting,
    machineId: row.machineId,
    gpu: row.gpu,
    usdPerHour: row.usdPerHour,
    status: row.actualStatus,
    statusMessage: row.statusMessage,
    ssh: formatSsh(row),
    startedAtMs: row.startedAtMs,
    firstSeenAtMs: nowMs,
    badStatus: null,
    missing: null,
    clock: { kind: "boot", sinceMs: nowMs, movedAtMs: nowMs, measuredAtMs: nowMs },
    mark: null,
    progress: null,
    error: null,
    reportAtMs: null,
    milestone: null,
    commit: null,
    verdict: "booting",
    detail: "first seen",
  };
}

export function formatSsh(row: Pick<Instance, "ssh">): string | null {
  return row.ssh === null ? null : `ssh -p ${row.ssh.port} root@${row.ssh.host}`;
}

export interface Observation {
  /** The row of a proven list; `null` when the list does not show the instance. */
  readonly row: Instance | null;
  readonly sweepBegunAtMs: number;
  readonly report: LogReport | undefined;
  readonly spec: FleetSpec;
  readonly nowMs: number;
}

/** The next memory of a worker. Reports already counted change nothing, so that a repeated CHECK is harmless. */
export function observeWorker(before: WorkerMemory, seen: Observation): WorkerMemory {
  const row = seen.row;
  if (row === null) {
    return { ...before, missing: trackMissing(before.missing, seen.sweepBegunAtMs, 0), verdict: "unknown", detail: "not in the list" };
  }
  const facts = freshFacts(before, seen.report);
  const progress = facts === null ? before.progress : nextProgress(before, facts, seen);
  const clock = nextClock(before, row, facts, progress, seen);
  const reportAtMs = facts === null ? before.reportAtMs : reportTime(seen.report);
  const next: WorkerMemory = {
    ...before,
    label: row.label ?? before.label,
    machineId: row.machineId ?? before.machineId,
    gpu: row.gpu ?? before.gpu,
    usdPerHour: row.usdPerHour ?? before.usdPerHour,
    status: row.actualStatus,
    statusMessage: row.statusMessage,
    ssh: formatSsh(row) ?? before.ssh,
    startedAtMs: row.startedAtMs ?? before.startedAtMs,
    badStatus: nextBadStatus(before, row, seen.sweepBegunAtMs),
    missing: null,
    clock,
    mark: facts?.mark ?? before.mark,
    progress,
    error: facts === null ? before.error : nextError(before, facts, reportTime(seen.report)),
    reportAtMs,
    milestone: facts?.milestone ?? before.milestone,
    commit: facts?.commit ?? before.commit,
  };
  return { ...next, ...verdictOf(next, facts ?? measuredFacts(seen.report), seen) };
}

function reportTime(report: LogReport | undefined): number {
  return report?.requestedAtMs ?? 0;
}

function measuredFacts(report: LogReport | undefined): LogFacts | null {
  return report?.kind === "measured" && !report.isStale ? report.facts : null;
}

/** The facts of a report that is measured, fresh, and newer than the last one counted. */
function freshFacts(before: WorkerMemory, report: LogReport | undefined): LogFacts | null {
  const isNew = report !== undefined && report.requestedAtMs > (before.reportAtMs ?? 0);
  return isNew ? measuredFacts(report) : null;
}

function nextProgress(before: WorkerMemory, facts: LogFacts, seen: Observation): WorkerProgress | null {
  const { progress } = facts;
  if (progress === null) return before.progress;
  const atMs = reportTime(seen.report);
  const known = before.progress;
  const rates = { batch: progress.batch, gamesPerSecond: progress.gamesPerSecond, totalGames: progress.totalGames };
  if (known === null || progress.batch < known.batch) return { ...rates, atMs, batchMs: [] };
  if (progress.batch === known.batch) return known;
  const isGap = atMs - before.clock.measuredAtMs > gapLimitMs(seen.spec);
  const perBatch = (atMs - known.atMs) / (progress.batch - known.batch);
  const batchMs = isGap ? known.batchMs : [...known.batchMs, perBatch].slice(-MAX_BATCH_TIMES);
  return { ...rates, atMs, batchMs };
}

/** What the evidence of this CHECK says about the phase; `null` when nothing was measured. */
function evidenceOf(row: Instance, facts: LogFacts | null, before: WorkerMemory, seen: Observation): { kind: ClockKind; atMs: number } | null {
  if (facts !== null) {
    const atMs = reportTime(seen.report);
    if (facts.progress !== null || before.progress !== null) return { kind: "produce", atMs };
    if (facts.phase === "setup") return { kind: "setup", atMs };
    if (facts.phase === "no-container") return { kind: "boot", atMs };
    if (facts.phase === "empty" && row.actualStatus !== "running") return { kind: "boot", atMs };
    return { kind: "wait", atMs };
  }
  const isOnItsWay = row.actualStatus === null || row.actualStatus === "loading" || row.actualStatus === "created";
  return isOnItsWay && before.clock.kind === "boot" ? { kind: "boot", atMs: seen.sweepBegunAtMs } : null;
}

function nextClock(before: WorkerMemory, row: Instance, facts: LogFacts | null, progress: WorkerProgress | null, seen: Observation): WorkerClock {
  const evidence = evidenceOf(row, facts, before, seen);
  const clock = before.clock;
  if (evidence === null || evidence.atMs < clock.measuredAtMs) return clock;
  const { kind, atMs } = evidence;
  const isMoved = (facts !== null && facts.mark !== before.mark) || row.statusMessage !== before.statusMessage;
  const movedAtMs = isMoved ? atMs : clock.movedAtMs;
  const isRestart = kind !== clock.kind || atMs - clock.measuredAtMs > gapLimitMs(seen.spec);
  const isNewBatch = kind === "produce" && progress !== null && progress.atMs > clock.sinceMs && progress !== before.progress;
  if (isRestart || isNewBatch) return { kind, sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs };
  return { kind, sinceMs: clock.sinceMs, movedAtMs, measuredAtMs: atMs };
}

function nextError(before: WorkerMemory, facts: LogFacts, atMs: number): WorkerMemory["error"] {
  if (facts.error === null) return null;
  const isSame = before.error !== null && before.error.signature === facts.error.signature;
  return { ...facts.error, sinceMs: isSame && before.error !== null ? before.error.sinceMs : atMs, seenAtMs: atMs };
}

function nextBadStatus(before: WorkerMemory, row: Instance, sweepBegunAtMs: number): WorkerMemory["badStatus"] {
  const what = badStatusOf(row);
  if (what === null) return null;
  const known = before.badStatus;
  if (known === null) return { what, sinceMs: sweepBegunAtMs, batch: before.progress?.batch ?? null, sweeps: 1 };
  return { ...known, what, sweeps: sweepBegunAtMs > known.sinceMs ? known.sweeps + 1 : known.sweeps };
}

function verdictOf(worker: WorkerMemory, facts: LogFacts | null, seen: Observation): { verdict: Verdict; detail: string } {
  if (worker.error !== null) return { verdict: "failed", detail: worker.error.line };
  if (worker.badStatus !== null && !isBeatenByLog(worker)) return { verdict: "failed", detail: `status ${worker.badStatus.what}` };
  const evidenceAgeMs = seen.nowMs - worker.clock.measuredAtMs;
  if (evidenceAgeMs > gapLimitMs(seen.spec)) {
    return { verdict: "unknown", detail: `not measured for ${Math.round(evidenceAgeMs / 1000)} s` };
  }
  switch (worker.clock.kind) {
    case "produce":
      return {
        verdict: facts?.isUploading === true ? "uploading" : "producing",
        detail: worker.progress === null ? "producing" : `batch ${worker.progress.batch}`,
      };
    case "setup":
      return { verdict: "setting-up", detail: worker.milestone ?? "start script runs" };
    case "wait":
      return { verdict: "waiting", detail: worker.milestone ?? "no known line in the log" };
    case "boot":
      return isUnmeasuredRunner(worker)
        ? { verdict: "unknown", detail: "runs, log not measured yet" }
        : { verdict: "booting", detail: worker.statusMessage ?? worker.status ?? "being provisioned" };
  }
}

function isUnmeasuredRunner(worker: WorkerMemory): boolean {
  return worker.status === "running" && worker.reportAtMs === null;
}

/** The worker's own log beats a lagging status (Vast API reference §13, case 18): a batch newer than the bad status. */
export function isBeatenByLog(worker: WorkerMemory): boolean {
  const { badStatus, progress } = worker;
  return badStatus !== null && progress !== null && progress.atMs > badStatus.sinceMs && progress.batch > (badStatus.batch ?? 0);
}

/** The middle of the last batch times in milliseconds; `null` before two batches have been seen. */
export function medianBatchMs(progress: WorkerProgress | null): number | null {
  const sorted = [...(progress?.batchMs ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
