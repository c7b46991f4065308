// When to look again (design rule 23): every `ramp` seconds while anything is unsettled or for `rampFor` after a change,
// else every `steady` seconds; a deadline before that asks for a CHECK of its own.

import type { FleetSpec } from "./spec.ts";

const HALF_A_TICK_MS = 30_000;
/** A CHECK comes with the next minute's tick; where the ticks stay away, the object's alarm brings it two minutes later. */
const OVERDUE_MS = 4 * 60_000;

export interface CadenceTerms {
  readonly spec: FleetSpec;
  readonly isUnsettled: boolean;
  readonly changedAtMs: number;
  readonly nowMs: number;
  readonly deadlinesMs: readonly (number | null)[];
}

function cadenceOf(terms: Pick<CadenceTerms, "spec" | "isUnsettled" | "changedAtMs" | "nowMs">): number {
  const { ramp, rampFor, steady } = terms.spec.cadenceSeconds;
  const isRamping = terms.isUnsettled || terms.nowMs - terms.changedAtMs < rampFor * 1000;
  return isRamping ? Math.min(ramp, steady) : steady;
}

export interface LookAgain {
  readonly atMs: number;
  /** A deadline comes before the cadence. */
  readonly isEarly: boolean;
  readonly cadenceSeconds: number;
}

export function lookAgain(terms: CadenceTerms): LookAgain {
  const cadenceSeconds = cadenceOf(terms);
  const regularAtMs = terms.nowMs + cadenceSeconds * 1000;
  const ahead = terms.deadlinesMs.filter((atMs): atMs is number => atMs !== null && atMs > terms.nowMs);
  const earliestMs = Math.min(regularAtMs, ...ahead);
  return { atMs: earliestMs, isEarly: earliestMs < regularAtMs, cadenceSeconds };
}

/**
 * Whether a tick of the cron trigger makes a CHECK due. Counted in scheduled time, so that a cadence of 60 s means every
 * tick of a one-minute trigger however late the ticks come. A tenth of the cadence is forgiven, and no more than half a
 * tick, so that ten minutes are not nine.
 */
export function isDue(scheduledAtMs: number, lastScheduledAtMs: number | null, cadence: number): boolean {
  if (lastScheduledAtMs === null) return true;
  const forgivenMs = Math.min(cadence * 100, HALF_A_TICK_MS);
  return scheduledAtMs - lastScheduledAtMs >= cadence * 1000 - forgivenMs;
}

/** Whether a CHECK comes so late that nobody looked in between: the keeper was away, or its clock was set forward. */
export function isOverdue(wantedAtMs: number | null, nowMs: number): boolean {
  return wantedAtMs !== null && nowMs - wantedAtMs > OVERDUE_MS;
}
