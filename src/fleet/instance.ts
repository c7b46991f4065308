// What the market says about one rented instance, in our words and units. Built in vast/convert.ts, nowhere else.

/** One row of the instance list. `null` means that the market did not say, or said something unreadable. */
export interface Instance {
  readonly instanceId: number;
  readonly label: string | null;
  /** The physical machine; the key of strikes and blocks. */
  readonly machineId: number | null;
  readonly operatorId: number | null;
  /** GPU type with spaces, as the market replies: "RTX 3070 Ti". */
  readonly gpu: string | null;
  /** What the host's daemon reported last; `null` while the instance is being provisioned. */
  readonly actualStatus: string | null;
  /** What is wanted of it: running or stopped. */
  readonly intendedStatus: string | null;
  /** The contract's own state: running or stopped. */
  readonly currentState: string | null;
  /** The daemon's last text: pull progress, start errors. May be stale. */
  readonly statusMessage: string | null;
  /** Disk included. */
  readonly usdPerHour: number | null;
  /** The disk's part of it: what is billed while the instance is stopped. */
  readonly storageUsdPerHour: number | null;
  readonly startedAtMs: number | null;
  /** When the host's listing ends; the instance is taken back then. */
  readonly endsAtMs: number | null;
  readonly isBid: boolean | null;
  /** False where the instance's environment was missing or unreadable, so that the two marks below prove nothing. */
  readonly envReadable: boolean;
  /** FLEETKEEPER_ID of the instance: which deployment rented it. */
  readonly keeperId: string | null;
  /** FLEETKEEPER_INTENT of the instance: which rent of ours made it. */
  readonly intentId: string | null;
  readonly ssh: { readonly host: string; readonly port: number } | null;
}
