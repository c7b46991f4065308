// observation + memory + spec + now → plan. Pure: the same situation gives the same plan, a dry run and a CHECK alike.
// The steps follow the rules of design §4 in their order.

import { isAbsenceProven, isMassAbsence, MASS_SECOND_SWEEP_MS, wantsAccount } from "./absence.ts";
import { lookAgain } from "./cadence.ts";
import { isUnconfirmed, settleDebts } from "./debts.ts";
import { type Ailment, judgeHealth } from "./health.ts";
import type { Instance } from "./instance.ts";
import { settleIntents } from "./intents.ts";
import { parseLabel } from "./label.ts";
import { rentsInLastHour } from "./limits.ts";
import type { Debt, FleetMemory, Intent, WorkerMemory } from "./memory.ts";
import { roundPrice } from "./offer.ts";
import type { Action, DestroyAction, FleetMode, FleetState, Plan, RecordAction, StrikeAction, Totals } from "./plan.ts";
import { planRents, type RentPlan } from "./replenish.ts";
import type { Situation } from "./situation.ts";
import { duplicates, excessWorkers, isWorking } from "./slots.ts";
import type { ProvenList } from "./sweep.ts";
import { isBeatenByLog, meetWorker, observeRow } from "./worker.ts";

/** More than half of at least this many boxes stopped at once: the market or the account is the sick one (design rule 6). */
const MASS_STATUS_MINIMUM = 3;
/** A sweep follows a first destroy at once (design §3); a debt that stands after that waits for the cadence. */
const SWEEP_AFTER_DESTROY_MS = 1000;

export function decide(situation: Situation): Plan {
  const { sweep } = situation;
  if (situation.missingCredentials !== null) return idlePlan(situation, "no-credentials", situation.missingCredentials);
  if (!sweep.proven) return blindPlan(situation, sweep.reason);
  return planOnProvenList(situation, sweep.list);
}

function idlePlan(situation: Situation, state: FleetState, note: string): Plan {
  const { memory, spec, nowMs } = situation;
  const again = lookAgain({ spec, nowMs, isUnsettled: true, changedAtMs: memory.changedAtMs, deadlinesMs: [] });
  return {
    actions: [],
    spareOffers: [],
    state: stateOfMode(situation.mode, memory) ?? state,
    totals: totalsOf(memory.workers),
    memory,
    needs: { confirm: [], account: false, offers: false, logs: [] },
    lookAgainAtMs: again.atMs,
    isEarly: false,
    notes: [note],
  };
}

/** Nothing is rented and nothing destroyed on a list that is not proven (design rule 1). */
function blindPlan(situation: Situation, reason: string): Plan {
  const sinceMs = situation.memory.blindSinceMs ?? situation.nowMs;
  const forSeconds = Math.round((situation.nowMs - sinceMs) / 1000);
  const plan = idlePlan(situation, "blind", `blind for ${forSeconds} s: ${reason}; nothing is rented or destroyed`);
  return { ...plan, memory: { ...situation.memory, blindSinceMs: sinceMs } };
}

/** Rows that are this fleet's, what of the memory they confirm, and what is missing. */
interface Census {
  readonly workers: readonly WorkerMemory[];
  readonly memory: FleetMemory;
  readonly debtsDue: readonly Debt[];
  readonly actions: readonly RecordAction[];
  readonly confirm: readonly number[];
  readonly isAccountNeeded: boolean;
  readonly notes: readonly string[];
}

function planOnProvenList(situation: Situation, list: ProvenList): Plan {
  const { spec, nowMs, mode } = situation;
  const census = takeCensus(situation, list);
  const removal = planRemovals(situation, list, census);
  const paid = census.debtsDue.map((debt) => payDebt(debt, list));
  const leaving = new Set(removal.destroys.map(({ instanceId }) => instanceId));
  const live = census.workers.filter(({ instanceId }) => !leaving.has(instanceId));
  const debts = [...census.memory.debts, ...removal.debts];
  const rents = planRents(situation, list, live, { ...census.memory, debts });
  const actions: Action[] = [...census.actions, ...paid, ...removal.strikes, ...removal.destroys, ...rents.actions];
  const isChanged = census.actions.length + removal.destroys.length + rents.actions.length > 0;
  const memory: FleetMemory = {
    ...census.memory,
    workers: live,
    debts,
    blindSinceMs: null,
    changedAtMs: isChanged ? nowMs : census.memory.changedAtMs,
    drought: rents.drought,
    ...filled(census.memory, live.length, situation),
  };
  const isUnsettled =
    memory.intents.length + debts.length > 0 ||
    rents.shortfall > 0 ||
    live.some((worker) => !isWorking(worker) || worker.badStatus !== null);
  const isSweepWanted = rents.heldBy === "ceiling" && debts.some((debt) => isUnconfirmed(debt) && debt.attempts === 0);
  const again = lookAgain({
    spec,
    nowMs,
    isUnsettled: mode === "paused" ? debts.length > 0 : isUnsettled,
    changedAtMs: memory.changedAtMs,
    deadlinesMs: [
      ...removal.deadlinesMs,
      rents.drought?.nextSearchAtMs ?? null,
      isSweepWanted ? nowMs + SWEEP_AFTER_DESTROY_MS : null,
      situation.account.creditWait?.nextProbeAtMs ?? null,
    ],
  });
  return {
    actions,
    spareOffers: rents.spareOffers,
    state: stateOf(situation, memory, rents, isUnsettled),
    totals: totalsOf(live),
    memory,
    needs: {
      confirm: census.confirm,
      account: census.isAccountNeeded || removal.isAccountNeeded,
      offers: rents.isSearchNeeded,
      logs: removal.logs,
    },
    lookAgainAtMs: again.atMs,
    isEarly: again.isEarly,
    notes: [...census.notes, ...removal.notes, ...rents.notes],
  };
}

function takeCensus(situation: Situation, list: ProvenList): Census {
  const { memory, nowMs, confirmations, spec, account } = situation;
  const debtOutcome = settleDebts(memory.debts, memory.watched, list.rows, {
    sweepBegunAtMs: list.begunAtMs,
    nowMs,
    confirmations,
    accountReadAtMs: account.readAtMs,
  });
  const debtIds = new Set(memory.debts.map(({ instanceId }) => instanceId));
  const watchedIds = new Set(memory.watched.map(({ instanceId }) => instanceId));
  const ownRows = list.rows.filter((row) => isOwn(row, situation) && !debtIds.has(row.instanceId));
  const returned = ownRows.filter(({ instanceId }) => watchedIds.has(instanceId));
  const liveRows = ownRows.filter(({ instanceId }) => !watchedIds.has(instanceId));
  const known = new Map(memory.workers.map((worker) => [worker.instanceId, worker]));
  const intents = settleIntents(memory.intents, liveRows, {
    sweepBegunAtMs: list.begunAtMs,
    nowMs,
    settleMs: spec.timeoutsSeconds.intentSettle * 1000,
    knownIds: new Set([...known.keys(), ...debtIds]),
    confirmations,
    accountReadAtMs: account.readAtMs,
  });
  const met = liveRows.map((row) => meetOrObserve(situation, list, row, known.get(row.instanceId), intents.adopted));
  const missing = findMissing(situation, list, liveRows);
  const debtsBack = returned.map((row) => cameBack(row, nowMs));
  return {
    workers: [...met.map(({ worker }) => worker), ...missing.kept],
    memory: {
      ...memory,
      intents: intents.open,
      debts: [...debtOutcome.debts, ...debtsBack],
      watched: debtOutcome.watched.filter(({ instanceId }) => !returned.some((row) => row.instanceId === instanceId)),
      rentedAtMs: rentsInLastHour([...memory.rentedAtMs, ...lostRents(intents.adopted)], nowMs),
    },
    debtsDue: [...debtOutcome.due, ...debtsBack],
    actions: [...debtOutcome.actions, ...intents.actions, ...met.flatMap(({ actions }) => actions), ...missing.actions],
    confirm: [...missing.confirm, ...unlistedRents(intents.open)],
    isAccountNeeded: [...missing.kept, ...debtOutcome.debts, ...intents.open].some((one) =>
      wantsAccount(one.missing, confirmations.get(one.instanceId ?? Number.NaN), account.readAtMs),
    ),
    notes: missing.notes,
  };
}

/** Rents that succeeded though their answer was lost: an answer that came has been counted when it was recorded. */
function lostRents(adopted: ReadonlyMap<number, Intent>): readonly number[] {
  return [...adopted.values()].flatMap(({ state, createdAtMs }) => (state === "rented" ? [] : [createdAtMs]));
}

/** Ours: the label is exactly this fleet's, and no other keeper's mark is on it (design rule 2). */
function isOwn(row: Instance, situation: Pick<Situation, "fleet" | "keeperId">): boolean {
  return (
    parseLabel(row.label)?.fleet === situation.fleet && (row.keeperId === null || row.keeperId === situation.keeperId)
  );
}

function meetOrObserve(
  situation: Situation,
  list: ProvenList,
  row: Instance,
  known: WorkerMemory | undefined,
  adopted: ReadonlyMap<number, { id: string; fingerprint: string }>,
): { worker: WorkerMemory; actions: readonly RecordAction[] } {
  const slot = parseLabel(row.label)?.slot ?? 0;
  const intent = adopted.get(row.instanceId);
  const sighting = {
    slot,
    label: row.label ?? "",
    intentId: intent?.id ?? row.intentId,
    fingerprint: intent?.fingerprint ?? null,
  };
  const before = known ?? meetWorker(row, sighting, list.begunAtMs);
  const worker = observeRow(
    {
      ...before,
      slot,
      intentId: before.intentId ?? sighting.intentId,
      fingerprint: before.fingerprint ?? sighting.fingerprint,
    },
    row,
    { sweepBegunAtMs: list.begunAtMs, spec: situation.spec, nowMs: situation.nowMs },
  );
  if (known !== undefined) return { worker, actions: [] };
  const how =
    intent === undefined
      ? row.keeperId === null
        ? "it bears this fleet's label and no keeper's mark: taken over"
        : "it bears this fleet's label and this keeper's mark: taken over"
      : "the rent of this fleet made it";
  const evidence = {
    machineId: row.machineId,
    gpu: row.gpu,
    usdPerHour: row.usdPerHour,
    intent: intent?.id ?? row.intentId,
  };
  return { worker, actions: [{ kind: "adopt", slot, instanceId: row.instanceId, reason: how, evidence }] };
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
  const kept: WorkerMemory[] = [];
  const actions: RecordAction[] = relabelled.map((worker) => released(worker));
  for (const before of absent) {
    const worker = observeRow(before, null, { sweepBegunAtMs: list.begunAtMs, spec, nowMs });
    const confirmation = confirmations.get(worker.instanceId);
    // Asked by its id first: a list that is empty by mistake is proven like any other.
    const isGone =
      confirmation !== undefined &&
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

/** Rented, with an id, not in the list after a first sweep: the by-id answer tells the two apart. */
function unlistedRents(intents: FleetMemory["intents"]): readonly number[] {
  return intents.flatMap(({ instanceId, missing }) =>
    instanceId !== null && (missing?.sweeps ?? 0) >= 2 ? [instanceId] : [],
  );
}

function cameBack(row: Instance, nowMs: number): Debt {
  return newDebt(row, parseLabel(row.label)?.slot ?? null, "came back after it was destroyed", nowMs);
}

function newDebt(
  box: Pick<Instance, "instanceId" | "label" | "machineId" | "usdPerHour">,
  slot: number | null,
  reason: string,
  nowMs: number,
): Debt {
  const { instanceId, label, machineId, usdPerHour } = box;
  return {
    instanceId,
    slot,
    label,
    machineId,
    usdPerHour,
    reason,
    createdAtMs: nowMs,
    lastAttemptAtMs: null,
    attempts: 0,
    lastError: null,
    missing: null,
  };
}

function payDebt(debt: Debt, proof: ProvenList): DestroyAction {
  return {
    kind: "destroy",
    slot: debt.slot,
    instanceId: debt.instanceId,
    cause: debt.attempts === 0 ? "came-back" : "debt",
    reason: debt.attempts === 0 ? debt.reason : `still listed after ${debt.attempts} destroys: ${debt.reason}`,
    evidence: { attempts: debt.attempts, lastError: debt.lastError, sinceMs: debt.createdAtMs },
    proof,
  };
}

interface Removals {
  readonly destroys: readonly DestroyAction[];
  readonly debts: readonly Debt[];
  readonly strikes: readonly StrikeAction[];
  readonly logs: readonly number[];
  readonly deadlinesMs: readonly (number | null)[];
  readonly isAccountNeeded: boolean;
  readonly notes: readonly string[];
}

const NO_REMOVALS: Removals = {
  destroys: [],
  debts: [],
  strikes: [],
  logs: [],
  deadlinesMs: [],
  isAccountNeeded: false,
  notes: [],
};

function planRemovals(situation: Situation, list: ProvenList, census: Census): Removals {
  const { mode, account, nowMs } = situation;
  if (mode === "paused")
    return { ...NO_REMOVALS, notes: ["paused: observing only, and destroying what is already owed"] };
  const present = census.workers.filter(({ missing }) => missing === null);
  if (mode === "down") {
    return collect(
      list,
      nowMs,
      present.map((worker) => ({ worker, cause: "down" as const, reason: "the fleet is down", evidence: {} })),
    );
  }
  if (account.creditWait !== null)
    return { ...NO_REMOVALS, notes: [`waiting for credit (${account.creditWait.why}): nothing is destroyed`] };
  const doubled = duplicates(present, census.memory.intents).map(({ victim, keeper }) => ({
    worker: victim,
    cause: "duplicate" as const,
    reason: `slot ${victim.slot} is also held by instance ${keeper.instanceId} (${keeper.verdict})`,
    evidence: { kept: keeper.instanceId },
  }));
  const single = present.filter((worker) => !doubled.some((double) => double.worker === worker));
  const ailing = findAiling(situation, single, list.begunAtMs);
  const healthy = single.filter((worker) => !ailing.leaving.some((leaving) => leaving.worker === worker));
  const excess = excessOf(situation, healthy);
  const outcome = collect(list, nowMs, [...doubled, ...ailing.leaving, ...excess]);
  return {
    ...outcome,
    logs: ailing.logs,
    deadlinesMs: ailing.deadlinesMs,
    isAccountNeeded: ailing.isAccountNeeded,
    notes: ailing.notes,
  };
}

interface Leaving extends Pick<Ailment, "cause" | "reason" | "evidence"> {
  readonly worker: WorkerMemory;
  readonly isStrike?: boolean;
  readonly faultClass?: Ailment["faultClass"];
}

function findAiling(
  situation: Situation,
  workers: readonly WorkerMemory[],
  sweepBegunAtMs: number,
): {
  leaving: readonly Leaving[];
  logs: readonly number[];
  deadlinesMs: readonly (number | null)[];
  isAccountNeeded: boolean;
  notes: readonly string[];
} {
  const { spec, nowMs } = situation;
  const judged = workers.map((worker) => ({
    worker,
    price: overCost(worker, situation),
    health: judgeHealth(worker, spec, nowMs),
  }));
  const leaving: Leaving[] = judged.flatMap(({ worker, price, health }): Leaving[] => {
    if (price !== null) return [{ worker, ...price }];
    return health.ailment === null ? [] : [{ worker, ...health.ailment }];
  });
  const stopped = workers.filter((worker) => worker.badStatus !== null && !isBeatenByLog(worker));
  const isMass = stopped.length >= MASS_STATUS_MINIMUM && stopped.length * 2 > workers.length;
  const ripe = leaving.filter(({ cause }) => cause === "status");
  const held = isMass ? ripe.filter(({ worker }) => !isMassStatusConfirmed(worker, situation, sweepBegunAtMs)) : [];
  const waiting = judged.flatMap(({ health }) => (health.ailment === null ? [health] : []));
  return {
    leaving: leaving.filter((one) => !held.includes(one)),
    logs: judged.flatMap(({ worker, health }) =>
      health.ailment === null && health.isLogWanted ? [worker.instanceId] : [],
    ),
    deadlinesMs: [
      ...waiting.map(({ deadlineMs }) => deadlineMs),
      ...held.map(({ worker }) => (worker.badStatus?.sinceMs ?? nowMs) + MASS_SECOND_SWEEP_MS),
    ],
    isAccountNeeded: held.length > 0,
    notes:
      held.length === 0
        ? []
        : [
            `${stopped.length} of ${workers.length} boxes stopped at once: a second sweep and the account are asked first`,
          ],
  };
}

function isMassStatusConfirmed(worker: WorkerMemory, { account }: Situation, sweepBegunAtMs: number): boolean {
  const bad = worker.badStatus;
  if (bad === null) return false;
  const isSweptAgain = sweepBegunAtMs - bad.sinceMs >= MASS_SECOND_SWEEP_MS;
  return isSweptAgain && account.readAtMs !== null && account.readAtMs >= bad.sinceMs && (account.creditUsd ?? 0) > 0;
}

function overCost(worker: WorkerMemory, { spec }: Situation): Pick<Ailment, "cause" | "reason" | "evidence"> | null {
  const cap = spec.maxPriceUsdPerHour;
  if (cap === null || worker.usdPerHour === null || roundPrice(worker.usdPerHour) <= cap) return null;
  return {
    cause: "over-cost",
    reason: `$${roundPrice(worker.usdPerHour)}/hr is over the cap of $${cap}/hr`,
    evidence: { usdPerHour: worker.usdPerHour, maxPriceUsdPerHour: cap },
  };
}

/** A box that the list does not show is given up first: it costs no listed one its place (design §3: live is of the list). */
function excessOf(situation: Situation, healthy: readonly WorkerMemory[]): readonly Leaving[] {
  const { spec, throughput, nowMs } = situation;
  const count = Math.max(0, healthy.length - spec.target);
  return excessWorkers(count, healthy, throughput, nowMs).map((worker) => ({
    worker,
    cause: "downscale" as const,
    reason: `${healthy.length} live, target ${spec.target}: given up as ${worker.verdict}`,
    evidence: { live: healthy.length, target: spec.target, verdict: worker.verdict },
  }));
}

function collect(proof: ProvenList, nowMs: number, leaving: readonly Leaving[]): Removals {
  const strikes = leaving.flatMap(({ worker, isStrike, faultClass, reason, evidence }): StrikeAction[] => {
    if (isStrike !== true || faultClass === undefined || worker.machineId === null) return [];
    const { slot, instanceId, machineId } = worker;
    return [{ kind: "strike", slot, instanceId, machineId, faultClass, reason, evidence }];
  });
  const destroys = leaving.map(({ worker, cause, reason, evidence }): DestroyAction => {
    const { slot, instanceId, machineId, gpu, usdPerHour } = worker;
    return {
      kind: "destroy",
      slot,
      instanceId,
      cause,
      reason,
      evidence: { machineId, gpu, usdPerHour, ...evidence },
      proof,
    };
  });
  return {
    ...NO_REMOVALS,
    destroys,
    strikes,
    debts: leaving.map(({ worker, reason }) => newDebt(worker, worker.slot, reason, nowMs)),
  };
}

/** Once the target has been filled, its first-fill rents no longer weigh on the hourly limit (design rule 15). */
function filled(
  memory: FleetMemory,
  live: number,
  { spec }: Situation,
): Pick<FleetMemory, "filledTarget" | "rentedAtMs"> {
  const { filledTarget, rentedAtMs } = memory;
  if (live < spec.target || spec.target <= filledTarget) return { filledTarget, rentedAtMs };
  return { filledTarget: spec.target, rentedAtMs: rentedAtMs.slice(spec.target - filledTarget) };
}

function totalsOf(workers: readonly WorkerMemory[]): Totals {
  const working = workers.filter(isWorking);
  return {
    live: workers.length,
    producing: working.length,
    usdPerHour: workers.reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0),
    gamesPerSecond: working.reduce((sum, { progress }) => sum + (progress?.gamesPerSecond ?? 0), 0),
  };
}

function stateOf(situation: Situation, memory: FleetMemory, rents: RentPlan, isUnsettled: boolean): FleetState {
  const { mode, account, weights } = situation;
  const ofMode = stateOfMode(mode, memory);
  if (ofMode !== null) return ofMode;
  if (weights === "no-credentials") return "no-credentials";
  if (account.creditWait !== null) return "credit-wait";
  if (weights === "missing") return "waiting-for-weights";
  if (rents.drought !== null && rents.shortfall > 0) return "no-offers";
  return isUnsettled ? "ramping" : "steady";
}

/** The states that a person has ordered come before all others; `null` while the fleet is active. */
function stateOfMode(mode: FleetMode, memory: FleetMemory): FleetState | null {
  if (mode === "paused") return "paused";
  if (mode === "active") return null;
  return memory.workers.length + memory.intents.length + memory.debts.length === 0 ? "down" : "draining";
}
