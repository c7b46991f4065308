// What fleets and doors ask of their account's object, and what it answers.

import type { CommitLoad } from "../fleet/commit-load.ts";
import type { Offer } from "../fleet/offer.ts";
import type { AccountView } from "../fleet/situation.ts";
import type { SweepReading } from "../fleet/sweep.ts";

export interface SweepWish {
  /** The reading must have begun after this instant: the fleet's last write. */
  readonly afterMs: number;
  /** Or be made anew when older than this. */
  readonly maxAgeMs: number;
}

export interface SweepAnswer {
  readonly reading: SweepReading;
  /** The account that this deployment is bound to: the first that answered. `null`: none has. */
  readonly boundAccountId: number | null;
  /** As the list was judged: what it shows of a market without credit is in it. */
  readonly account: AccountView;
}

/** All that a CHECK asks at first, in one request. */
export interface FirstLook extends SweepWish {
  /** The list may be as old as the account lets it become between CHECKs. */
  readonly isIdle: boolean;
  readonly fleet: string;
  readonly fingerprint: string;
  /** `null`: the workload commits nothing to the Hub. */
  readonly repos: { readonly examplesRepo: string; readonly weightsRepo: string } | null;
}

export interface FirstAnswer extends SweepAnswer {
  /** The list is older than `maxAgeMs`: it serves a CHECK that has nothing to do. */
  readonly isListOld: boolean;
  /** This deployment's mark on the instances it rents. */
  readonly keeperId: string;
  readonly isFingerprintProven: boolean;
  readonly commits: CommitLoad | null;
}

export type SearchAnswer =
  | { readonly ok: true; readonly offers: readonly Offer[]; readonly isCapped: boolean }
  | { readonly ok: false; readonly reason: string };

/** What a fleet tells after each CHECK, so that the account knows how closely to look. */
export interface FleetPulse {
  readonly name: string;
  readonly isUnsettled: boolean;
  readonly cadenceSeconds: number;
  readonly target: number;
  /** `null`: its workers commit to none. */
  readonly examplesRepo: string | null;
  /** Boxes of other keepers that a person has made this fleet's. */
  readonly adopted: readonly number[];
  /** Absent in what an earlier version has told, like the next two. */
  readonly weightsRepo?: string;
  readonly creditProbeSeconds?: number;
  /** It has boxes, rents on their way or debts. */
  readonly hasBoxes?: boolean;
  /** A removed fleet: its name is still watched until then; `null` for one that exists. */
  readonly watchedUntilMs: number | null;
}
