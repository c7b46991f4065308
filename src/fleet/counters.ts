// What a fleet has done since it was made, as sums that only grow: for those who watch rates (`/metrics`). They are kept in
// rows that are written anyway, and every key of theirs is of a closed list, so that nothing grows without bound.

import type { FleetMemory, WorkerMemory } from "./memory.ts";
import type { Action, DestroyCause } from "./plan.ts";
import type { FaultClass } from "./report.ts";
import { addCalls, addWork, type CallCounts, NO_WORK, type Work } from "./tally.ts";

/** `unknown`: the answer was lost, and the list settles it. The others are the market's refusals by kind. */
export const rentOutcomes = [
  "rented",
  "unknown",
  "offer-gone",
  "no-credit",
  "spend-limit",
  "rate-limited",
  "auth",
  "refused",
] as const;
export type RentOutcomeClass = (typeof rentOutcomes)[number];

export type Counts<Key extends string> = Readonly<Partial<Record<Key, number>>>;

export interface FleetCounters {
  readonly rents: Counts<RentOutcomeClass>;
  /** Boxes given up, each once; sending a destroy again is no other. */
  readonly destroys: Counts<DestroyCause>;
  /** Boxes that went without being asked to. */
  readonly vanished: number;
  readonly strikes: Counts<FaultClass>;
  readonly refunds: number;
  readonly breakerOpenings: number;
  /** Up to the last CHECK. */
  readonly blindMs: number;
  /** Of workers that have left; those that are there carry their own. */
  readonly work: Work;
  /** Rents, destroys, and the logs of workers that have left. */
  readonly calls: CallCounts;
}

export const NO_COUNTERS: FleetCounters = {
  rents: {},
  destroys: {},
  vanished: 0,
  strikes: {},
  refunds: 0,
  breakerOpenings: 0,
  blindMs: 0,
  work: NO_WORK,
  calls: {},
};

export function plusOne<Key extends string>(counts: Counts<Key>, key: Key): Counts<Key> {
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}

export interface CheckSpan {
  readonly lastCheckAtMs: number | null;
  readonly nowMs: number;
}

/** The counters after a CHECK. `actions`: those that were news when they were recorded. */
export function countPlan(
  counters: FleetCounters,
  before: Pick<FleetMemory, "workers" | "blindSinceMs">,
  plan: { readonly memory: Pick<FleetMemory, "workers">; readonly actions: readonly Action[] },
  span: CheckSpan,
): FleetCounters {
  const stays = new Set(plan.memory.workers.map(({ instanceId }) => instanceId));
  const left = before.workers.filter(({ instanceId }) => !stays.has(instanceId));
  const kept = { ...counters, blindMs: counters.blindMs + blindMsSince(before.blindSinceMs, span) };
  return plan.actions.reduce(countAction, left.reduce(keepTally, kept));
}

/** A fleet that was blind at its last CHECK has been so since then. */
export function blindMsSince(blindSinceMs: number | null, { lastCheckAtMs, nowMs }: CheckSpan): number {
  return blindSinceMs === null || lastCheckAtMs === null ? 0 : Math.max(0, nowMs - lastCheckAtMs);
}

/** What all workers have made, those that have left included. */
export function workOf({ work }: FleetCounters, workers: readonly WorkerMemory[]): Work {
  return workers.reduce((sum, { tally }) => addWork(sum, tally ?? NO_WORK), work);
}

/** Every call for this fleet: its own and those for its workers' logs. */
export function callsOf({ calls }: FleetCounters, workers: readonly WorkerMemory[]): CallCounts {
  return workers.reduce((sum, { tally }) => addCalls(sum, logCallsOf(tally)), calls);
}

function keepTally(counters: FleetCounters, { tally }: WorkerMemory): FleetCounters {
  return {
    ...counters,
    work: addWork(counters.work, tally ?? NO_WORK),
    calls: addCalls(counters.calls, logCallsOf(tally)),
  };
}

function logCallsOf(tally: WorkerMemory["tally"]): CallCounts {
  return tally === undefined ? {} : { "request-logs": tally.logCalls };
}

function countAction(counters: FleetCounters, action: Action): FleetCounters {
  switch (action.kind) {
    case "destroy":
      // A debt that is tried again has been counted when it was made.
      return action.cause === "debt" ? counters : { ...counters, destroys: plusOne(counters.destroys, action.cause) };
    case "strike":
      return { ...counters, strikes: plusOne(counters.strikes, action.faultClass) };
    case "refund":
      return { ...counters, refunds: counters.refunds + 1 };
    case "gone":
      return { ...counters, vanished: counters.vanished + 1 };
    case "breaker-opened":
      return { ...counters, breakerOpenings: counters.breakerOpenings + 1 };
    default:
      return counters;
  }
}
