// Whether what a worker makes reaches the Hub (design rule 10). A worker whose every upload fails prints batches for ever,
// so a second timer runs beside that of the batches: from the first producing report, or the last delivery, across
// measured reports only.

import { elapsedMs, gapLimitMs, medianBatchMs } from "./clock.ts";
import type { Delivery, WorkerMemory } from "./memory.ts";
import type { LogFacts } from "./report.ts";
import type { FleetSpec } from "./spec.ts";
import type { Workload } from "./workload.ts";

/** So many uploads must have been missed before a worker is said to deliver nothing (design rule 10). */
const MISSED_UPLOADS = 3;
/** From here on a worker is late enough to be mentioned. */
export const LATE_UPLOADS = 2;

/** Workers of this workload upload, and say so. One whose log never tells of an upload cannot be found wanting by it. */
export function tellsOfUploads({ hub, log }: Pick<Workload, "hub" | "log">): boolean {
  return hub.writesExamples && log.uploadCompleted.length > 0;
}

/** What is known of the uploads after a measured report that was asked for at `atMs`. */
export function nextDelivery(before: WorkerMemory, facts: LogFacts, atMs: number, spec: FleetSpec): Delivery | null {
  const known = before.delivery;
  const batch = facts.progress?.batch ?? before.progress?.batch;
  if (batch === undefined) return null;
  const from = { sinceMs: atMs, measuredAtMs: atMs, fromBatch: batch, error: facts.uploadError };
  const isRestarted = facts.progress !== null && facts.progress.batch < (before.progress?.batch ?? 0);
  if (known === null || isRestarted) {
    const isDelivered = facts.deliveredBatch !== null;
    return { ...from, batch: facts.deliveredBatch, deliveredAtMs: isDelivered ? atMs : null };
  }
  if (facts.deliveredBatch !== null && facts.deliveredBatch !== known.batch)
    return { ...from, batch: facts.deliveredBatch, deliveredAtMs: atMs };
  const isGap = atMs - known.measuredAtMs > gapLimitMs(spec);
  return isGap ? { ...known, ...from } : { ...known, measuredAtMs: atMs, error: facts.uploadError };
}

/**
 * The time from one upload of this worker to the next: its interval, rounded up to the end of a batch, because it uploads
 * between batches only (fleet behaviour reference §7.3). `null`: nobody knows its interval.
 */
export function uploadGapMs({ uploadIntervalSeconds, progress }: WorkerMemory): number | null {
  if (uploadIntervalSeconds === null) return null;
  const intervalMs = uploadIntervalSeconds * 1000;
  const batchMs = medianBatchMs(progress);
  return batchMs === null || batchMs <= 0 ? intervalMs : Math.ceil(intervalMs / batchMs) * batchMs;
}

/** Batches have moved for three uploads' time and none was completed. Not while one is under way. */
export function isUndelivered(worker: WorkerMemory): boolean {
  return !worker.isUploading && isLate(worker, MISSED_UPLOADS);
}

/** True where batches have moved and no upload was completed in the time of so many. */
export function isLate(worker: WorkerMemory, uploads: number): boolean {
  const { delivery, progress } = worker;
  const gapMs = uploadGapMs(worker);
  if (delivery === null || progress === null || gapMs === null) return false;
  return progress.batch > delivery.fromBatch && elapsedMs(delivery) >= uploads * gapMs;
}

/** "no upload completed for 900 s of 852 s: 403 Client Error …". */
export function undeliveredWords(worker: WorkerMemory): string {
  const { delivery } = worker;
  if (delivery === null) return "nothing known of its uploads";
  const limitSeconds = Math.round((MISSED_UPLOADS * (uploadGapMs(worker) ?? 0)) / 1000);
  const why = delivery.error === null ? "" : `: ${delivery.error.line}`;
  return `no upload completed for ${Math.round(elapsedMs(delivery) / 1000)} s of ${limitSeconds} s${why}`;
}
