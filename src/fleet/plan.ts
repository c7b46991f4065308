// The decision as a value: what will be done, why, what was left alone, and when to look again.

import type { FleetMemory, WorkerMemory } from "./memory.ts";
import type { RankedOffer } from "./offer.ts";
import type { FaultClass } from "./report.ts";
import type { ProvenList } from "./sweep.ts";

/** Facts behind a reason, for people and programs; no secrets. */
export type Evidence = Readonly<Record<string, string | number | boolean | null>>;

export interface RentAction {
  readonly kind: "rent";
  readonly slot: number;
  readonly label: string;
  readonly offer: RankedOffer;
  readonly reason: string;
  readonly evidence: Evidence;
  readonly proof: ProvenList;
}

/** Why an instance goes; the closed list that the ledger stores as the reason of its end. */
export const destroyCauses = [
  "duplicate",
  "status",
  "start-error",
  "fatal-error",
  "stuck-boot",
  "stuck-setup",
  "no-progress",
  "stalled",
  "undelivered",
  "over-cost",
  "downscale",
  "budget",
  "down",
  "came-back",
  "by-hand",
  "roll-out",
] as const;
export type DestroyCause = (typeof destroyCauses)[number];

export interface DestroyAction {
  readonly kind: "destroy";
  readonly slot: number | null;
  readonly instanceId: number;
  readonly cause: DestroyCause | "debt";
  readonly reason: string;
  readonly evidence: Evidence;
  readonly proof: ProvenList;
}

export interface StrikeAction {
  readonly kind: "strike";
  readonly slot: number | null;
  readonly instanceId: number;
  readonly machineId: number;
  readonly faultClass: FaultClass;
  readonly reason: string;
  readonly evidence: Evidence;
}

/** A strike taken back: the fault was not the host's (design rules 12 and 13). */
export interface RefundAction {
  readonly kind: "refund";
  readonly slot: null;
  /** Of the strike. */
  readonly instanceId: number;
  readonly machineId: number;
  readonly reason: string;
  readonly evidence: Evidence;
}

/** Bookkeeping that people may want to see: an instance taken over or gone, something settled, the breaker, an alert. */
export interface RecordAction {
  readonly kind:
    | "adopt"
    | "gone"
    | "intent-settled"
    | "debt-settled"
    | "roll-out"
    | "breaker-opened"
    | "breaker-closed"
    | "alert";
  readonly slot: number | null;
  readonly instanceId: number | null;
  readonly reason: string;
  readonly evidence: Evidence;
}

export type Action = RentAction | DestroyAction | StrikeAction | RefundAction | RecordAction;

export type FleetMode = "active" | "paused" | "down";

export const fleetStates = [
  "down",
  "draining",
  "paused",
  "no-credentials",
  "blind",
  "credit-wait",
  "over-budget",
  "waiting-for-weights",
  "breaker-open",
  "no-offers",
  "ramping",
  "steady",
] as const;
export type FleetState = (typeof fleetStates)[number];

/** Observations that would let the plan go further; the shell makes them and decides again. */
export interface Needs {
  /** Instances to ask for by id, because the list does not show them. */
  readonly confirm: readonly number[];
  readonly account: boolean;
  readonly offers: boolean;
  /** What machines and GPU types have given: offers will be ranked, or boxes are compared. */
  readonly rates: boolean;
  /** Workers whose log should be read at once. */
  readonly logs: readonly number[];
}

export interface Totals {
  /** live: own − debts (design §3). */
  readonly live: number;
  readonly producing: number;
  /** Of the live boxes, as billed now: a stopped one costs its disk. */
  readonly usdPerHour: number;
  readonly gamesPerSecond: number;
}

export interface Plan {
  readonly actions: readonly Action[];
  /** Ranked offers that no rent of this plan has taken; on "offer gone" the next one is tried, each once. */
  readonly spareOffers: readonly RankedOffer[];
  readonly state: FleetState;
  readonly totals: Totals;
  readonly memory: FleetMemory;
  /** Boxes seen for the first time, those that leave at once included: each begins a row of the ledger. */
  readonly met: readonly WorkerMemory[];
  readonly needs: Needs;
  readonly lookAgainAtMs: number;
  /** True where a deadline or unfinished work asks for the next CHECK before the cadence does. */
  readonly isEarly: boolean;
  /** The cadence that holds from here: `ramp` or `steady` of the spec. */
  readonly cadenceSeconds: number;
  /** Commits an hour on the examples repo, over all fleets and the learner; `null`: the workload commits nothing. */
  readonly projectedCommitsPerHour: number | null;
  /** Why nothing was done, in words. */
  readonly notes: readonly string[];
}
