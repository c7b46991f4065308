// What people order about single boxes (design §6): a box that a person wants gone goes in every mode, at the first CHECK
// whose proven list shows it. Never a strike: the host is not accused.

import type { Census } from "./census.ts";
import { excusedRents } from "./limits.ts";
import type { FleetMemory, Order } from "./memory.ts";
import type { DestroyAction } from "./plan.ts";
import { collect } from "./removals.ts";
import type { Situation } from "./situation.ts";
import type { ProvenList } from "./sweep.ts";

export interface ByHand {
  /** The census without the boxes that go; their debts are in its memory, and the orders that still wait. */
  readonly census: Census;
  readonly destroys: readonly DestroyAction[];
}

export function obeyOrders(situation: Situation, list: ProvenList, census: Census): ByHand {
  const { orders } = census.memory;
  if (orders.length === 0) return { census, destroys: [] };
  const workers = new Map(census.workers.map((worker) => [worker.instanceId, worker]));
  const isThere = (id: number): boolean =>
    workers.get(id)?.missing === null || (workers.has(id) && situation.confirmations.get(id) === "present");
  const waiting = orders.filter(({ instanceId }) => workers.has(instanceId) && !isThere(instanceId));
  const settled = orders.filter(({ instanceId }) => !workers.has(instanceId));
  const leaving = orders.flatMap(({ instanceId, by }) => {
    const worker = isThere(instanceId) ? workers.get(instanceId) : undefined;
    if (worker === undefined) return [];
    return [{ worker, cause: "by-hand" as const, reason: `ordered by ${by}`, evidence: { by } }];
  });
  const { destroys, debts } = collect(list, situation.nowMs, leaving);
  const gone = new Set(destroys.map(({ instanceId }) => instanceId));
  const memory: FleetMemory = {
    ...census.memory,
    debts: [...census.memory.debts, ...debts],
    rentedAtMs: excusedRents(census.memory.rentedAtMs, destroys.length),
    orders: waiting,
  };
  return {
    census: {
      ...census,
      workers: census.workers.filter(({ instanceId }) => !gone.has(instanceId)),
      memory,
      notes: [...census.notes, ...orderNotes(waiting), ...settled.map(settledNote)],
    },
    destroys,
  };
}

/** Said for as long as an order cannot be carried out. */
export function orderNotes(waiting: readonly Order[]): readonly string[] {
  if (waiting.length === 0) return [];
  const ids = waiting.map(({ instanceId }) => instanceId).join(", ");
  return [`ordered by hand, waiting for a proven list that shows it: destroy ${ids}`];
}

function settledNote({ instanceId }: Order): string {
  return `instance ${instanceId} was to be destroyed by hand and is gone, or going, already`;
}
