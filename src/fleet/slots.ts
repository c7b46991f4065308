// Which slots are free, which of two boxes in one slot goes, and which boxes go when there are too many.

import type { Intent, Verdict, WorkerMemory } from "./memory.ts";
import { expectedRate, type Throughput } from "./offer.ts";

/** A running box younger than this has not had the time to produce (runbook §10, Scaling). */
const YOUNG_MS = 120_000;
const WORKING: ReadonlySet<Verdict> = new Set(["producing", "uploading"]);

export function isWorking(worker: WorkerMemory): boolean {
  return WORKING.has(worker.verdict);
}

/** The lowest slots used by no live box and no intent (design rule 17). A slot at or above the target counts like any other. */
export function freeSlots(
  count: number,
  workers: readonly WorkerMemory[],
  intents: readonly Intent[],
): readonly number[] {
  const taken = new Set([...workers, ...intents].map(({ slot }) => slot));
  const free: number[] = [];
  for (let slot = 0; free.length < count; slot++) {
    if (!taken.has(slot)) free.push(slot);
  }
  return free;
}

/**
 * Boxes that share a slot with a better one (design rule 5): one that would go for another reason never stays in the place
 * of one that would not (`isLeaving`); else the one that works stays, else the one that has produced; if that does not
 * decide, the younger. A slot with an unsettled intent is left alone.
 */
export function duplicates(
  workers: readonly WorkerMemory[],
  intents: readonly Intent[],
  isLeaving: (worker: WorkerMemory) => boolean,
): readonly { victim: WorkerMemory; keeper: WorkerMemory }[] {
  const unsettled = new Set(intents.map(({ slot }) => slot));
  const bySlot = Map.groupBy(workers, ({ slot }) => slot);
  return [...bySlot].flatMap(([slot, group]) => {
    if (group.length === 1) return [];
    const [keeper, ...victims] = unsettled.has(slot)
      ? []
      : group.toSorted((a, b) => Number(isLeaving(a)) - Number(isLeaving(b)) || byClaim(a, b));
    return keeper === undefined ? [] : victims.map((victim) => ({ victim, keeper }));
  });
}

function byClaim(a: WorkerMemory, b: WorkerMemory): number {
  return (
    Number(isWorking(b)) - Number(isWorking(a)) ||
    Number(b.progress !== null) - Number(a.progress !== null) ||
    startOf(b) - startOf(a) ||
    b.instanceId - a.instanceId
  );
}

function startOf(worker: WorkerMemory): number {
  return worker.startedAtMs ?? worker.firstSeenAtMs;
}

/** The boxes to give up, worst first (design rule 16): not running, young, not producing, then by $/game/s. */
export function excessWorkers(
  count: number,
  workers: readonly WorkerMemory[],
  throughput: Throughput,
  nowMs: number,
): readonly WorkerMemory[] {
  const tier = (worker: WorkerMemory): number => {
    if (worker.status !== "running") return 0;
    if (isWorking(worker)) return 3;
    return nowMs - startOf(worker) < YOUNG_MS ? 1 : 2;
  };
  const value = (worker: WorkerMemory): number => {
    const observed =
      worker.progress?.gamesPerSecond ??
      expectedRate({ gpu: worker.gpu ?? "", machineId: worker.machineId }, throughput).gamesPerSecond;
    return (worker.usdPerHour ?? 0) / Math.max(observed, 0.01);
  };
  return workers
    .toSorted((a, b) => tier(a) - tier(b) || value(b) - value(a) || b.slot - a.slot || b.instanceId - a.instanceId)
    .slice(0, count);
}
