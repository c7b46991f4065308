/**
 * Accounts and money. Billing is by the second of wall time: disk from the rent on, the GPU from the moment the
 * container runs (Vast API reference §7). Sums change only when a price or a state changes, and are computed for any
 * moment in between, so the result does not depend on how often anybody looks.
 */
import type { Box } from "./instances.ts";
import type { MarketState } from "./state.ts";

export const DEFAULT_ACCOUNT_ID = 123_456;

export interface Account {
  id: number;
  /** Spendable dollars at `settledAtMs`. */
  creditUsd: number;
  settledAtMs: number;
  burnUsdPerHour: number;
  startCreditUsd: number;
  isStoppedForCredit: boolean;
  secrets: Record<string, string>;
  sshKeys: { id: number; publicKey: string; createdAtMs: number }[];
  pendingPriceIncreases: { id: number; boxId: number; oldUsdPerHour: number; newUsdPerHour: number }[];
}

const HOUR_MS = 3_600_000;

export function makeAccount(id: number, creditUsd: number, nowMs: number): Account {
  return {
    id,
    creditUsd,
    settledAtMs: nowMs,
    burnUsdPerHour: 0,
    startCreditUsd: creditUsd,
    isStoppedForCredit: false,
    secrets: {},
    sshKeys: [
      { id: 501, publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAISimulated ops@example.com", createdAtMs: nowMs },
    ],
    pendingPriceIncreases: [],
  };
}

/** The account of this number, made with the given credit when it is new. */
export function accountOf(state: MarketState, id: number): Account {
  const known = state.accounts.get(id);
  if (known !== undefined) return known;
  const account = makeAccount(id, 25, state.nowMs);
  state.accounts.set(id, account);
  return account;
}

/** Dollars that can still be spent at this moment; below zero when disks go on billing without credit. */
export function creditAt(account: Account, nowMs: number): number {
  return account.creditUsd - (account.burnUsdPerHour * (nowMs - account.settledAtMs)) / HOUR_MS;
}

/** When the credit reaches zero at the present burn; null when it never does or has done so. */
export function creditOutAtMs(account: Account): number | null {
  if (account.isStoppedForCredit || account.burnUsdPerHour <= 0) return null;
  return account.settledAtMs + Math.max(0, Math.ceil((account.creditUsd / account.burnUsdPerHour) * HOUR_MS));
}

/** $/hr of the box at this moment. */
export function boxUsdPerHour(box: Box): number {
  if (box.endedAtMs !== null) return 0;
  return box.storageUsdPerHour + (box.isGpuBilled ? box.gpuUsdPerHour : 0);
}

/** Dollars billed for the box from its rent to this moment. */
export function boxBilledUsd(box: Box, nowMs: number): number {
  return box.billedUsd + (boxUsdPerHour(box) * Math.max(0, nowMs - box.settledAtMs)) / HOUR_MS;
}

/**
 * Changes what the box costs from now on: settles box and account at the old price, makes the change, takes the new
 * burn. Every change of `endedAtMs`, `isGpuBilled` or a price goes through here.
 */
export function changeBilling(state: MarketState, box: Box, change: () => void): void {
  const account = accountOf(state, box.accountId);
  box.billedUsd = boxBilledUsd(box, state.nowMs);
  box.settledAtMs = state.nowMs;
  account.creditUsd = creditAt(account, state.nowMs);
  account.settledAtMs = state.nowMs;
  const before = boxUsdPerHour(box);
  change();
  account.burnUsdPerHour = Math.max(0, account.burnUsdPerHour + boxUsdPerHour(box) - before);
}

/** Sets the spendable dollars (a top-up, or a test that wants none). */
export function setCredit(state: MarketState, account: Account, creditUsd: number): void {
  account.creditUsd = creditUsd;
  account.settledAtMs = state.nowMs;
  if (creditUsd > 0) account.isStoppedForCredit = false;
}
