// A roll-out (design §6): boxes that no longer match the spec are replaced a launch batch at a time. The next batch goes
// only when the fleet is whole again and every replacement produces, and only as many boxes go as could be rented anew at
// this moment: whatever holds rents back holds a roll-out back.

import { isUnconfirmed, newDebt } from "./debts.ts";
import { isUnread } from "./health.ts";
import { excusedRents } from "./limits.ts";
import { mismatches } from "./mismatch.ts";
import type { Debt, FleetMemory, RollOut, WorkerMemory } from "./memory.ts";
import type { DestroyAction, RecordAction } from "./plan.ts";
import { collect } from "./removals.ts";
import { planRents } from "./replenish.ts";
import type { Situation } from "./situation.ts";
import { excessWorkers, isWorking } from "./slots.ts";
import type { ProvenList } from "./sweep.ts";

export interface RollOutPlan {
  readonly destroys: readonly DestroyAction[];
  readonly debts: readonly Debt[];
  readonly records: readonly RecordAction[];
  readonly next: RollOut | null;
  readonly isSearchNeeded: boolean;
  readonly drought: FleetMemory["drought"];
  readonly notes: readonly string[];
}

/** `live`: the boxes that stay after all other rules; `memory` holds the debts of this plan so far. */
export function planRollOut(
  situation: Situation,
  list: ProvenList,
  live: readonly WorkerMemory[],
  memory: FleetMemory,
): RollOutPlan {
  const { rollOut } = memory;
  const idle = { destroys: [], debts: [], records: [], isSearchNeeded: false, drought: null, notes: [] };
  if (rollOut === null || situation.mode !== "active") return { ...idle, next: null };
  const why = new Map(
    mismatches(live, situation.spec, situation.fingerprint).map((one) => [one.instanceId, one.why] as const),
  );
  const left = live.filter(({ instanceId }) => why.has(instanceId));
  const hold = holdReason(situation, live, left, memory);
  if (hold === null && left.length === 0) return { ...idle, next: null, records: [finished(rollOut, live.length)] };
  const held = (reason: string): RollOutPlan => ({ ...idle, next: rollOut, notes: [noteOf(rollOut, left, reason)] });
  if (hold !== null) return held(hold);

  const { spec, throughput, nowMs } = situation;
  const { lookingSinceMs } = memory;
  const isOpen = (worker: WorkerMemory): boolean => isUnread(worker, { spec, nowMs, lookingSinceMs });
  const batch = excessWorkers(spec.launchBatch, left, { throughput, nowMs, isUnread: isOpen });
  const trial = planRents(situation, list, without(live, batch), asIfGone(batch, memory, list, situation.nowMs));
  if (trial.isSearchNeeded) return { ...held("offers are looked for first"), isSearchNeeded: true };
  if (trial.actions.length === 0)
    return { ...held(trial.notes.join("; ") || "nothing could be rented now"), drought: trial.drought };
  const leaving = batch.slice(0, trial.actions.length).map((worker) => ({
    worker,
    cause: "roll-out" as const,
    reason: `roll-out of version ${rollOut.specVersion}: ${why.get(worker.instanceId) ?? "does not match"}`,
    evidence: { version: rollOut.specVersion, left: left.length },
  }));
  const { destroys, debts } = collect(list, situation.nowMs, leaving);
  return { ...idle, destroys, debts, next: rollOut, notes: [noteOf(rollOut, left, `${destroys.length} go now`)] };
}

/** Why no batch may go now; `null` where only offers are left to be asked. */
function holdReason(
  { account, spec }: Situation,
  live: readonly WorkerMemory[],
  left: readonly WorkerMemory[],
  { intents, debts, breaker }: FleetMemory,
): string | null {
  if (account.creditWait !== null) return "waiting for credit";
  if (breaker !== null) return "the breaker is open";
  if (live.length < spec.target || intents.length > 0) return "the fleet is not back at its target";
  if (live.some(({ missing }) => missing !== null)) return "a box is not in the list";
  if (debts.some(isUnconfirmed)) return "destroyed boxes are not yet proven gone";
  const starting = without(live, left).filter((worker) => !isWorking(worker));
  if (starting.length > 0) return `worker ${starting.map(({ slot }) => slot).join(", ")} does not produce yet`;
  return null;
}

/** The memory as it will be when one sweep has not shown the batch: what could be rented then is what may go now. */
function asIfGone(batch: readonly WorkerMemory[], memory: FleetMemory, list: ProvenList, nowMs: number): FleetMemory {
  const missing = { firstBegunAtMs: list.begunAtMs, lastBegunAtMs: list.begunAtMs, sweeps: 1 };
  const gone = { isAccepted: true, missing };
  const debts = batch.map((worker) => ({ ...newDebt(worker, worker.slot, "roll-out", nowMs), ...gone }));
  const rentedAtMs = excusedRents(memory.rentedAtMs, batch.length);
  return { ...memory, rentedAtMs, debts: [...memory.debts, ...debts] };
}

function without(workers: readonly WorkerMemory[], others: readonly WorkerMemory[]): readonly WorkerMemory[] {
  const left = new Set(others);
  return workers.filter((worker) => !left.has(worker));
}

function noteOf({ specVersion }: RollOut, left: readonly WorkerMemory[], what: string): string {
  return `roll-out of version ${specVersion}, ${left.length} ${left.length === 1 ? "box" : "boxes"} left: ${what}`;
}

function finished({ specVersion, by }: RollOut, live: number): RecordAction {
  return {
    kind: "roll-out",
    slot: null,
    instanceId: null,
    reason: `roll-out of version ${specVersion} is done: ${live === 1 ? "its one box matches" : `all ${live} boxes match`} the spec`,
    evidence: { version: specVersion, by },
  };
}
