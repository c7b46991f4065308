// How often a worker uploads, so that all workers on one examples repo stay under the Hub's commit limit
// (runbook §10 "HF rate limits"; fleet behaviour reference §7.3; design §4, rule 21).

/** No upload more often than this: the worker's own default, and the runbook's floor of the formula. */
const UPLOAD_INTERVAL_MINIMUM_SECONDS = 240;

/** The Hub's limit for a free account (runbook §10). */
export const COMMITS_PER_HOUR_LIMIT = 128;

/** What the formula fills; the rest up to the limit is left to the learner (runbook §8). */
const COMMITS_PER_HOUR_TARGET = 100;

/** Runbook §8: never under 120 s with four or more workers. */
const REFUSED_UNDER_SECONDS = 120;
const REFUSED_FROM_WORKERS = 4;

const SECONDS_PER_HOUR = 3600;

/**
 * Seconds between the uploads of one worker. `workersOnRepo` is the sum of the targets of all active fleets on the
 * examples repo, this fleet's included; `requestedSeconds` (the spec's, `null` when unset) can only lengthen it.
 */
export function uploadIntervalFor(workersOnRepo: number, requestedSeconds: number | null): number {
  const shared = Math.ceil((workersOnRepo * SECONDS_PER_HOUR) / COMMITS_PER_HOUR_TARGET);
  return Math.max(UPLOAD_INTERVAL_MINIMUM_SECONDS, shared, requestedSeconds ?? 0);
}

/**
 * Why a requested interval is refused, in words; `null` when it is not. For doors: a fleet that was accepted is filled,
 * whatever others have joined its repo since.
 */
export function uploadIntervalProblem(workersOnRepo: number, requestedSeconds: number | null): string | null {
  if (requestedSeconds === null || requestedSeconds >= REFUSED_UNDER_SECONDS || workersOnRepo < REFUSED_FROM_WORKERS)
    return null;
  return `an upload interval of ${requestedSeconds} s is refused with ${workersOnRepo} workers on the repo: ${REFUSED_FROM_WORKERS} or more need at least ${REFUSED_UNDER_SECONDS} s`;
}

/** Commits an hour on the examples repo, learner's measured ones included, to show beside the limit. */
export function projectedCommitsPerHour(
  workersOnRepo: number,
  intervalSeconds: number,
  learnerCommitsPerHour: number,
): number {
  return (workersOnRepo * SECONDS_PER_HOUR) / intervalSeconds + learnerCommitsPerHour;
}
