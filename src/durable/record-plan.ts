// Writes a decision down, before anything of it is done: what dies afterwards finds all of it, or none.

import { hostBlocked } from "../fleet/alert-facts.ts";
import type { Occasion } from "../fleet/alert.ts";
import { countPlan } from "../fleet/counters.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import type { Action, Plan, StrikeAction } from "../fleet/plan.ts";
import { describeFault, logEvent } from "../log.ts";
import type { CheckDeps } from "./deps.ts";
import { noteAlerts } from "./fleet-alerts.ts";
import type { FleetRecord } from "./fleet-record.ts";
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
import { publishCheck } from "./publish.ts";

/** The alarm runs a CHECK itself when cron has been silent for two minutes (design §2). */
const CRON_SILENCE_MS = 120_000;
/** Memory, ledger, strikes, events and timers of a decided plan; only inside of the block that decided it. */
export function recordPlan(
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
      message: `STATE: ${record.state} → ${plan.state}${reasonOf(plan)}`,
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

/** A steady fleet has no reason to be so. */
function reasonOf({ state, notes: [first] }: Plan): string {
  return state === "steady" || first === undefined ? "" : `: ${first}`;
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
