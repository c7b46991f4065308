// The shapes of what a fleet's object stores: the fleet itself, who runs its CHECK, its log batches, its hours.

import type { FleetCounters } from "../fleet/counters.ts";
import type { FleetMode, FleetState, Totals } from "../fleet/plan.ts";
import type { FleetSpec } from "../fleet/spec.ts";

/** The fleet itself: what it should be, and what the last CHECK found. */
export interface FleetRecord {
  readonly name: string;
  readonly spec: FleetSpec;
  readonly mode: FleetMode;
  /** Grows with every change of spec or mode. */
  readonly version: number;
  /** The version that a CHECK on a proven list has seen; `null`: none. */
  readonly provenVersion: number | null;
  readonly createdAtMs: number;
  /** Set when the fleet was deleted: it has no doors any more, but boxes of its name that come back are still destroyed. */
  readonly removedAtMs: number | null;
  readonly checks: number;
  /** Scheduled CHECKs since the last spec or mode change, for `stopAfterChecks`. */
  readonly scheduledChecks: number;
  readonly lastCheckAtMs: number | null;
  /** The scheduled minute of the last tick that made a CHECK. */
  readonly lastDueTickMs: number | null;
  readonly lookAgainAtMs: number | null;
  /** The cadence that the last CHECK asked for. */
  readonly cadenceSeconds: number;
  /** The last rent or destroy that was sent; a list begun before it does not show it. */
  readonly lastWriteAtMs: number;
  readonly checkWanted: boolean;
  readonly state: FleetState;
  readonly totals: Totals;
  /** Absent in records of an earlier version. */
  readonly projectedCommitsPerHour?: number | null;
  readonly notes: readonly string[];
  /** What it has done since it was made. Absent in records of an earlier version, like the next. */
  readonly counters?: FleetCounters;
  /** How long the last CHECK took. */
  readonly checkMs?: number;
}

/** A CHECK whose owner fell silent gives up its lease after this; each rent extends it. */
export const LEASE_MS = 90_000;

/** Who runs the CHECK. A lease outlives its owner by at most its term. */
export interface Lease {
  readonly id: string;
  readonly untilMs: number;
}

/** Log batches under way. A report of another round is dropped. */
export interface LogRound {
  readonly round: number;
  readonly untilMs: number;
  readonly instanceIds: readonly number[];
}

/** A worker's throughput in the hour under way, and how much of it has been sent to the outbox. */
export interface HourRow {
  readonly hourAtMs: number;
  readonly samples: number;
  readonly gamesPerSecondSum: number;
  readonly gamesPerSecondMin: number;
  readonly gamesPerSecondMax: number;
  readonly games: number;
  readonly sentAtMs: number;
  readonly sentSamples: number;
}
