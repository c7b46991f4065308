// One CHECK: observe, decide, record, act, publish. Level-triggered: it starts from the world as it is, so any CHECK may
// be the first one. Only one runs at a time, by a leased row; whoever comes second leaves word that one is wanted.
//
//   crash while observing      → nothing has changed
//   crash after recording      → intents and debts stand; the next CHECK settles or pays them
//   crash before publishing    → the outbox keeps its rows; the next flush sends them

import { decide } from "../fleet/decide.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import type { DestroyAction, Plan } from "../fleet/plan.ts";
import { isWorking } from "../fleet/slots.ts";
import { logEvent } from "../log.ts";
import { actDestroys } from "./act-destroy.ts";
import { actRents } from "./act-rent.ts";
import type { CheckDeps } from "./deps.ts";
import { type FleetRecord, LEASE_MS } from "./fleet-record.ts";
import {
  assemble,
  observe,
  observeMore,
  probeCredit,
  type FleetUnderCheck,
  type Observed,
  tryProbe,
  underCheck,
  wantsMore,
  wantsYoungerList,
} from "./observe.ts";
import { pulseOf } from "./publish.ts";
import { recordPlan } from "./record-plan.ts";

/** Looks beyond the first one: a list to act upon; by id, account and search come in one or two rounds. */
const LOOKS_MAX = 5;

export type CheckOutcome =
  | { readonly kind: "done"; readonly plan: Plan }
  | { readonly kind: "busy" }
  | { readonly kind: "no-fleet" };

export async function runCheck(deps: CheckDeps): Promise<CheckOutcome> {
  const { store } = deps;
  const leaseId = deps.newId();
  if (!store.takeLease({ id: leaseId, untilMs: deps.now() + LEASE_MS }, deps.now())) {
    store.changeFleet({ checkWanted: true });
    return { kind: "busy" };
  }
  try {
    if (store.fleet() === null) return { kind: "no-fleet" };
    store.changeFleet({ checkWanted: false });
    // Whatever happens to this CHECK, another follows; news that comes meanwhile makes it earlier.
    const fallbackAtMs = deps.now() + LEASE_MS;
    store.timers.set("check", fallbackAtMs);
    return { kind: "done", plan: await checkOnce(deps, leaseId, fallbackAtMs) };
  } finally {
    store.dropLease(leaseId);
    if (store.fleet()?.checkWanted === true) store.timers.setNoLater("check", deps.now() + 1);
  }
}

async function checkOnce(deps: CheckDeps, leaseId: string, fallbackAtMs: number): Promise<Plan> {
  const { store } = deps;
  const startedAtMs = deps.now();
  const fleet = currentFleet(deps);
  let seen = await observe(deps, underCheck(fleet), true);
  let decided = decideAndRecord(deps, seen, { startedAtMs, fallbackAtMs, isLast: false });
  for (let look = 1; decided.plan === null; look++) {
    const fleetNow = underCheck(currentFleet(deps));
    if (seen.first.isListOld) seen = await observe(deps, fleetNow);
    else {
      seen = decided.isProbeWanted ? await probeCredit(deps, fleetNow, seen) : seen;
      seen = await observeMore(deps, fleetNow, decided.needs, seen);
    }
    decided = decideAndRecord(deps, seen, { startedAtMs, fallbackAtMs, isLast: look >= LOOKS_MAX });
  }
  const { plan, record } = decided;
  deps.announce();
  const destroys = plan.actions.filter((action): action is DestroyAction => action.kind === "destroy");
  const actsFromMs = deps.now();
  await actDestroys(deps, record.name, destroys);
  const actNotes = await actRents(deps, plan, { record, leaseId, keeperId: seen.first.keeperId });
  logEvent({ event: "check.acted", fleet: record.name, durationMs: deps.now() - actsFromMs });
  const hasActed = destroys.length > 0 || plan.actions.some(({ kind }) => kind === "rent");
  // A CHECK that had nothing to do took as long as its decision, which is written down.
  const notes = actNotes.length === 0 ? {} : { notes: [...plan.notes, ...actNotes] };
  if (hasActed) store.changeFleet({ ...notes, checkMs: deps.now() - startedAtMs });
  await deps.account.noteFleet(pulseOf(currentFleet(deps), store.memory(deps.now()), deps.workload()));
  for (const worker of plan.memory.workers) {
    if (isWorking(worker) && worker.fingerprint !== null) await proveOnce(deps, worker.fingerprint);
  }
  return plan;
}

/** A fingerprint that has produced may be launched freely (design rule 14); said once per fingerprint. */
export async function proveOnce(deps: CheckDeps, fingerprint: string): Promise<void> {
  if (deps.store.note<string>("proven") === fingerprint) return;
  await deps.account.proveFingerprint(fingerprint);
  deps.store.setNote("proven", fingerprint);
}

function currentFleet({ store }: CheckDeps): FleetRecord {
  const record = store.fleet();
  if (record === null) throw new Error("the fleet was removed during a CHECK");
  return record;
}

type Decided =
  | { readonly plan: Plan; readonly record: FleetRecord }
  | { readonly plan: null; readonly needs: Plan["needs"]; readonly isProbeWanted: boolean };

/** Decides on the store as it is at this instant and writes the decision in the same synchronous block. */
function decideAndRecord(
  deps: CheckDeps,
  seen: Observed,
  terms: { startedAtMs: number; fallbackAtMs: number; isLast: boolean },
): Decided {
  const { store } = deps;
  return store.atomically(() => {
    const record = currentFleet(deps);
    const memory = store.memory(deps.now());
    const plan = withSearchNote(decide(assemble(deps, underCheck(record), memory, seen)), seen);
    const trial = tryProbe(deps, underCheck(record), memory, seen);
    const needs = trial?.needs ?? plan.needs;
    const isProbeWanted = trial?.isWanted ?? false;
    const isMoreWanted = isProbeWanted || wantsMore(needs, seen) || wantsYoungerList(plan, seen);
    if (!terms.isLast && isMoreWanted) return { plan: null, needs, isProbeWanted };
    // A Worker's clock stands still while it computes, so deciding has no time of its own here (bench from outside).
    const apiMs = deps.now() - terms.startedAtMs;
    return { plan, record: recordPlan(deps, record, memory, plan, { apiMs, fallbackAtMs: terms.fallbackAtMs }) };
  });
}

function withSearchNote(plan: Plan, seen: Observed): Plan {
  return seen.searchFailure === null
    ? plan
    : { ...plan, notes: [...plan.notes, `the offer search failed: ${seen.searchFailure}`] };
}

/**
 * The plan that a CHECK would carry out on this spec and mode, with what else the tried change would put into the memory.
 * Nothing is stored and nothing done.
 */
export async function planOnly(
  deps: CheckDeps,
  fleet: FleetUnderCheck,
  change: Partial<FleetMemory> = {},
): Promise<Plan> {
  const memory = { ...deps.store.memory(deps.now()), ...change };
  let seen = await observe(deps, fleet);
  let plan = decide(assemble(deps, fleet, memory, seen));
  for (let look = 1; look <= LOOKS_MAX && wantsMore(plan.needs, seen); look++) {
    seen = await observeMore(deps, fleet, plan.needs, seen);
    plan = decide(assemble(deps, fleet, memory, seen));
  }
  return withSearchNote(plan, seen);
}
