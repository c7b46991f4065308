// Who is there: rows that are this fleet's, rents that became boxes, debts that are paid, boxes that are missing or came
// back (design rules 2 to 4, and the proof of absence of §3).

import { isAbsenceProven, isListInDoubt, isMassAbsence, MASS_SECOND_SWEEP_MS, wantsAccount } from "./absence.ts";
import { newDebt, settleDebts, unprovenDebts } from "./debts.ts";
import type { Instance } from "./instance.ts";
import { overdueRents, settleIntents } from "./intents.ts";
import { parseLabel } from "./label.ts";
import { rentsInLastHour } from "./limits.ts";
import type { Debt, FleetMemory, Intent, WorkerMemory } from "./memory.ts";
import type { RecordAction } from "./plan.ts";
import type { Situation } from "./situation.ts";
import { adoptedIds, isOthers } from "./stray.ts";
import type { ProvenList } from "./sweep.ts";
import { meetWorker, observeRow } from "./worker.ts";

/** Rows that are this fleet's, what of the memory they confirm, and what is missing. */
export interface Census {
  readonly workers: readonly WorkerMemory[];
  /** Of those, the ones that this list shows for the first time. */
  readonly met: readonly WorkerMemory[];
  readonly memory: FleetMemory;
  readonly debtsDue: readonly Debt[];
  readonly actions: readonly RecordAction[];
  readonly confirm: readonly number[];
  readonly isAccountNeeded: boolean;
  readonly deadlinesMs: readonly number[];
  readonly notes: readonly string[];
}

export function takeCensus(situation: Situation, list: ProvenList): Census {
  const { memory, nowMs, confirmations, spec, account } = situation;
  const debtOutcome = settleDebts(memory.debts, memory.watched, list.rows, {
    sweepBegunAtMs: list.begunAtMs,
    nowMs,
    confirmations,
    accountReadAtMs: account.readAtMs,
  });
  const debtIds = new Set(memory.debts.map(({ instanceId }) => instanceId));
  const watchedIds = new Set(memory.watched.map(({ instanceId }) => instanceId));
  const known = new Map(memory.workers.map((worker) => [worker.instanceId, worker]));
  const isOurs = ownership(situation);
  const ownRows = list.rows.filter((row) => isOurs(row) && !debtIds.has(row.instanceId));
  const returned = ownRows.filter(({ instanceId }) => watchedIds.has(instanceId));
  const returnedIds = new Set(returned.map(({ instanceId }) => instanceId));
  const liveRows = ownRows.filter(({ instanceId }) => !watchedIds.has(instanceId));
  const intents = settleIntents(memory.intents, liveRows, {
    sweepBegunAtMs: list.begunAtMs,
    settleMs: spec.timeoutsSeconds.intentSettle * 1000,
    knownIds: new Set([...known.keys(), ...debtIds]),
    confirmations,
    accountReadAtMs: account.readAtMs,
    listedIds: new Set(list.rows.map(({ instanceId }) => instanceId)),
    isListInDoubt: losesKnown(situation, list),
  });
  const met = liveRows.map((row) => meetOrObserve(situation, list, row, known.get(row.instanceId), intents.adopted));
  const missing = findMissing(situation, list, liveRows);
  const debtsBack = returned.map((row) => cameBack(row, nowMs));
  return {
    workers: [...met.map(({ worker }) => worker), ...missing.kept],
    met: met.flatMap(({ worker }) => (known.has(worker.instanceId) ? [] : [worker])),
    memory: {
      ...memory,
      intents: intents.open,
      debts: [...debtOutcome.debts, ...debtsBack],
      watched: debtOutcome.watched.filter(({ instanceId }) => !returnedIds.has(instanceId)),
      adopted: keptAdoptions(memory, list.rows),
      rentedAtMs: rentsInLastHour([...memory.rentedAtMs, ...lostRents(intents.adopted)], nowMs),
    },
    debtsDue: [...debtOutcome.due, ...debtsBack],
    actions: [...debtOutcome.actions, ...intents.actions, ...met.flatMap(({ actions }) => actions), ...missing.actions],
    confirm: [...missing.confirm, ...unlistedRents(intents.open), ...unprovenDebts(debtOutcome.debts)],
    isAccountNeeded: [...missing.kept, ...debtOutcome.debts, ...intents.open].some((one) =>
      wantsAccount(one.missing, confirmations.get(one.instanceId ?? Number.NaN), account.readAtMs),
    ),
    deadlinesMs: missing.isMass
      ? missing.kept.map((worker) => (worker.missing?.firstBegunAtMs ?? nowMs) + MASS_SECOND_SWEEP_MS)
      : [],
    notes: [...missing.notes, ...strayNotes(list.rows, situation)],
  };
}

/** Whether the list has lost what is known to be there; what its id says is absent is known to be gone. */
function losesKnown({ memory, spec, nowMs, confirmations }: Situation, list: ProvenList): boolean {
  const listed = new Set(list.rows.map(({ instanceId }) => instanceId));
  const rented = overdueRents(memory.intents, nowMs, spec.timeoutsSeconds.intentSettle * 1000);
  const known = [...memory.workers, ...rented].filter(
    ({ instanceId }) => instanceId !== null && confirmations.get(instanceId) !== "absent",
  );
  const missing = known.filter(({ instanceId }) => instanceId !== null && !listed.has(instanceId));
  return isListInDoubt(known.length, missing.length);
}

/** Rents that succeeded though their answer was lost: an answer that came has been counted when it was recorded. */
function lostRents(adopted: ReadonlyMap<number, Intent>): readonly number[] {
  return [...adopted.values()].flatMap(({ state, createdAtMs }) => (state === "rented" ? [] : [createdAtMs]));
}

/**
 * Ours: the label is exactly this fleet's, and no other keeper's mark is on it (design rule 2). A box that we know, have
 * just rented or have destroyed stays ours while the market says no label at all: that may be a fault of the list, and
 * letting go would rent a second fleet, or leave a box that came back to be paid for ever.
 */
function ownership(situation: Pick<Situation, "fleet" | "keeperId" | "memory">): (row: Instance) => boolean {
  const adopted = adoptedIds(situation.memory);
  const { workers, intents, watched } = situation.memory;
  const knownIds = new Set([...workers, ...watched].map(({ instanceId }) => instanceId));
  const intentIds = new Set(intents.map(({ id }) => id));
  const rentedIds = new Set(intents.map(({ instanceId }) => instanceId));
  return (row) => {
    if (isOthers(row, situation.keeperId, adopted)) return false;
    if (row.label !== null) return parseLabel(row.label)?.fleet === situation.fleet;
    const isRented = row.intentId === null ? rentedIds.has(row.instanceId) : intentIds.has(row.intentId);
    return knownIds.has(row.instanceId) || isRented;
  };
}

/** Boxes with this fleet's label that another deployment rented: shown, never touched (design rule 2). */
function strayNotes(rows: readonly Instance[], situation: Situation): readonly string[] {
  const adopted = adoptedIds(situation.memory);
  const strays = rows.filter(
    (row) => isOthers(row, situation.keeperId, adopted) && parseLabel(row.label)?.fleet === situation.fleet,
  );
  if (strays.length === 0) return [];
  return [
    `left alone, rented by another keeper under this fleet's label: ${strays.map(({ instanceId }) => instanceId).join(", ")}`,
  ];
}

function meetOrObserve(
  situation: Situation,
  list: ProvenList,
  row: Instance,
  known: WorkerMemory | undefined,
  adopted: ReadonlyMap<number, Intent>,
): { worker: WorkerMemory; actions: readonly RecordAction[] } {
  const intent = adopted.get(row.instanceId);
  const slot = parseLabel(row.label)?.slot ?? known?.slot ?? intent?.slot ?? 0;
  const sighting = {
    slot,
    label: row.label ?? intent?.label ?? "",
    intentId: intent?.id ?? row.intentId,
    fingerprint: intent?.fingerprint ?? null,
    uploadIntervalSeconds: intent?.uploadIntervalSeconds ?? null,
  };
  const before = known ?? meetWorker(row, sighting, list.begunAtMs);
  const worker = observeRow(
    {
      ...before,
      slot,
      intentId: before.intentId ?? sighting.intentId,
      fingerprint: before.fingerprint ?? sighting.fingerprint,
      uploadIntervalSeconds: before.uploadIntervalSeconds ?? sighting.uploadIntervalSeconds,
    },
    row,
    { sweepBegunAtMs: list.begunAtMs, spec: situation.spec, nowMs: situation.nowMs },
  );
  if (known !== undefined) return { worker, actions: [] };
  const how = intent === undefined ? howTakenOver(row, situation) : "the rent of this fleet made it";
  const evidence = {
    machineId: row.machineId,
    gpu: row.gpu,
    usdPerHour: row.usdPerHour,
    intent: intent?.id ?? row.intentId,
  };
  return { worker, actions: [{ kind: "adopt", slot, instanceId: row.instanceId, reason: how, evidence }] };
}

function howTakenOver(row: Instance, { keeperId, memory }: Situation): string {
  if (adoptedIds(memory).has(row.instanceId)) return "it was adopted by hand";
  const mark = row.keeperId === keeperId ? "this keeper's mark" : "no keeper's mark";
  return `it bears this fleet's label and ${mark}: taken over`;
}

/** An adoption is remembered for as long as the box is there, is owed, or may come back. */
function keptAdoptions(memory: FleetMemory, rows: readonly Instance[]): FleetMemory["adopted"] {
  const known = [...rows, ...memory.workers, ...memory.debts, ...memory.watched];
  const ids = new Set(known.map(({ instanceId }) => instanceId));
  return memory.adopted.filter(({ instanceId }) => ids.has(instanceId));
}

function findMissing(
  situation: Situation,
  list: ProvenList,
  liveRows: readonly Instance[],
): { kept: WorkerMemory[]; actions: RecordAction[]; confirm: number[]; isMass: boolean; notes: string[] } {
  const { memory, confirmations, account, spec, nowMs } = situation;
  const own = new Set(liveRows.map(({ instanceId }) => instanceId));
  const listed = new Set(list.rows.map(({ instanceId }) => instanceId));
  const absent = memory.workers.filter(({ instanceId }) => !listed.has(instanceId));
  const relabelled = memory.workers.filter(({ instanceId }) => listed.has(instanceId) && !own.has(instanceId));
  const isMass = isMassAbsence(memory.workers.length, absent.length);
  const isInDoubt = losesKnown(situation, list);
  const kept: WorkerMemory[] = [];
  const actions: RecordAction[] = relabelled.map((worker) => released(worker));
  for (const before of absent) {
    const worker = observeRow(before, null, { sweepBegunAtMs: list.begunAtMs, spec, nowMs });
    const confirmation = confirmations.get(worker.instanceId);
    // Asked by its id first: a list that is empty by mistake is proven like any other.
    const isGone =
      confirmation !== undefined &&
      (confirmation === "absent" || !isInDoubt) &&
      isAbsenceProven(worker.missing, confirmation, { isMass, accountReadAtMs: account.readAtMs });
    if (isGone) actions.push(vanished(worker));
    else kept.push(worker);
  }
  const notes = kept.length === 0 ? [] : [missingNote(kept, isMass)];
  const confirm = kept.map(({ instanceId }) => instanceId).filter((id) => !confirmations.has(id));
  return { kept, actions, confirm, isMass, notes };
}

function missingNote(workers: readonly WorkerMemory[], isMass: boolean): string {
  const ids = workers.map(({ instanceId }) => instanceId).join(", ");
  const wait = isMass
    ? `; more than half at once, so a second sweep ${MASS_SECOND_SWEEP_MS / 1000} s later and the account are asked`
    : "";
  return `not in the list, not yet proven gone: ${ids}${wait}`;
}

function vanished(worker: WorkerMemory): RecordAction {
  return {
    kind: "gone",
    slot: worker.slot,
    instanceId: worker.instanceId,
    reason: `instance ${worker.instanceId} is gone; this fleet did not destroy it`,
    evidence: { machineId: worker.machineId, sweeps: worker.missing?.sweeps ?? 0 },
  };
}

function released(worker: WorkerMemory): RecordAction {
  return {
    kind: "gone",
    slot: worker.slot,
    instanceId: worker.instanceId,
    reason: `instance ${worker.instanceId} no longer bears this fleet's label or mark: left alone`,
    evidence: { machineId: worker.machineId, label: worker.label },
  };
}

/** Rented, with an id, not in the list after two sweeps: the by-id answer tells whether it is there. */
function unlistedRents(intents: FleetMemory["intents"]): readonly number[] {
  return intents.flatMap(({ instanceId, missing }) =>
    instanceId !== null && (missing?.sweeps ?? 0) >= 2 ? [instanceId] : [],
  );
}

function cameBack(row: Instance, nowMs: number): Debt {
  return newDebt(row, parseLabel(row.label)?.slot ?? null, "came back after it was destroyed", nowMs);
}
