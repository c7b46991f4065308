// A little market in memory, to see where plans lead when they are carried out: what is destroyed vanishes, what is
// rented appears, time passes, logs are read. Pure and deterministic; the simulator in `sim/` is the real witness.

import { decide } from "../../src/fleet/decide.ts";
import type { Confirmation } from "../../src/fleet/absence.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import type { Debt, FleetMemory, Intent, WorkerMemory } from "../../src/fleet/memory.ts";
import type { Offer } from "../../src/fleet/offer.ts";
import type { Action, DestroyAction, Plan, RentAction } from "../../src/fleet/plan.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import { observeReport } from "../../src/fleet/worker.ts";
import {
  anInstance,
  anOffer,
  aProvenSweep,
  aReport,
  FINGERPRINT,
  KEEPER,
  MINUTE,
  SECOND,
  someProgress,
} from "./builders.ts";

const LOOKS_MAX = 4;
const PULL_MS = 90 * SECOND;
const BATCH_MS = 100 * SECOND;

export interface ModelTerms {
  /** Machines whose boxes never get beyond `loading`. */
  readonly isDud: (machineId: number) => boolean;
  /** Rents, counted from 0, whose answer never comes back though the box exists. */
  readonly isAnswerLost: (rent: number) => boolean;
  /** Destroys, counted from 0, that the market accepts and forgets. */
  readonly isDestroyForgotten: (destroy: number) => boolean;
  /** How long a new box stays out of the list. */
  readonly listLagMs: number;
  /** Machines on offer: 400 … 400 + count − 1, of two GPU types in turns. */
  readonly machines: number;
}

export const kindTerms: ModelTerms = {
  isDud: () => false,
  isAnswerLost: () => false,
  isDestroyForgotten: () => false,
  listLagMs: 0,
  machines: 60,
};

interface Box {
  readonly row: Instance;
  readonly bornAtMs: number;
}

export interface ModelWorld {
  readonly situation: Situation;
  readonly memory: FleetMemory;
  readonly boxes: readonly Box[];
  readonly nowMs: number;
  readonly strikes: ReadonlyMap<number, number>;
  readonly rents: number;
  readonly destroys: number;
  readonly lastPlan: Plan | null;
  /** Boxes of this fleet's label that were paid for right after a rent; the most there ever were. */
  readonly mostPaidAfterRent: number;
}

/** The world of a situation: its rows are boxes that have been listed for a while; all but the exited ones run. */
export function beginModel(situation: Situation): ModelWorld {
  const rows = situation.sweep.proven ? situation.sweep.list.rows : [];
  return {
    situation,
    memory: situation.memory,
    boxes: rows.map((row) => ({
      row: row.actualStatus === "exited" ? row : { ...row, actualStatus: "running" },
      bornAtMs: Math.min(row.startedAtMs ?? situation.nowMs, situation.nowMs - 10 * MINUTE),
    })),
    nowMs: situation.nowMs,
    strikes: new Map(),
    rents: 0,
    destroys: 0,
    lastPlan: null,
    mostPaidAfterRent: 0,
  };
}

/** One CHECK carried out, then time until the next one. */
export function stepModel(world: ModelWorld, terms: ModelTerms): ModelWorld {
  const plan = check(world, terms);
  const done = carryOut({ ...world, memory: plan.memory, lastPlan: plan }, plan.actions, terms);
  const waitMs = Math.max(SECOND, Math.min(plan.lookAgainAtMs - world.nowMs, 2 * MINUTE));
  return readLogs({ ...done, nowMs: world.nowMs + waitMs }, terms);
}

export function runModel(world: ModelWorld, checks: number, terms: ModelTerms = kindTerms): ModelWorld {
  let next = world;
  for (let count = 0; count < checks; count++) next = stepModel(next, terms);
  return next;
}

/** Decides as often as the plan wants to know more, the way a CHECK does. */
function check(world: ModelWorld, terms: ModelTerms): Plan {
  const { situation, nowMs, memory, strikes } = world;
  const rows = world.boxes.flatMap((box) => (nowMs - box.bornAtMs < terms.listLagMs ? [] : rowOf(box, nowMs, terms)));
  const blocked = new Set([...strikes].flatMap(([machineId, count]) => (count >= 3 ? [machineId] : [])));
  let seen: Situation = {
    ...situation,
    nowMs,
    memory,
    sweep: aProvenSweep(rows, nowMs),
    confirmations: new Map(),
    offers: null,
    hosts: { blocked, strikesByMachine: strikes },
    account: { ...situation.account, readAtMs: nowMs },
  };
  let plan = decide(seen);
  for (let look = 0; look < LOOKS_MAX; look++) {
    const { confirm, offers } = plan.needs;
    const asked = confirm.filter((id) => !seen.confirmations.has(id));
    if (asked.length === 0 && !(offers && seen.offers === null)) break;
    const answers = asked.map((id): [number, Confirmation] => [id, isAlive(world, id) ? "present" : "absent"]);
    seen = {
      ...seen,
      confirmations: new Map([...seen.confirmations, ...answers]),
      offers: offers ? offersOf(world, terms) : seen.offers,
    };
    plan = decide(seen);
  }
  return plan;
}

function isAlive({ boxes }: ModelWorld, instanceId: number): boolean {
  return boxes.some(({ row }) => row.instanceId === instanceId);
}

function rowOf({ row, bornAtMs }: Box, nowMs: number, terms: ModelTerms): Instance {
  const isPulling = nowMs - bornAtMs < PULL_MS || terms.isDud(row.machineId ?? 0);
  return isPulling ? { ...row, actualStatus: "loading", statusMessage: "pulling" } : row;
}

function offersOf({ boxes }: ModelWorld, { machines }: ModelTerms): readonly Offer[] {
  const taken = new Set(boxes.map(({ row }) => row.machineId));
  return Array.from({ length: machines }, (_, index) =>
    anOffer({
      offerId: 9000 + index,
      machineId: 400 + index,
      gpu: index % 2 === 0 ? "RTX 3070" : "RTX 4070 Ti",
      usdPerHour: 0.05 + index / 10_000,
    }),
  ).filter(({ machineId }) => !taken.has(machineId));
}

function carryOut(world: ModelWorld, actions: readonly Action[], terms: ModelTerms): ModelWorld {
  return actions.reduce((next, action) => {
    if (action.kind === "destroy") return destroy(next, action, terms);
    if (action.kind === "rent") return rent(next, action, terms);
    if (action.kind !== "strike") return next;
    const count = (next.strikes.get(action.machineId) ?? 0) + 1;
    return { ...next, strikes: new Map([...next.strikes, [action.machineId, count]]) };
  }, world);
}

function destroy(world: ModelWorld, { instanceId }: DestroyAction, terms: ModelTerms): ModelWorld {
  const debts = world.memory.debts.map((debt): Debt => {
    if (debt.instanceId !== instanceId) return debt;
    return { ...debt, attempts: debt.attempts + 1, lastAttemptAtMs: world.nowMs, isAccepted: true, missing: null };
  });
  const isForgotten = terms.isDestroyForgotten(world.destroys);
  return {
    ...world,
    memory: { ...world.memory, debts },
    boxes: isForgotten ? world.boxes : world.boxes.filter(({ row }) => row.instanceId !== instanceId),
    destroys: world.destroys + 1,
  };
}

function rent(world: ModelWorld, { slot, label, offer }: RentAction, terms: ModelTerms): ModelWorld {
  const { nowMs, rents, memory } = world;
  const { machineId, offerId, gpu, usdPerHour } = offer.offer;
  const instanceId = 50_000 + rents;
  const intentId = `model-${rents}`;
  const isLost = terms.isAnswerLost(rents);
  const intent: Intent = {
    id: intentId,
    slot,
    label,
    offerId,
    machineId,
    gpu,
    usdPerHour,
    fingerprint: FINGERPRINT,
    uploadIntervalSeconds: 240,
    createdAtMs: nowMs,
    state: isLost ? "unknown" : "rented",
    instanceId: isLost ? null : instanceId,
    answeredAtMs: nowMs,
    missing: null,
  };
  const row = anInstance({
    slot,
    instanceId,
    machineId,
    gpu,
    usdPerHour,
    intentId,
    keeperId: KEEPER,
    startedAtMs: nowMs,
  });
  const boxes = [...world.boxes, { row, bornAtMs: nowMs }];
  const paid = boxes.filter((box) => box.row.label?.startsWith("zeb-worker-vast-") && box.row.keeperId !== "keeper-b");
  return {
    ...world,
    boxes,
    memory: {
      ...memory,
      intents: [...memory.intents, intent],
      rentedAtMs: isLost ? memory.rentedAtMs : [...memory.rentedAtMs, nowMs],
    },
    rents: rents + 1,
    mostPaidAfterRent: Math.max(world.mostPaidAfterRent, paid.length),
  };
}

/** Every running box prints a batch each 100 s, uploads after every third, and its log is read just before the next CHECK. */
function readLogs(world: ModelWorld, terms: ModelTerms): ModelWorld {
  const { nowMs, situation } = world;
  const workers = world.memory.workers.map((worker): WorkerMemory => {
    const box = world.boxes.find(({ row }) => row.instanceId === worker.instanceId);
    if (box === undefined || rowOf(box, nowMs, terms).actualStatus !== "running") return worker;
    const batch = 1 + Math.floor((nowMs - box.bornAtMs) / BATCH_MS);
    const deliveredBatch = batch < 4 ? null : batch - (batch % 3);
    const report = {
      ...aReport({ progress: someProgress({ batch }), deliveredBatch, mark: `batch ${batch}` }, nowMs - 1),
      instanceId: worker.instanceId,
    };
    return observeReport(worker, report, { spec: situation.spec, nowMs, writesExamples: true });
  });
  return { ...world, memory: { ...world.memory, workers } };
}
