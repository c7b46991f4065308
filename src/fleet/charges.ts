// Which boxes a fleet has paid for since its last CHECK, and what it pays now: workers, rents that the list does not show
// yet, and destroyed boxes that it still shows. A stopped box costs its disk (`billing.ts`); the ledger, which knows one price
// and two instants of a box, counts it in full. Bandwidth is in neither.

import { workerUsdPerHour } from "./billing.ts";
import type { Instance } from "./instance.ts";
import type { Debt, FleetMemory, Intent, WorkerMemory } from "./memory.ts";
import { type Charge, countedUntil } from "./spend.ts";

/** A start further back is no start but a fault of the list. */
const OLDEST_START_MS = 366 * 86_400_000;

/**
 * What is to be added to `before.spend`. `after` is what the census has made of the list's `rows`; without rows (between
 * CHECKs) everything known is charged until now.
 */
export function chargesSince(
  before: FleetMemory,
  after: Pick<FleetMemory, "workers" | "debts">,
  rows: readonly Instance[],
  nowMs: number,
): readonly Charge[] {
  const sinceMs = countedUntil(before.spend, nowMs);
  const known = new Set(before.workers.map(({ instanceId }) => instanceId));
  const rented = before.intents.filter(({ state }) => state === "rented");
  const rentedIds = new Set(rented.map(({ instanceId }) => instanceId));
  const owed = new Set(before.debts.map(({ instanceId }) => instanceId));
  const met = after.workers.filter(({ instanceId }) => !known.has(instanceId) && !rentedIds.has(instanceId));
  const stillListed = new Set(after.debts.flatMap(({ instanceId, missing }) => (missing === null ? [instanceId] : [])));
  const marked = new Set(rows.flatMap(({ instanceId, keeperId }) => (keeperId === null ? [] : [instanceId])));
  const intents = new Map(before.intents.map((intent) => [intent.id, intent]));
  const back = after.debts.filter(({ instanceId }) => !owed.has(instanceId) && !known.has(instanceId));
  const lasting = [...before.workers.map(workerUsdPerHour), ...back.map(({ usdPerHour }) => usdPerHour)];
  return [
    ...lasting.map((usdPerHour) => ({ usdPerHour, fromMs: sinceMs, toMs: nowMs })),
    ...rented.map(({ usdPerHour, createdAtMs }) => ({
      usdPerHour,
      fromMs: Math.max(sinceMs, createdAtMs),
      toMs: nowMs,
    })),
    ...before.debts.map((debt) => ({
      usdPerHour: debt.usdPerHour,
      fromMs: sinceMs,
      toMs: paidUntil(debt, stillListed, nowMs),
    })),
    ...met.map((worker) => ({
      usdPerHour: workerUsdPerHour(worker),
      fromMs: firstCharged(worker, { intents, marked, sinceMs, nowMs }),
      toMs: nowMs,
    })),
  ];
}

/** A destroyed box is paid for as long as the list shows it; the last destroy before it disappeared ended it. */
function paidUntil(debt: Debt, stillListed: ReadonlySet<number>, nowMs: number): number {
  if (stillListed.has(debt.instanceId)) return nowMs;
  return debt.missing === null ? (debt.lastAttemptAtMs ?? nowMs) : Number.NEGATIVE_INFINITY;
}

interface FirstTerms {
  readonly intents: ReadonlyMap<string, Intent>;
  /** Rows that bear a keeper's mark. */
  readonly marked: ReadonlySet<number>;
  readonly sinceMs: number;
  readonly nowMs: number;
}

/**
 * A box seen for the first time has cost since its start. One that bears a keeper's mark and was made by no open rent has
 * been counted before: here, and it lost its label for a while, or by the keeper that it was adopted from.
 */
function firstCharged(
  { instanceId, intentId, startedAtMs, firstSeenAtMs }: WorkerMemory,
  { intents, marked, sinceMs, nowMs }: FirstTerms,
): number {
  const isStartOdd = startedAtMs === null || nowMs - startedAtMs > OLDEST_START_MS;
  const startMs = isStartOdd ? firstSeenAtMs : startedAtMs;
  const intent = intentId === null ? undefined : intents.get(intentId);
  if (intent !== undefined) return Math.max(startMs, intent.createdAtMs);
  return marked.has(instanceId) ? Math.max(startMs, sinceMs) : startMs;
}

/** $/hr of everything that is paid for now, stopped boxes by their disks. */
export function paidUsdPerHour({ workers, intents, debts }: FleetMemory): number {
  const others = [
    ...intents.filter(({ state }) => state === "rented"),
    ...debts.filter(({ missing }) => missing === null),
  ];
  const prices = [...workers.map(workerUsdPerHour), ...others.map(({ usdPerHour }) => usdPerHour)];
  return prices.reduce((sum: number, usdPerHour) => sum + (usdPerHour ?? 0), 0);
}
