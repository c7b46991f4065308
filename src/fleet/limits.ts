// How many rents a CHECK may send (design rules 14 and 15, and the ceiling of §3). Every limit says its name, so that a
// note can tell which one held.

import { isUnconfirmed } from "./debts.ts";
import type { Debt, FleetMemory, Intent } from "./memory.ts";

const HOUR_MS = 3_600_000;
/** Successful rents an hour beyond the first fill: at least this many, whatever the target (design rule 15). */
const HOURLY_RENTS_MINIMUM = 6;

export interface RentTerms {
  readonly target: number;
  /** Live boxes after this plan's destroys have been ordered. */
  readonly live: number;
  readonly intents: readonly Intent[];
  /** Debts, those of this plan included. */
  readonly debts: readonly Debt[];
  readonly memory: Pick<FleetMemory, "rentedAtMs" | "filledTarget">;
  readonly nowMs: number;
  readonly launchBatch: number;
  /** Boxes and intents of a fingerprint that has yet to produce; `null` where no such proof is asked for, or it is there. */
  readonly unproven: number | null;
}

export interface RentRoom {
  readonly shortfall: number;
  readonly allowed: number;
  /** The limit that holds the plan below the shortfall; `null` when none does. */
  readonly heldBy: "ceiling" | "hourly" | "unproven" | null;
}

/** shortfall = target − (live + open intents); no rent is sent that would break the ceiling of target + 1. */
export function rentRoom(terms: RentTerms): RentRoom {
  const occupied = terms.live + terms.intents.length;
  const shortfall = Math.max(0, terms.target - occupied);
  const ceiling = terms.target + 1 - occupied - terms.debts.filter(isUnconfirmed).length;
  const hourly = hourlyAllowance(terms) - rentsInLastHour(terms.memory.rentedAtMs, terms.nowMs).length;
  const unproven = terms.unproven === null ? shortfall : terms.launchBatch - terms.unproven;
  const limits = [
    { heldBy: "ceiling", room: ceiling },
    { heldBy: "hourly", room: hourly },
    { heldBy: "unproven", room: unproven },
  ] as const;
  const tightest = limits.reduce((least, limit) => (limit.room < least.room ? limit : least));
  const allowed = Math.max(0, Math.min(shortfall, tightest.room));
  return { shortfall, allowed, heldBy: allowed < shortfall ? tightest.heldBy : null };
}

function hourlyAllowance(terms: RentTerms): number {
  const firstFill = Math.max(0, terms.target - terms.memory.filledTarget);
  return Math.max(HOURLY_RENTS_MINIMUM, 2 * terms.target) + firstFill;
}

/**
 * A rent in the place of a box that a person ordered away is no sign of a fleet that eats boxes: for each such box the
 * oldest rent counts no more.
 */
export function excusedRents(rentedAtMs: readonly number[], boxes: number): readonly number[] {
  return rentedAtMs.slice(boxes);
}

/** When the hourly limit lets the next rent through, in seconds from now; 0: at once. */
export function secondsToNextRent(rentedAtMs: readonly number[], nowMs: number): number {
  const [oldest = nowMs - HOUR_MS] = rentsInLastHour(rentedAtMs, nowMs).toSorted((a, b) => a - b);
  return Math.max(0, Math.ceil((oldest + HOUR_MS - nowMs) / 1000));
}

export function rentsInLastHour(rentedAtMs: readonly number[], nowMs: number): readonly number[] {
  return rentedAtMs.filter((atMs) => atMs > nowMs - HOUR_MS);
}
