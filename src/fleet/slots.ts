// Which slots are free, which of two boxes in one slot goes, and which boxes go when there are too many.

import { inViewSinceMs } from "./health.ts";
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

export interface Duplicates {
  readonly doubled: readonly { readonly victim: WorkerMemory; readonly keeper: WorkerMemory }[];
  /** All but one of each slot where nobody can tell yet: they count for no excess. */
  readonly undecided: readonly WorkerMemory[];
}

/**
 * Boxes that share a slot with a better one (design rule 5): one that would go for another reason never stays in the place
 * of one that would not (`isLeaving`); else the one that works stays, else the one that has produced; if that does not
 * decide, the younger. A slot with an unsettled intent is left alone. So is one where nobody is known to work while a box
 * is in doubt (`isOpen`): its log has not been read since the last of them came into view, so that it may have played for hours
 * when it was taken over, or have begun since it was read (decisions 0061, 0062); or it is called stopped with most others.
 */
export function duplicates(
  workers: readonly WorkerMemory[],
  intents: readonly Intent[],
  isLeaving: (worker: WorkerMemory) => boolean,
  isOpen: (worker: WorkerMemory, sinceMs: number) => boolean,
): Duplicates {
  const unsettled = new Set(intents.map(({ slot }) => slot));
  const shared = [...Map.groupBy(workers, ({ slot }) => slot)].flatMap(([slot, group]) => {
    if (group.length === 1 || unsettled.has(slot)) return [];
    const [keeper, ...victims] = group.toSorted((a, b) => Number(isLeaving(a)) - Number(isLeaving(b)) || byClaim(a, b));
    const sharedSinceMs = Math.max(...group.map(inViewSinceMs));
    const isInDoubt =
      keeper !== undefined && !isWorking(keeper) && group.some((worker) => isOpen(worker, sharedSinceMs));
    return keeper === undefined ? [] : [{ keeper, victims, isInDoubt }];
  });
  return {
    doubled: shared.flatMap(({ keeper, victims, isInDoubt }) =>
      isInDoubt ? [] : victims.map((victim) => ({ victim, keeper })),
    ),
    undecided: shared.flatMap(({ victims, isInDoubt }) => (isInDoubt ? victims : [])),
  };
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

interface ExcessTerms {
  readonly throughput: Throughput;
  readonly nowMs: number;
  readonly isUnread: (worker: WorkerMemory) => boolean;
  /** Slots that are given up with all of their boxes, of which one may be producing. */
  readonly openSlots?: ReadonlySet<number>;
}

/**
 * The boxes to give up, worst first (design rule 16): not running, young, not producing, then by $/game/s. One whose log
 * has not been read since it came into view, or since CHECKs look again, may be producing (`isUnread`). One whose log shows
 * that it produces does, though the list calls it stopped.
 */
export function excessWorkers(
  count: number,
  workers: readonly WorkerMemory[],
  { throughput, nowMs, isUnread, openSlots }: ExcessTerms,
): readonly WorkerMemory[] {
  const tier = (worker: WorkerMemory): number => {
    if (openSlots?.has(worker.slot) === true) return 3;
    // A bad status that its log beats; one on its way again may have played before that.
    const isSeen = worker.status === "running" || worker.badStatus !== null;
    if (isWorking(worker) && isSeen) return 4;
    if (worker.status !== "running") return 0;
    if (isUnread(worker) && nowMs - startOf(worker) >= YOUNG_MS) return 3;
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
