// A worker's timers, which run only across fresh, measured evidence (design rule 9): what moves them, when a gap in the
// evidence starts them anew, and how long each may run.

import type { ClockKind, WorkerClock, WorkerMemory, WorkerProgress } from "./memory.ts";
import type { FleetSpec } from "./spec.ts";

/** A log round may take this long to report (platform reference §2, "design D"). */
const ROUND_MS = 25_000;
/** A phase that visibly moves gets half as much again: 900 s for the runbook's 600 s (design rule 8). */
const MOVING_FACTOR = 1.5;
/** A producing worker is stalled after four of its own batches (design rule 9). */
const STALL_BATCHES = 4;

/** Evidence older than two polls breaks a clock: what happened in between is not known (design rule 9). */
export function gapLimitMs(spec: FleetSpec): number {
  const { logPoll, logPollSteady, ramp } = spec.cadenceSeconds;
  return 2 * Math.max(logPoll, logPollSteady, ramp) * 1000 + ROUND_MS;
}

interface Moment {
  readonly atMs: number;
  /** When this worker's log was last not asked for because of the market's pace; absent where logs are not the evidence. */
  readonly heldBackAtMs?: number | null;
}

/**
 * What no timer counts of the time between two pieces of evidence: nothing up to two polls. After more than that the
 * timers begin anew (`null`), unless the market's pace held back the turns in between, the last of them within two polls:
 * nobody failed to answer then. A log tells of all that came before it, so the timers go on, by two polls at most for
 * each read, because one read alone may be of an old log.
 */
export function uncountedMs(sinceMs: number, { atMs, heldBackAtMs = null }: Moment, spec: FleetSpec): number | null {
  const limitMs = gapLimitMs(spec);
  const overMs = atMs - sinceMs - limitMs;
  if (overMs <= 0) return 0;
  const isHeldBack = heldBackAtMs !== null && heldBackAtMs > sinceMs && atMs - heldBackAtMs <= limitMs;
  return isHeldBack ? overMs : null;
}

export interface ClockEvidence extends Moment {
  readonly kind: ClockKind;
  readonly isMoved: boolean;
  readonly isNewBatch: boolean;
}

/** A new phase, a new batch and a gap in the evidence restart the timer; anything else lets it run on. */
export function runClock(clock: WorkerClock, seen: ClockEvidence, spec: FleetSpec): WorkerClock {
  const { kind, atMs } = seen;
  if (atMs < clock.measuredAtMs) return clock;
  const leftOutMs = uncountedMs(clock.measuredAtMs, seen, spec);
  if (kind !== clock.kind || leftOutMs === null || seen.isNewBatch) return beginClock(kind, atMs);
  const movedAtMs = seen.isMoved ? atMs : clock.movedAtMs + leftOutMs;
  return { kind, sinceMs: clock.sinceMs + leftOutMs, movedAtMs, measuredAtMs: atMs };
}

export function beginClock(kind: ClockKind, atMs: number): WorkerClock {
  return { kind, sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs };
}

/** Since when a worker has been on its way to its first batch, a gap in the evidence left out like in its clock. */
export function runStart(
  { clock, unproductiveSinceMs }: Pick<WorkerMemory, "clock" | "unproductiveSinceMs">,
  seen: Moment,
  spec: FleetSpec,
): number {
  const leftOutMs = uncountedMs(clock.measuredAtMs, seen, spec);
  return leftOutMs === null ? seen.atMs : unproductiveSinceMs + leftOutMs;
}

/** Between BOOT and SETUP, and between SETUP and WAIT. */
const PASSAGES = 2;

/**
 * How long a worker may take to its first batch over all phases: the longest that each may last by itself and the longest
 * that may lie unmeasured between two of them, so that one which goes through them once never meets it. It is met by those
 * whose log goes to and fro between two of them (design rule 8).
 */
export function startLimitMs(spec: FleetSpec): number {
  const { boot, setup, wait } = spec.timeoutsSeconds;
  return ((boot + setup) * MOVING_FACTOR + wait) * 1000 + PASSAGES * gapLimitMs(spec);
}

/** What a worker has taken on its way to its first batch, across measured evidence; 0: it has got there. */
export function startMs({ clock, unproductiveSinceMs }: Pick<WorkerMemory, "clock" | "unproductiveSinceMs">): number {
  return clock.kind === "produce" ? 0 : clock.measuredAtMs - unproductiveSinceMs;
}

/** How long the timer that runs for a worker may run (design rules 8 and 9). */
export function clockLimitMs({ clock, progress }: Pick<WorkerMemory, "clock" | "progress">, spec: FleetSpec): number {
  const { boot, setup, wait, stallMinimum } = spec.timeoutsSeconds;
  switch (clock.kind) {
    case "boot":
      return stretch(boot * 1000, clock);
    case "setup":
      return stretch(setup * 1000, clock);
    case "wait":
      return wait * 1000;
    case "produce":
      return Math.max(stallMinimum * 1000, STALL_BATCHES * expectedBatchMs(progress, spec));
  }
}

/**
 * The boot of a box that had been past it and of which the list says again that it is on its way: from when its log last
 * told of it, or was held back, to the last such list. `null`: it runs, or is in its first boot.
 */
export function rebootClock({
  reboot,
  reportAtMs,
  heldBackAtMs,
}: Pick<WorkerMemory, "reboot" | "reportAtMs" | "heldBackAtMs">): WorkerClock | null {
  if (reboot === null) return null;
  return { ...reboot, sinceMs: Math.max(reboot.sinceMs, reportAtMs ?? 0, heldBackAtMs ?? 0) };
}

/** As for a first boot, and two polls at least: the log must have had the time to contradict the list. */
export function rebootLimitMs(clock: WorkerClock, spec: FleetSpec): number {
  return Math.max(stretch(spec.timeoutsSeconds.boot * 1000, clock), gapLimitMs(spec));
}

/**
 * What a batch of this worker takes: its own median, and no less than the worker says until two batches have been timed,
 * because the first was under way when it was first seen; 0: not known. The limit of `wait` bounds its words, because the
 * first batch has come within that.
 */
export function expectedBatchMs(progress: WorkerProgress | null, spec: FleetSpec): number {
  const medianMs = medianBatchMs(progress) ?? 0;
  if (progress !== null && progress.batchMs.length >= 2) return medianMs;
  return Math.max(medianMs, Math.min(saidBatchMs(progress), spec.timeoutsSeconds.wait * 1000));
}

/** A batch in milliseconds by the worker's own words; 0: it does not say. */
function saidBatchMs(progress: WorkerProgress | null): number {
  if (progress === null || progress.totalGames === null || progress.gamesPerSecond <= 0 || progress.batch <= 0)
    return 0;
  return (progress.totalGames / progress.batch / progress.gamesPerSecond) * 1000;
}

/** Moving counts while something moved in the second half of the plain limit. */
function stretch(limitMs: number, clock: WorkerClock): number {
  return clock.movedAtMs - clock.sinceMs > limitMs / 2 ? limitMs * MOVING_FACTOR : limitMs;
}

/** What the timer has run, across measured evidence only: never the time since. */
export function elapsedMs(clock: Pick<WorkerClock, "sinceMs" | "measuredAtMs">): number {
  return clock.measuredAtMs - clock.sinceMs;
}

/** The middle of the last batch times in milliseconds; `null` before two batches have been seen. */
export function medianBatchMs(progress: WorkerProgress | null): number | null {
  const sorted = [...(progress?.batchMs ?? [])].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
