// The JSON shapes that other programs rely on (design §6). These names are fixed; fields may be added.

import { formatInstant } from "./instant.ts";
import type { Debt, FleetMemory, Intent, Verdict } from "./memory.ts";
import type { Action, Evidence, FleetMode, FleetState, Totals } from "./plan.ts";
import type { FleetSpec } from "./spec.ts";
import type { Workload } from "./workload.ts";

export interface WorkerDocument {
  readonly slot: number;
  readonly label: string;
  readonly instanceId: number;
  readonly machineId: number | null;
  readonly gpu: string | null;
  readonly status: string;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly batch: number | null;
  readonly gamesPerSecond: number | null;
  readonly usdPerHour: number | null;
  readonly ageSeconds: number;
  readonly ssh: string | null;
  /** What it was started with, or says in its log; `null`: not known. */
  readonly uploadIntervalSeconds: number | null;
  /** Of the box; its first sight where the market says none. */
  readonly startedAt: string;
  /** `null`: longer than this has been kept. */
  readonly verdictSince: string | null;
  /** Strikes of its machine that count, over all fleets; `null`: the machine is not known. */
  readonly machineStrikes: number | null;
  /** A picture of the last hours at most, oldest first; at most 24. */
  readonly recentGamesPerSecond: readonly number[];
}

export interface IntentDocument {
  readonly id: string;
  readonly slot: number;
  readonly label: string;
  readonly state: Intent["state"];
  readonly offerId: number;
  readonly machineId: number | null;
  readonly gpu: string;
  readonly usdPerHour: number;
  readonly instanceId: number | null;
  readonly ageSeconds: number;
}

export interface DebtDocument {
  readonly instanceId: number;
  readonly slot: number | null;
  readonly label: string | null;
  readonly reason: string;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly ageSeconds: number;
}

export interface BreakerDocument {
  readonly reason: string;
  readonly signature: string;
  readonly openedAt: string;
  /** Canaries that met the same fault. */
  readonly tries: number;
  readonly nextCanaryAt: string;
}

export interface FleetDocument {
  readonly name: string;
  readonly mode: FleetMode;
  readonly state: FleetState;
  readonly spec: FleetSpec;
  /** What the fleet's workload has to do with the Hub: without it, weights and examples of the spec mean nothing. */
  readonly hub: Workload["hub"];
  /** Grows with every change of spec or mode; the ETag of the fleet. */
  readonly specVersion: number;
  readonly checks: number;
  readonly lastCheckAt: string | null;
  readonly lookAgainAt: string | null;
  readonly totals: Totals;
  /** Price × time of all boxes, today (UTC) and ever: what the budgets are measured by. */
  readonly spend: { readonly todayUsd: number; readonly totalUsd: number };
  /** On the examples repo, over all fleets and the learner; `null`: not known. */
  readonly projectedCommitsPerHour: number | null;
  readonly commitsPerHourLimit: number;
  readonly workers: readonly WorkerDocument[];
  readonly intents: readonly IntentDocument[];
  readonly debts: readonly DebtDocument[];
  /** Why nothing is replaced; `null`: it is closed. */
  readonly breaker: BreakerDocument | null;
  /** Boxes that a person has ordered to go, not yet done. */
  readonly orders: readonly OrderDocument[];
  /** The roll-out under way; `null`: none. */
  readonly rollOut: { readonly specVersion: number; readonly by: string; readonly ageSeconds: number } | null;
  readonly notes: readonly string[];
}

export interface OrderDocument {
  readonly instanceId: number;
  readonly slot: number;
  readonly by: string;
  readonly ageSeconds: number;
}

export interface PlanDocument {
  readonly actions: readonly {
    readonly kind: Action["kind"];
    readonly slot: number | null;
    readonly instanceId: number | null;
    readonly reason: string;
    readonly evidence: Evidence;
  }[];
  readonly state: FleetState;
  readonly lookAgainAt: string;
  readonly notes: readonly string[];
}

export function workerDocuments(
  memory: FleetMemory,
  strikesByMachine: ReadonlyMap<number, number>,
  nowMs: number,
): WorkerDocument[] {
  return memory.workers
    .toSorted((a, b) => a.slot - b.slot || a.instanceId - b.instanceId)
    .map((worker) => ({
      slot: worker.slot,
      label: worker.label,
      instanceId: worker.instanceId,
      machineId: worker.machineId,
      gpu: worker.gpu,
      status: worker.status ?? "provisioning",
      verdict: worker.verdict,
      detail: worker.detail,
      batch: worker.progress?.batch ?? null,
      gamesPerSecond: worker.progress?.gamesPerSecond ?? null,
      usdPerHour: worker.usdPerHour,
      ageSeconds: ageSeconds(worker.startedAtMs ?? worker.firstSeenAtMs, nowMs),
      ssh: worker.ssh,
      uploadIntervalSeconds: worker.uploadIntervalSeconds,
      startedAt: formatInstant(worker.startedAtMs ?? worker.firstSeenAtMs),
      verdictSince: worker.verdictSinceMs === null ? null : formatInstant(worker.verdictSinceMs),
      machineStrikes: worker.machineId === null ? null : (strikesByMachine.get(worker.machineId) ?? 0),
      recentGamesPerSecond: worker.rateHistory.rates.map(({ gamesPerSecond }) => gamesPerSecond),
    }));
}

export function intentDocuments(intents: readonly Intent[], nowMs: number): IntentDocument[] {
  return intents
    .toSorted(bySlot)
    .map(({ id, slot, label, state, offerId, machineId, gpu, usdPerHour, instanceId, createdAtMs }) => ({
      id,
      slot,
      label,
      state,
      offerId,
      machineId,
      gpu,
      usdPerHour,
      instanceId,
      ageSeconds: ageSeconds(createdAtMs, nowMs),
    }));
}

export function debtDocuments(debts: readonly Debt[], nowMs: number): DebtDocument[] {
  return debts.map(({ instanceId, slot, label, reason, attempts, lastError, createdAtMs }) => ({
    instanceId,
    slot,
    label,
    reason,
    attempts,
    lastError,
    ageSeconds: ageSeconds(createdAtMs, nowMs),
  }));
}

export function orderDocuments({ orders }: FleetMemory, nowMs: number): OrderDocument[] {
  return orders.map(({ instanceId, slot, by, atMs }) => ({
    instanceId,
    slot,
    by,
    ageSeconds: ageSeconds(atMs, nowMs),
  }));
}

export function rollOutDocument({ rollOut }: FleetMemory, nowMs: number): FleetDocument["rollOut"] {
  if (rollOut === null) return null;
  return { specVersion: rollOut.specVersion, by: rollOut.by, ageSeconds: ageSeconds(rollOut.atMs, nowMs) };
}

/** An action as programs see it; a rent has no instance yet. Rents stand in the order of their slots. */
export function actionDocuments(actions: readonly Action[]): PlanDocument["actions"] {
  const rents = actions.filter((action) => action.kind === "rent").toSorted(bySlot);
  const inOrder = actions.map((action) => (action.kind === "rent" ? (rents.shift() ?? action) : action));
  return inOrder.map((action) => ({
    kind: action.kind,
    slot: action.slot,
    instanceId: "instanceId" in action ? action.instanceId : null,
    reason: action.reason,
    evidence: action.evidence,
  }));
}

function bySlot(a: { readonly slot: number }, b: { readonly slot: number }): number {
  return a.slot - b.slot;
}

function ageSeconds(sinceMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - sinceMs) / 1000));
}
