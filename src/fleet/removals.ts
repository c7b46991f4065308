// Which boxes go, and why: all of them on the way down or at the end of a budget, duplicates, the ailing, the too dear,
// the too many (design rules 5 to 11, 16 and 22), with the rails around it.

import { MASS_SECOND_SWEEP_MS } from "./absence.ts";
import { workerUsdPerHour } from "./billing.ts";
import { ailingNotes } from "./ailing.ts";
import { blame, type Leaving } from "./blame.ts";
import { evidenceEndsAtMs, isCanary } from "./breaker.ts";
import { reachedBudget } from "./budget.ts";
import type { Census } from "./census.ts";
import { gapLimitMs } from "./clock.ts";
import { newDebt } from "./debts.ts";
import { type Ailment, isUnread, judgeHealth, judgeSilence, silentSinceMs } from "./health.ts";
import type { Debt, FleetMemory, WorkerMemory } from "./memory.ts";
import { isOverCap, roundPrice } from "./offer.ts";
import type { DestroyAction, RecordAction, RefundAction, StrikeAction } from "./plan.ts";
import type { Situation } from "./situation.ts";
import { duplicates, excessWorkers } from "./slots.ts";
import { isBeatenByLog } from "./status.ts";
import type { ProvenList } from "./sweep.ts";
import { type DeliveryFindings, judgeDeliveries, undeliveredReason } from "./undelivered.ts";

/** More than half of at least this many boxes stopped at once: the market or the account is the sick one (design rule 6). */
const MASS_STATUS_MINIMUM = 3;
/** A GPU type that ran out of memory is left out for a day (design rule 18). */
const GPU_EXCLUSION_MS = 24 * 3_600_000;

export interface Removals {
  readonly destroys: readonly DestroyAction[];
  readonly debts: readonly Debt[];
  readonly strikes: readonly StrikeAction[];
  /** By instance id: the logs to read now, and since which CHECK each has been asked for in vain. */
  readonly logsAsked: ReadonlyMap<number, number>;
  readonly deadlinesMs: readonly (number | null)[];
  readonly isAccountNeeded: boolean;
  /** GPU types that turned out too small for these weights, for a day. */
  readonly excludedGpus: FleetMemory["excludedGpus"];
  readonly breaker: FleetMemory["breaker"];
  readonly faults: FleetMemory["faults"];
  readonly delivery: FleetMemory["delivery"];
  readonly records: readonly (RefundAction | RecordAction)[];
  readonly notes: readonly string[];
}

const NOTHING: Omit<Removals, keyof Remembered> = {
  destroys: [],
  debts: [],
  strikes: [],
  logsAsked: new Map(),
  deadlinesMs: [],
  isAccountNeeded: false,
  records: [],
  notes: [],
};

type Remembered = Pick<Removals, "excludedGpus" | "breaker" | "faults" | "delivery">;

export function planRemovals(situation: Situation, list: ProvenList, census: Census): Removals {
  const { mode, account, nowMs, confirmations, spec } = situation;
  const excludedGpus = census.memory.excludedGpus.filter(({ untilMs }) => untilMs > nowMs);
  const { breaker, faults, delivery, lookingSinceMs, intents } = census.memory;
  const remembered: Remembered = { excludedGpus, breaker, faults, delivery };
  const present = census.workers.filter(({ missing }) => missing === null);
  const noteTerms = { spec, nowMs, lookingSinceMs: comparingSinceMs(census.memory) };
  if (mode === "paused") {
    const notes = ["paused: observing only, and destroying what is already owed", ...ailingNotes(present, noteTerms)];
    return { ...NOTHING, ...remembered, notes };
  }
  // A box that the list hides and the by-id answer shows is there, and costs.
  const hidden = census.workers.filter(
    ({ missing, instanceId }) => missing !== null && confirmations.get(instanceId) === "present",
  );
  const all = (why: Pick<Leaving, "cause" | "reason" | "evidence">): Removals => {
    const leaving = [...present, ...hidden].map((worker) => ({ worker, ...why }));
    return { ...collect(list, nowMs, leaving), ...remembered };
  };
  if (mode === "down") return all({ cause: "down", reason: "the fleet is down", evidence: {} });
  if (account.creditWait !== null) {
    const notes = [`waiting for credit (${account.creditWait.why}): nothing is destroyed`];
    return { ...NOTHING, ...remembered, notes: [...notes, ...ailingNotes(present, noteTerms)] };
  }
  const reached = reachedBudget(spec, census.memory.spend, nowMs);
  if (reached !== null && spec.onBudget === "down") {
    const { dayUsd, totalUsd } = census.memory.spend;
    return all({ cause: "budget", reason: reached.what, evidence: { todayUsd: dayUsd, totalUsd } });
  }
  const mass = massStop(situation, present, list.begunAtMs);
  const isLeaving = (worker: WorkerMemory): boolean =>
    overCost(worker, situation) !== null || (judgeHealth(worker, spec, nowMs).ailment !== null && !mass.isHeld(worker));
  const isOpen = (worker: WorkerMemory, sinceMs = 0): boolean =>
    mass.isHeld(worker) || isUnread(worker, { spec, nowMs, lookingSinceMs: Math.max(lookingSinceMs, sinceMs) });
  const shared = duplicates(present, intents, isLeaving, isOpen);
  // One that is too dear goes for its price, whoever shares its slot.
  const doubled = shared.doubled
    .filter(({ victim }) => overCost(victim, situation) === null)
    .map(({ victim, keeper }) => ({
      worker: victim,
      cause: "duplicate" as const,
      reason: `slot ${victim.slot} is also held by instance ${keeper.instanceId} (${keeper.verdict})`,
      evidence: { kept: keeper.instanceId },
    }));
  const single = without(present, doubled);
  const ailing = findAiling(situation, single, census.memory, mass);
  const blamed = blame(situation, census.memory, ailing.leaving, without(single, ailing.leaving));
  const staying = without(single, blamed.leaving);
  const uploads = judgeUploads(situation, staying, blamed.breaker, delivery);
  const excess = excessOf(situation, without(staying, uploads.leaving), shared.undecided, isOpen);
  const leaving = [...blamed.leaving, ...uploads.leaving, ...excess];
  return {
    ...collect(list, nowMs, [...doubled, ...leaving]),
    strikes: blamed.strikes,
    records: [...blamed.records, ...uploads.actions],
    breaker: blamed.breaker,
    faults: blamed.faults,
    excludedGpus: [...excludedGpus, ...newlyExcluded(ailing.leaving, situation)],
    delivery: uploads.memory,
    logsAsked: ailing.logsAsked,
    deadlinesMs: [...ailing.deadlinesMs, blamed.breaker?.nextCanaryAtMs ?? null, evidenceEndsAtMs(blamed.breaker)],
    isAccountNeeded: ailing.isAccountNeeded,
    notes: [...ailing.notes, ...blamed.notes, ...uploads.notes, ...ailingNotes(without(single, leaving), noteTerms)],
  };
}

/**
 * While the breaker is open nothing would come in the place of a box that delivers nothing, so none is judged. An alert of
 * before ends all the same when it is over: it holds rents, and the breaker's canary is one.
 */
function judgeUploads(
  situation: Situation,
  workers: readonly WorkerMemory[],
  breaker: FleetMemory["breaker"],
  before: FleetMemory["delivery"],
): Omit<DeliveryFindings, "replaced"> & { readonly leaving: readonly Leaving[] } {
  const { replaced, ...findings } = judgeDeliveries(workers, before, situation);
  if (breaker !== null) {
    const isOver = before.alert !== null && findings.memory.alert === null;
    const memory = isOver ? { ...before, alert: null } : before;
    return { leaving: [], memory, actions: isOver ? findings.actions : [], notes: [] };
  }
  return { ...findings, leaving: replaced === null ? [] : [{ worker: replaced, ...undeliveredReason(replaced) }] };
}

function without(workers: readonly WorkerMemory[], leaving: readonly Leaving[]): readonly WorkerMemory[] {
  const ids = new Set(leaving.map(({ worker }) => worker.instanceId));
  return workers.filter(({ instanceId }) => !ids.has(instanceId));
}

/**
 * "CUDA out of memory" is the fault of the type for these weights, not of the host (design rule 18). A box that was rented
 * with other software says nothing about the weights of now.
 */
function newlyExcluded(
  leaving: readonly Leaving[],
  { spec, nowMs, fingerprint }: Situation,
): FleetMemory["excludedGpus"] {
  const gpus = leaving.flatMap(({ ailment, worker }) => {
    const isOfNow = (worker.fingerprint ?? fingerprint) === fingerprint;
    return ailment?.faultClass === "gpu-size" && isOfNow && worker.gpu !== null ? [worker.gpu] : [];
  });
  return [...new Set(gpus)].map((gpu) => ({ gpu, weightsName: spec.weightsName, untilMs: nowMs + GPU_EXCLUSION_MS }));
}

function findAiling(
  situation: Situation,
  workers: readonly WorkerMemory[],
  memory: FleetMemory,
  mass: MassStop,
): {
  leaving: readonly Leaving[];
  logsAsked: ReadonlyMap<number, number>;
  deadlinesMs: readonly (number | null)[];
  isAccountNeeded: boolean;
  notes: readonly string[];
} {
  const { spec, nowMs } = situation;
  const silent = silentWorker(situation, workers, memory);
  const judged = workers.map((worker) => {
    const health = judgeHealth(worker, spec, nowMs);
    const silence =
      health.ailment === null && worker === silent?.worker ? judgeSilence(worker, { spec, nowMs, ...silent }) : null;
    return { worker, price: overCost(worker, situation), health: silence ?? health };
  });
  const leaving: Leaving[] = judged.flatMap(({ worker, price, health }): Leaving[] => {
    if (price !== null) return [{ worker, ...price }];
    if (health.ailment === null) return [];
    const { cause, reason, evidence } = health.ailment;
    return [{ worker, cause, reason, evidence, ailment: health.ailment }];
  });
  const held = leaving.filter(({ cause, worker }) => cause === "status" && mass.isHeld(worker));
  const waiting = judged.flatMap(({ health }) => (health.ailment === null ? [health] : []));
  return {
    leaving: leaving.filter((one) => !held.includes(one)),
    logsAsked: new Map(
      judged.flatMap(({ worker, health }) =>
        health.ailment === null && health.logAskedAtMs !== null ? [[worker.instanceId, health.logAskedAtMs]] : [],
      ),
    ),
    deadlinesMs: [
      ...waiting.map(({ deadlineMs }) => deadlineMs),
      ...held.map(({ worker }) => (worker.badStatus?.sinceMs ?? nowMs) + MASS_SECOND_SWEEP_MS),
    ],
    isAccountNeeded: held.length > 0,
    notes:
      held.length === 0
        ? []
        : [`${mass.stopped} of ${mass.boxes} boxes stopped at once: a second sweep and the account are asked first`],
  };
}

/**
 * The box that has been asked in vain for longest, while logs of others can be read, which counts from when they could be:
 * where that is too long, it goes without blame. One at a time, the next no sooner than a destroy is proven or two polls
 * old: when a log service that was away comes back, the boxes are read again one after another. The breaker's canary needs no
 * other to compare with: it is out to be read, it is one, and what is rented after it comes at the breaker's pace.
 */
function silentWorker(
  { spec, nowMs, fingerprint }: Situation,
  workers: readonly WorkerMemory[],
  memory: FleetMemory,
): { readonly worker: WorkerMemory; readonly lookingSinceMs: number; readonly because: string } | null {
  const { debts, breaker, lookingSinceMs } = memory;
  if (debts.some(({ createdAtMs }) => nowMs - createdAtMs < gapLimitMs(spec))) return null;
  const longest = workers.toSorted((a, b) => silentSinceMs(a) - silentSinceMs(b) || a.instanceId - b.instanceId);
  const [first] = longest;
  const areOthersMeasured = workers.some(
    (other) => other !== first && nowMs - (other.reportAtMs ?? 0) < gapLimitMs(spec),
  );
  if (first !== undefined && areOthersMeasured)
    return { worker: first, lookingSinceMs: comparingSinceMs(memory), because: "while others' could" };
  // One of another fingerprint is no canary any more: this CHECK closes the breaker.
  const canary = breaker?.fingerprint === fingerprint ? longest.find((worker) => isCanary(breaker, worker)) : undefined;
  return canary === undefined
    ? null
    : { worker: canary, lookingSinceMs, because: "and the breaker waits for it as its canary" };
}

/** Since when the fleet's logs could be compared with each other: CHECKs look, and some log is read. */
function comparingSinceMs({ lookingSinceMs, logsReadSinceMs }: FleetMemory): number {
  return Math.max(lookingSinceMs, logsReadSinceMs);
}

interface MassStop {
  readonly stopped: number;
  readonly boxes: number;
  /** It would go for its status, and waits for a second sweep and the account. */
  readonly isHeld: (worker: WorkerMemory) => boolean;
}

/** Of all listed boxes, each slot's twins among them. */
function massStop(situation: Situation, workers: readonly WorkerMemory[], sweepBegunAtMs: number): MassStop {
  const { spec, nowMs } = situation;
  const { length } = workers.filter((worker) => worker.badStatus !== null && !isBeatenByLog(worker, spec, nowMs));
  const isMass = length >= MASS_STATUS_MINIMUM && length * 2 > workers.length;
  return {
    stopped: length,
    boxes: workers.length,
    isHeld: (worker) =>
      isMass &&
      judgeHealth(worker, spec, nowMs).ailment?.cause === "status" &&
      !isMassStatusConfirmed(worker, situation, sweepBegunAtMs),
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
  if (cap === null || worker.usdPerHour === null || !isOverCap(worker.usdPerHour, cap)) return null;
  return {
    cause: "over-cost",
    reason: `$${roundPrice(worker.usdPerHour)}/hr is over the cap of $${cap}/hr`,
    evidence: { usdPerHour: worker.usdPerHour, maxPriceUsdPerHour: cap },
  };
}

/**
 * A box that the list does not show is given up first: it costs no listed one its place (design §3: live is of the list).
 * Boxes of a slot of which nobody can tell yet which one stays (`undecided`) count for none, and go with the slot, which is
 * given up as one whose box may be producing.
 */
function excessOf(
  situation: Situation,
  staying: readonly WorkerMemory[],
  undecided: readonly WorkerMemory[],
  isOpen: (worker: WorkerMemory) => boolean,
): readonly Leaving[] {
  const { spec, throughput, nowMs } = situation;
  const open = new Set(undecided);
  const healthy = staying.filter((worker) => !open.has(worker));
  const count = Math.max(0, healthy.length - spec.target);
  const openSlots = new Set(undecided.map(({ slot }) => slot));
  const given = excessWorkers(count, healthy, { throughput, nowMs, isUnread: isOpen, openSlots });
  const slots = new Set(given.map(({ slot }) => slot));
  const beside = staying.filter((worker) => open.has(worker) && slots.has(worker.slot));
  return [...given, ...beside].map((worker) => ({
    worker,
    cause: "downscale" as const,
    reason: `${healthy.length} live, target ${spec.target}: given up as ${worker.verdict}`,
    evidence: { live: healthy.length, target: spec.target, verdict: worker.verdict },
  }));
}

/** The destroys and their debts. */
export function collect(
  proof: ProvenList,
  nowMs: number,
  leaving: readonly Leaving[],
): Omit<Removals, keyof Remembered> {
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
    ...NOTHING,
    destroys,
    debts: leaving.map(({ worker, reason }) =>
      newDebt({ ...worker, usdPerHour: workerUsdPerHour(worker) }, worker.slot, reason, nowMs),
    ),
  };
}
