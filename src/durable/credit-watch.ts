// The account's money (design rule 19): what is left, for how long, and when all fleets must wait for more. The wait begins
// at a refusal of the market, and before one where the credit lasts half an hour or less: at zero the market stops every
// box. What is known of the credit is a reading of some minutes ago; the burn since then is taken off it.

import { billedUsdPerHour } from "../fleet/billing.ts";
import type { AccountStore, CreditWait } from "./account-store.ts";

const HOUR_MS = 3_600_000;
/** Credit for less than this is as good as none: the market would stop the boxes soon. */
const FLOOR_HOURS = 0.5;
/** A credit that must have fallen below the floor by now is read anew at most this often. */
const LOW_READ_MS = 30_000;
/** Runbook §10: one probe every 5 minutes, where no fleet says otherwise. */
const PROBE_SECONDS = 300;

/** What the doors show of the account's money. */
export interface CreditView {
  /** As last read, less the burn since; `null`: never read. */
  readonly creditUsd: number | null;
  readonly readAtMs: number | null;
  /** Of every box of the account, whoever rented it, as billed now: a stopped one costs its disk. */
  readonly usdPerHour: number;
  /** `null`: nothing burns, or the credit is not known. */
  readonly hoursLeft: number | null;
  readonly wait: { readonly sinceMs: number; readonly nextProbeAtMs: number; readonly why: string } | null;
}

export function viewCredit(store: AccountStore, nowMs: number): CreditView {
  const creditUsd = creditNow(store, nowMs);
  const usdPerHour = burn(store);
  const wait = store.creditWait();
  return {
    creditUsd,
    readAtMs: store.account()?.readAtMs ?? null,
    usdPerHour,
    hoursLeft: creditUsd === null || usdPerHour <= 0 ? null : Math.max(0, creditUsd) / usdPerHour,
    wait: wait === null ? null : { sinceMs: wait.sinceMs, nextProbeAtMs: wait.nextProbeAtMs, why: wait.why },
  };
}

function burn(store: AccountStore): number {
  return store.boxes().reduce((sum, box) => sum + (billedUsdPerHour(box) ?? 0), 0);
}

/** What all boxes cost once they run: credit that only lasts while they are stopped is none to go on with. */
function fullBurn(store: AccountStore): number {
  return store.boxes().reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0);
}

function creditNow(store: AccountStore, nowMs: number): number | null {
  const known = store.account();
  if (known === null || known.creditUsd === null || known.accountId !== store.accountId()) return null;
  return known.creditUsd - (burn(store) * Math.max(0, nowMs - known.readAtMs)) / HOUR_MS;
}

/** At or below half an hour of what all boxes of the account cost when they run. */
export function isCreditLow(store: AccountStore, nowMs: number): boolean {
  const creditUsd = creditNow(store, nowMs);
  return creditUsd !== null && creditUsd <= FLOOR_HOURS * fullBurn(store);
}

/**
 * Whether the account must be asked after a sweep: boxes have just stopped, which is how a market without credit shows; the
 * credit must be low by now; or a wait for it may be over. A spending limit is no matter of credit.
 */
export function wantsCreditReading(store: AccountStore, hasStopped: boolean, nowMs: number): boolean {
  const ageMs = nowMs - (store.account()?.readAtMs ?? 0);
  const wait = store.creditWait();
  if (wait !== null) return wait.cause !== "spend-limit" && ageMs >= probeSeconds(store) * 1000;
  return hasStopped || (isCreditLow(store, nowMs) && ageMs >= LOW_READ_MS);
}

/** Begins or ends the wait by the credit alone. Called when it has been read, or when it could not be. */
export function judgeCredit(store: AccountStore, nowMs: number): void {
  const wait = store.creditWait();
  const isLow = isCreditLow(store, nowMs);
  if (wait === null) {
    if (isLow) beginWait(store, "low", describeLow(store, nowMs), probeSeconds(store), nowMs);
    return;
  }
  const known = store.account();
  if (wait.cause === "spend-limit" || known === null || known.creditUsd === null || known.readAtMs <= wait.sinceMs)
    return;
  // A market that refused in spite of this much credit would refuse again: only more than the least since then is news.
  const leastUsd = wait.creditAtRefusalUsd ?? 0;
  if (known.creditUsd > leastUsd && !isLow) store.setCreditWait(null);
  else if (known.creditUsd < leastUsd) store.setCreditWait({ ...wait, creditAtRefusalUsd: known.creditUsd });
}

/**
 * A probe that no fleet has asked for by the end of another of its intervals: none lacks a box, and a wait that only a rent
 * could end would keep every one of them from replacing what has failed. The next rent is the probe.
 */
export function endUnwantedWait(store: AccountStore, nowMs: number): void {
  const wait = store.creditWait();
  if (wait === null || nowMs < wait.nextProbeAtMs + probeSeconds(store) * 1000) return;
  if (wait.cause === "spend-limit" || (creditNow(store, nowMs) !== null && !isCreditLow(store, nowMs)))
    store.setCreditWait(null);
}

function describeLow(store: AccountStore, nowMs: number): string {
  const { creditUsd, usdPerHour, hoursLeft } = viewCredit(store, nowMs);
  const hours = hoursLeft === null ? "" : `, ${hoursLeft.toFixed(2)} h at $${usdPerHour.toFixed(3)}/hr`;
  return `$${Math.max(0, creditUsd ?? 0).toFixed(2)} left${hours}`;
}

/** A second refusal moves the next probe; a spending limit keeps its hour. */
export function beginWait(
  store: AccountStore,
  cause: CreditWait["cause"],
  why: string,
  seconds: number,
  nowMs: number,
): void {
  const wait = store.creditWait();
  store.setCreditWait({
    cause,
    why,
    sinceMs: wait?.sinceMs ?? nowMs,
    nextProbeAtMs: Math.max(wait?.cause === "spend-limit" ? wait.nextProbeAtMs : 0, nowMs + seconds * 1000),
    creditAtRefusalUsd: cause === "low" ? null : (store.account()?.creditUsd ?? null),
  });
}

/** The shortest that a fleet asks for. */
function probeSeconds(store: AccountStore): number {
  const wished = store.fleets().flatMap(({ creditProbeSeconds }) => creditProbeSeconds ?? []);
  return wished.length === 0 ? PROBE_SECONDS : Math.min(...wished);
}
