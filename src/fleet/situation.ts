// Everything a CHECK knows when it decides: the sweep, what is remembered (log reports are folded into the workers as
// they arrive), and what others have told.

import type { Confirmation } from "./absence.ts";
import type { CommitLoad } from "./commit-load.ts";
import type { FleetMemory } from "./memory.ts";
import type { Offer, Throughput } from "./offer.ts";
import type { FleetMode } from "./plan.ts";
import type { FleetSpec } from "./spec.ts";
import type { Sweep } from "./sweep.ts";

/**
 * The Hub's answer about the weights file (design rule 20). `unconfirmed`: no answer now, present when last seen;
 * `unknown`: no answer and never seen.
 */
export type WeightsAnswer = "present" | "missing" | "no-credentials" | "unconfirmed" | "unknown";

export interface AccountView {
  readonly creditUsd: number | null;
  /** When the account last answered well; `null`: never. */
  readonly readAtMs: number | null;
  /** The account is out of credit: no rent and no kill, for every fleet on it (design rule 19). */
  readonly creditWait: { readonly sinceMs: number; readonly nextProbeAtMs: number; readonly why: string } | null;
}

export interface HostView {
  /** Machines with enough unexpired strikes, or blocked by hand. */
  readonly blocked: ReadonlySet<number>;
  readonly strikesByMachine: ReadonlyMap<number, number>;
}

export interface Situation {
  readonly nowMs: number;
  /** When the last CHECK wanted this one; `null`: there was none. */
  readonly wantedAtMs: number | null;
  readonly fleet: string;
  /** This deployment's mark, FLEETKEEPER_ID of the instances it rents. */
  readonly keeperId: string;
  readonly spec: FleetSpec;
  readonly mode: FleetMode;
  /** What the credentials lack, in words; `null` when they are there. */
  readonly missingCredentials: string | null;
  readonly memory: FleetMemory;
  readonly sweep: Sweep;
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  readonly account: AccountView;
  readonly weights: WeightsAnswer;
  readonly hosts: HostView;
  readonly throughput: Throughput;
  /** GB; part of the search and of the price. */
  readonly diskGb: number;
  readonly fingerprint: string;
  /** True once the fingerprint has produced, in any fleet. */
  readonly isFingerprintProven: boolean;
  /** `null`: the workload commits nothing to the Hub. */
  readonly commits: CommitLoad | null;
  /** Rows of a search made for this CHECK; `null`: none has been made. */
  readonly offers: readonly Offer[] | null;
}
