// A fleet as its doors show it.

import {
  actionDocuments,
  type BreakerDocument,
  debtDocuments,
  type FleetDocument,
  intentDocuments,
  orderDocuments,
  rollOutDocument,
  type PlanDocument,
  type WorkerDocument,
  workerDocuments,
} from "../fleet/document.ts";
import { chargesSince } from "../fleet/charges.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import type { Plan } from "../fleet/plan.ts";
import { addCharges } from "../fleet/spend.ts";
import { COMMITS_PER_HOUR_LIMIT } from "../fleet/upload-interval.ts";
import type { CheckDeps } from "./deps.ts";
import { hostView } from "./stored-hosts.ts";

export function documentOf({ store, now, workload }: CheckDeps): FleetDocument {
  const record = store.fleet();
  if (record === null) throw new Error("a fleet that does not exist was asked for its document");
  const memory: FleetMemory = store.memory(now());
  const { name, mode, state, spec, version, checks, lastCheckAtMs, lookAgainAtMs, totals, notes } = record;
  return {
    name,
    mode,
    state,
    spec,
    hub: workload().hub,
    specVersion: version,
    checks,
    totals,
    spend: spendDocument(memory, now()),
    projectedCommitsPerHour: record.projectedCommitsPerHour ?? null,
    commitsPerHourLimit: COMMITS_PER_HOUR_LIMIT,
    notes,
    lastCheckAt: isoTime(lastCheckAtMs),
    lookAgainAt: isoTime(lookAgainAtMs),
    workers: shownWorkers({ store, now }, memory),
    intents: intentDocuments(memory.intents, now()),
    debts: debtDocuments(memory.debts, now()),
    breaker: breakerDocument(memory),
    orders: orderDocuments(memory, now()),
    rollOut: rollOutDocument(memory, now()),
  };
}

/** The workers of a memory, with the strikes of their machines. */
export function shownWorkers({ store, now }: Pick<CheckDeps, "store" | "now">, memory: FleetMemory): WorkerDocument[] {
  const strikeLimit = store.fleet()?.spec.strikeLimit ?? Infinity;
  const { strikesByMachine } = hostView(store.hosts(), store.pendingStrikes(), strikeLimit);
  return workerDocuments(memory, strikesByMachine, now());
}

/** With what the boxes have cost since the last CHECK. */
function spendDocument(memory: FleetMemory, nowMs: number): FleetDocument["spend"] {
  const { dayUsd, totalUsd } = addCharges(memory.spend, chargesSince(memory, memory, [], nowMs), nowMs);
  return { todayUsd: dayUsd, totalUsd };
}

export function planDocument(plan: Plan): PlanDocument {
  return {
    actions: actionDocuments(plan.actions),
    state: plan.state,
    lookAgainAt: new Date(plan.lookAgainAtMs).toISOString(),
    notes: plan.notes,
  };
}

function breakerDocument({ breaker }: FleetMemory): BreakerDocument | null {
  if (breaker === null) return null;
  const { reason, signature, openedAtMs, tries, nextCanaryAtMs } = breaker;
  return {
    reason,
    signature,
    tries,
    openedAt: new Date(openedAtMs).toISOString(),
    nextCanaryAt: new Date(nextCanaryAtMs).toISOString(),
  };
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
