// One CHECK: observe, decide, record, act, publish. Level-triggered: it starts from the world as it is, so any CHECK may
// be the first one. Only one runs at a time, by a leased row; whoever comes second leaves word that one is wanted.
//
//   crash while observing      → nothing has changed
//   crash after recording      → intents and debts stand; the next CHECK settles or pays them
//   crash before publishing    → the outbox keeps its rows; the next flush sends them

import { hostBlocked } from "../fleet/alert-facts.ts";
import type { Occasion } from "../fleet/alert.ts";
import { formatCheckLine } from "../fleet/check-line.ts";
import { countPlan } from "../fleet/counters.ts";
import { decide } from "../fleet/decide.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import type { Action, DestroyAction, Plan, StrikeAction } from "../fleet/plan.ts";
import { isWorking } from "../fleet/slots.ts";
import type { Workload } from "../fleet/workload.ts";
import { describeFault, logEvent, logLine } from "../log.ts";
import type { FleetPulse } from "./account-words.ts";
import { actDestroys } from "./act-destroy.ts";
import { actRents } from "./act-rent.ts";
import type { CheckDeps } from "./deps.ts";
import { noteAlerts } from "./fleet-alerts.ts";
import { type FleetRecord, LEASE_MS } from "./fleet-store.ts";
import {
  closeLedger,
  finishThroughput,
  markLedger,
  openLedger,
  recordEvent,
  recordRefund,
  recordStrike,
} from "./history.ts";
import { sendLastLogs } from "./last-logs.ts";
import {
  assemble,
  observe,
  observeMore,
  probeCredit,
  type FleetUnderCheck,
  type Observed,
  underCheck,
  wantsMore,
  wantsProbe,
} from "./observe.ts";

/** Looks beyond the first one: by id, account and search come in one or two rounds. */
const LOOKS_MAX = 4;
/** Between two copies of an unchanged fleet into D1. */
const COPY_EVERY_MS = 600_000;
/** The alarm runs a CHECK itself when cron has been silent for two minutes (design §2). */
const CRON_SILENCE_MS = 120_000;
/** A removed fleet's name is watched this long for boxes that come back (design §4). */
export const WATCH_AFTER_REMOVAL_MS = 7 * 86_400_000;

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
  let seen = await observe(deps, underCheck(fleet));
  let decided = decideAndRecord(deps, seen, { startedAtMs, fallbackAtMs, isLast: false });
  for (let look = 1; decided.plan === null; look++) {
    const fleetNow = underCheck(currentFleet(deps));
    seen = decided.isProbeWanted ? await probeCredit(deps, fleetNow, seen) : seen;
    seen = await observeMore(deps, fleetNow, decided.needs, seen);
    decided = decideAndRecord(deps, seen, { startedAtMs, fallbackAtMs, isLast: look >= LOOKS_MAX });
  }
  const { plan, record } = decided;
  deps.announce();
  const destroys = plan.actions.filter((action): action is DestroyAction => action.kind === "destroy");
  const actsFromMs = deps.now();
  await actDestroys(deps, record.name, destroys);
  const actNotes = await actRents(deps, plan, { record, leaseId, keeperId: seen.keeperId });
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

/** What the account needs to know of this fleet, so that it looks as closely as the fleet does. */
export function pulseOf(record: FleetRecord, { adopted }: Pick<FleetMemory, "adopted">, { hub }: Workload): FleetPulse {
  const { name, spec, mode, cadenceSeconds: seconds, removedAtMs } = record;
  return {
    name,
    isUnsettled: seconds < spec.cadenceSeconds.steady,
    cadenceSeconds: seconds,
    target: mode === "down" ? 0 : spec.target,
    examplesRepo: hub.writesExamples ? spec.examplesRepo : null,
    adopted: adopted.map(({ instanceId }) => instanceId),
    weightsRepo: spec.weightsRepo,
    creditProbeSeconds: spec.cadenceSeconds.creditProbe,
    watchedUntilMs: removedAtMs === null ? null : removedAtMs + WATCH_AFTER_REMOVAL_MS,
  };
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
    const isProbeWanted = wantsProbe(plan, underCheck(record), seen, deps.now());
    if (!terms.isLast && (isProbeWanted || wantsMore(plan, seen)))
      return { plan: null, needs: plan.needs, isProbeWanted };
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

function recordPlan(
  deps: CheckDeps,
  record: FleetRecord,
  before: FleetMemory,
  plan: Plan,
  times: { apiMs: number; fallbackAtMs: number },
): FleetRecord {
  const { store } = deps;
  const nowMs = deps.now();
  store.setMemory(plan.memory);
  const blocked: Occasion[] = [];
  const news = plan.actions.filter((action) => {
    if (action.kind !== "strike") return recordAction(deps, record, before, plan.met, action);
    const outcome = recordStrike(store, action, record.spec, eventTerms(deps, record));
    if (outcome === "blocked") blocked.push(hostBlocked(action));
    return outcome !== "known";
  });
  if (plan.state !== record.state) {
    recordEvent(store, eventTerms(deps, record), {
      kind: "state",
      message: `STATE: ${record.state} → ${plan.state}${plan.notes.length === 0 ? "" : `: ${plan.notes[0]}`}`,
    });
  }
  const next: FleetRecord = {
    ...record,
    checks: record.checks + 1,
    lastCheckAtMs: nowMs,
    lookAgainAtMs: plan.lookAgainAtMs,
    cadenceSeconds: plan.cadenceSeconds,
    provenVersion:
      plan.memory.blindSinceMs === null && deps.missingCredentials === null ? record.version : record.provenVersion,
    state: plan.state,
    totals: plan.totals,
    projectedCommitsPerHour: plan.projectedCommitsPerHour,
    notes: plan.notes,
    counters: countPlan(
      store.counters(),
      before,
      { ...plan, actions: news },
      { lastCheckAtMs: record.lastCheckAtMs, nowMs },
    ),
    checkMs: times.apiMs,
  };
  store.setFleet(next);
  const isThere = (instanceId: number): boolean =>
    plan.memory.workers.some((worker) => worker.instanceId === instanceId);
  store.forgetPolls(isThere);
  sendLastLogs(store, isThere, { fleet: record.name, nowMs });
  armTimers(deps, plan, next, times.fallbackAtMs);
  try {
    noteAlerts(deps, next, plan, blocked);
  } catch (error) {
    // What people are told must not undo what the CHECK has decided.
    logEvent({ event: "fleet.alerts", outcome: "failed", fleet: record.name, detail: describeFault(error) });
  }
  publishCheck(deps, next, plan, times.apiMs);
  return next;
}

/** The alarm runs what cannot wait for the minute; cron runs the regular CHECKs, and the alarm when cron is silent. */
function armTimers({ store, now }: CheckDeps, plan: Plan, record: FleetRecord, fallbackAtMs: number): void {
  const nextAtMs = plan.isEarly ? plan.lookAgainAtMs : plan.lookAgainAtMs + CRON_SILENCE_MS;
  // A timer other than the fallback was set by news that came during this CHECK, and stands.
  if (store.timers.dueAt("check") === fallbackAtMs) store.timers.set("check", nextAtMs);
  else store.timers.setNoLater("check", nextAtMs);
  if (plan.needs.logs.length > 0) {
    store.setPolled(plan.needs.logs, 0);
    store.timers.setNoLater("log-round", now());
  }
  // A worker that nothing has measured lately is read as soon as its own poll is due.
  const isUnknown = plan.memory.workers.some(({ verdict, missing }) => verdict === "unknown" && missing === null);
  if (isUnknown) store.timers.setNoLater("log-round", now() + 1);
  if (plan.memory.workers.length > 0) {
    store.timers.setNoLater("log-round", now() + record.spec.cadenceSeconds.logPoll * 1000);
  }
}

/** Writes an action down; `false` where it had been done before, which only a strike can be. */
function recordAction(
  deps: CheckDeps,
  record: FleetRecord,
  before: FleetMemory,
  met: Plan["met"],
  action: Exclude<Action, StrikeAction>,
): boolean {
  const { store } = deps;
  const nowMs = deps.now();
  const known = before.workers.find(({ instanceId }) => "instanceId" in action && instanceId === action.instanceId);
  switch (action.kind) {
    case "refund":
      recordRefund(store, action, eventTerms(deps, record));
      return true;
    case "breaker-opened":
    case "breaker-closed":
      recordEvent(store, eventTerms(deps, record), {
        kind: "breaker",
        ...facts(action),
        message: `BREAKER ${action.kind === "breaker-opened" ? "OPEN" : "CLOSED"}: ${action.reason}`,
      });
      return true;
    case "destroy":
      markLedger(store, action.instanceId, {
        cause: action.cause,
        reason: action.reason,
        games: known?.progress?.totalGames ?? null,
      });
      if (known !== undefined) finishThroughput(store, known, record.spec, record.name);
      return true;
    case "adopt": {
      const worker = met.find(({ instanceId }) => instanceId === action.instanceId);
      if (worker !== undefined) openLedger(store, record.name, worker);
      recordEvent(store, eventTerms(deps, record), {
        kind: "adopt",
        ...facts(action),
        message: `UP: worker ${action.slot} is instance ${action.instanceId}: ${action.reason}`,
      });
      return true;
    }
    case "gone":
      if (known !== undefined) finishThroughput(store, known, record.spec, record.name);
      if (action.instanceId !== null)
        closeLedger(store, action.instanceId, { atMs: nowMs, cause: "vanished", reason: action.reason });
      recordEvent(store, eventTerms(deps, record), {
        kind: "gone",
        ...facts(action),
        message: `GONE: worker ${action.slot}: ${action.reason}`,
      });
      return true;
    case "debt-settled":
      if (action.instanceId !== null)
        closeLedger(store, action.instanceId, { atMs: nowMs, cause: "destroyed", reason: action.reason });
      recordEvent(store, eventTerms(deps, record), {
        kind: "debt-settled",
        ...facts(action),
        message: `GONE: ${action.reason}`,
      });
      return true;
    case "intent-settled":
      recordEvent(store, eventTerms(deps, record), {
        kind: "intent-settled",
        ...facts(action),
        message: `LAUNCH: ${action.reason}`,
      });
      return true;
    case "roll-out":
      recordEvent(store, eventTerms(deps, record), {
        kind: "roll-out",
        ...facts(action),
        message: `ROLL OUT: ${action.reason}`,
      });
      return true;
    case "alert":
      recordEvent(store, eventTerms(deps, record), {
        kind: "alert",
        ...facts(action),
        message: `ALERT: ${action.reason}`,
      });
      return true;
    case "rent":
      return true;
  }
}

function facts(action: Exclude<Action, { kind: "rent" }>): {
  slot: number | null;
  instanceId: number | null;
  machineId: number | null;
  evidence: Action["evidence"];
} {
  const machineId = action.evidence["machineId"];
  return {
    slot: action.slot,
    instanceId: action.instanceId,
    machineId: typeof machineId === "number" ? machineId : null,
    evidence: action.evidence,
  };
}

function eventTerms(deps: CheckDeps, record: FleetRecord): { id: string; fleet: string; nowMs: number } {
  return { id: deps.newId(), fleet: record.name, nowMs: deps.now() };
}

function publishCheck(deps: CheckDeps, record: FleetRecord, plan: Plan, apiMs: number): void {
  const { store } = deps;
  const nowMs = deps.now();
  const line = formatCheckLine({ number: record.checks, elapsedMs: nowMs - record.createdAtMs, plan, nowMs });
  logLine(`${record.name}: ${line}`);
  const { live, producing, usdPerHour, gamesPerSecond } = plan.totals;
  const summary = {
    fleet: record.name,
    number: record.checks,
    atMs: nowMs,
    state: plan.state,
    live,
    producing,
    usdPerHour,
    gamesPerSecond,
    actions: plan.actions.length,
    apiMs,
  };
  store.enqueue({ kind: "check", row: { ...summary, line, notes: plan.notes } });
  logEvent({ event: "check.done", ...summary });
  publishCopy(deps, record);
}

/** The copy of the fleet in D1: after a change that lists show, else now and then. */
export function publishCopy({ store, now }: CheckDeps, record: FleetRecord): void {
  if (record.removedAtMs !== null) return;
  const { name, mode, state, spec, version, totals, lastCheckAtMs } = record;
  const mark = JSON.stringify([mode, state, version, totals.live, totals.producing]);
  const sent = store.note<{ mark: string; atMs: number }>("copy");
  if (sent?.mark === mark && now() - sent.atMs < COPY_EVERY_MS) return;
  store.enqueue({
    kind: "fleet",
    row: {
      name,
      mode,
      state,
      spec,
      target: spec.target,
      specVersion: version,
      totals,
      lastCheckAtMs,
      updatedAtMs: now(),
    },
  });
  store.setNote("copy", { mark, atMs: now() });
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
  for (let look = 1; look <= LOOKS_MAX && wantsMore(plan, seen); look++) {
    seen = await observeMore(deps, fleet, plan.needs, seen);
    plan = decide(assemble(deps, fleet, memory, seen));
  }
  return withSearchNote(plan, seen);
}
