// What the market's row says about whether an instance runs, and for how long the worker's own log overrules it (design
// rule 6).

import { elapsedMs, expectedBatchMs, gapLimitMs } from "./clock.ts";
import type { Instance } from "./instance.ts";
import type { WorkerClock, WorkerMemory } from "./memory.ts";
import type { FleetSpec } from "./spec.ts";

/** Statuses that do not become running by themselves (Vast API reference §4). */
const DEAD_STATUSES: ReadonlySet<string> = new Set(["exited", "stopped", "offline", "unknown"]);
/** Statuses before running, the first and every later time; each may last for ever (Vast API reference §4 and §13, case 14). */
const COMING_STATUSES: ReadonlySet<string> = new Set(["created", "loading", "rebooting", "recycling", "frozen"]);
/** The log of a box that two fields call stopped is read again this soon after the first read that showed news. */
export const STOPPED_POLL_MS = 20_000;
/** So far apart two such reads must be; a read may start a little after its round. */
const STILL_MS = 15_000;
const START_ERROR = /OCI runtime create failed|CDI device|failed to inject CDI/i;

/** Why the row says that the instance does not run; `null` when it does, or is on its way. */
export function badStatusOf(row: Pick<Instance, "actualStatus" | "currentState" | "intendedStatus">): string | null {
  const { actualStatus, currentState, intendedStatus } = row;
  if (actualStatus !== null && DEAD_STATUSES.has(actualStatus)) return actualStatus;
  if (actualStatus === "created" && currentState === "stopped") return "created, contract stopped";
  if (intendedStatus === "stopped") return `${actualStatus ?? "provisioning"}, meant to be stopped`;
  return null;
}

/** On its way to running, by the market's word; `null`: being provisioned, and nothing reported yet. */
export function isOnItsWay(actualStatus: string | null): boolean {
  return actualStatus === null || COMING_STATUSES.has(actualStatus);
}

/** A container that the host's runtime refused to start: visible in seconds, never mends (Vast API reference §4). */
export function isStartError(row: Pick<Instance, "actualStatus" | "statusMessage">): boolean {
  return row.actualStatus !== "running" && row.statusMessage !== null && START_ERROR.test(row.statusMessage);
}

/** The image cannot be pulled, on this host or any other: no waiting mends it (Vast API reference §4). */
const IMAGE_ERROR = /manifest for .{1,300} not found|manifest unknown|pull access denied|unable to find image/i;

/** What the daemon says of an image that cannot be had; `null`: nothing of that kind. */
export function imageErrorOf(row: Pick<Instance, "actualStatus" | "statusMessage">): string | null {
  const { actualStatus, statusMessage } = row;
  return actualStatus !== "running" && statusMessage !== null && IMAGE_ERROR.test(statusMessage) ? statusMessage : null;
}

/** Since when a bad status holds, and what was known then. */
export function nextBadStatus(
  before: WorkerMemory,
  row: Instance,
  { sweepBegunAtMs, spec }: { readonly sweepBegunAtMs: number; readonly spec: FleetSpec },
): WorkerMemory["badStatus"] {
  const what = badStatusOf(row);
  if (what === null) return null;
  const known = before.badStatus;
  const isStopped = row.currentState === "stopped";
  // While the list had lost the box, or nobody looked, its log was not read: its time begins anew, like every other clock's.
  const isGap = known !== null && sweepBegunAtMs - known.seenAtMs > gapLimitMs(spec);
  const seenAtMs = Math.max(known?.seenAtMs ?? 0, sweepBegunAtMs);
  if (known === null || isGap || before.missing !== null) {
    const batch = before.progress?.batch ?? null;
    return { what, sinceMs: sweepBegunAtMs, seenAtMs, batch, isStopped, askedAtMs: null, still: null };
  }
  return { ...known, what, seenAtMs, isStopped };
}

/** The worker after a CHECK that asks for its log because of its status; `undefined`: it does not. */
export function withLogAsked(worker: WorkerMemory, askedAtMs: number | undefined): WorkerMemory {
  if (worker.badStatus === null || askedAtMs === undefined) return worker;
  return { ...worker, badStatus: { ...worker.badStatus, askedAtMs } };
}

/** A log read since the bad status: the end of it has moved since the read before, or has been the same for so long. */
export function seenSinceStatus(
  { badStatus, mark: markBefore }: Pick<WorkerMemory, "badStatus" | "mark">,
  mark: string,
  atMs: number,
): WorkerMemory["badStatus"] {
  if (badStatus === null || atMs <= badStatus.sinceMs) return badStatus;
  const { still } = badStatus;
  const sinceMs = still?.mark === mark ? still.sinceMs : atMs;
  const hasMoved = still?.hasMoved === true || (markBefore !== null && markBefore !== mark);
  return { ...badStatus, still: { mark, sinceMs, measuredAtMs: atMs, hasMoved } };
}

/**
 * The worker's own log beats a lagging status (Vast API reference §13, case 18), for as long as it goes on moving: a batch
 * newer than the bad status, and not older than two of its own batches or the status' own confirmation time. Where the
 * contract's state says stopped as well, that batch may have been printed before the stop and read after it: a second
 * read without a new line settles it. A worker that has yet to give a batch has nothing but its lines to show.
 */
export function isBeatenByLog(worker: WorkerMemory, spec: FleetSpec, nowMs: number): boolean {
  const { badStatus, progress } = worker;
  if (badStatus === null) return false;
  if (badStatus.isStopped && badStatus.still !== null && elapsedMs(badStatus.still) >= STILL_MS) return false;
  if (progress === null) return isStartMoving(worker, spec, nowMs);
  const isNewer = progress.atMs > badStatus.sinceMs && progress.batch > (badStatus.batch ?? 0);
  const freshMs = Math.max(spec.timeoutsSeconds.statusConfirm * 1000, 2 * expectedBatchMs(progress, spec));
  return isNewer && nowMs - progress.atMs < freshMs;
}

/**
 * Lines have come since the read before the status, the last of them seen no longer ago than its phase may take: a start
 * prints nothing for minutes. A log that was never read before is no such news.
 */
function isStartMoving({ badStatus, clock }: WorkerMemory, spec: FleetSpec, nowMs: number): boolean {
  const still = badStatus?.still ?? null;
  if (still === null || badStatus?.isStopped !== false || !still.hasMoved || !isPrinting(clock)) return false;
  return nowMs - still.sinceMs < spec.timeoutsSeconds[clock.kind] * 1000;
}

/** In a phase of its start in which lines of the worker's own come. */
export function isPrinting<C extends Pick<WorkerClock, "kind">>(
  clock: C,
): clock is C & { readonly kind: "setup" | "wait" } {
  return clock.kind === "setup" || clock.kind === "wait";
}
