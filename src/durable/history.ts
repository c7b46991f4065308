// Turns what a CHECK did into rows for the outbox: events in the runbook's words, the ledger, strikes, throughput.
// Synchronous: called inside the block that writes the change itself, so that history cannot miss it.

import type { EventKind, FleetEvent, LedgerEntry } from "../fleet/event.ts";
import type { Strike, WorkerMemory } from "../fleet/memory.ts";
import type { Evidence, RefundAction, StrikeAction } from "../fleet/plan.ts";
import { type FleetSpec, rateNameOf } from "../fleet/spec.ts";
import { logLine, maskSecrets } from "../log.ts";
import type { HourRow } from "./fleet-record.ts";
import type { FleetStore } from "./fleet-store.ts";
import { hostView } from "./stored-hosts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/**
 * Within an hour the throughput row of a worker is sent again at most this often by a fleet of a dozen, and more rarely by a
 * larger one, down to once, when the hour is over: every row written is billed, three times with its index.
 */
const THROUGHPUT_EVERY_MS = 600_000;
const A_DOZEN = 12;

export interface EventTerms {
  readonly id: string;
  readonly fleet: string;
  readonly nowMs: number;
}

export interface EventFacts {
  readonly kind: EventKind;
  readonly message: string;
  readonly slot?: number | null;
  readonly instanceId?: number | null;
  readonly machineId?: number | null;
  readonly evidence?: Evidence;
}

export function recordEvent(store: FleetStore, terms: EventTerms, facts: EventFacts): void {
  const row: FleetEvent = {
    id: terms.id,
    fleet: terms.fleet,
    atMs: terms.nowMs,
    kind: facts.kind,
    slot: facts.slot ?? null,
    instanceId: facts.instanceId ?? null,
    machineId: facts.machineId ?? null,
    message: maskSecrets(facts.message).slice(0, 500),
    evidence: maskEvidence(facts.evidence ?? {}),
  };
  store.enqueue({ kind: "event", row });
  logLine(`${terms.fleet}: ${row.message}`);
}

function maskEvidence(evidence: Evidence): Evidence {
  return Object.fromEntries(
    Object.entries(evidence).map(([key, value]) => [
      key,
      typeof value === "string" ? maskSecrets(value).slice(0, 300) : value,
    ]),
  );
}

/** A strike counts once per instance. `blocked`: the machine is, by this one. */
export function recordStrike(
  store: FleetStore,
  action: StrikeAction,
  spec: FleetSpec,
  terms: EventTerms,
): "known" | "struck" | "blocked" {
  const { machineId, instanceId, reason, faultClass, slot } = action;
  const strike: Strike = {
    id: strikeIdOf(terms.fleet, instanceId),
    machineId,
    atMs: terms.nowMs,
    reason: maskSecrets(reason).slice(0, 300),
    faultClass,
  };
  if (!store.addStrike(strike)) return "known";
  store.enqueue({
    kind: "strike",
    row: { ...strike, fleet: terms.fleet, instanceId, expiresAtMs: terms.nowMs + spec.strikeExpiryDays * DAY_MS },
  });
  const count = hostView(store.hosts(), store.pendingStrikes(), spec.strikeLimit).strikesByMachine.get(machineId) ?? 1;
  const isBlocked = count >= spec.strikeLimit;
  const message = isBlocked
    ? `BLACKLIST: machine ${machineId} is now blocked (${count} strikes): ${reason}`
    : `STRIKE: machine ${machineId}, ${count}/${spec.strikeLimit}: ${reason}`;
  recordEvent(store, terms, {
    kind: isBlocked ? "blacklist" : "strike",
    message,
    slot,
    instanceId,
    machineId,
    evidence: action.evidence,
  });
  return isBlocked ? "blocked" : "struck";
}

/** Takes back the strike that this fleet gave for an instance, for whom it concerns: its own count and all fleets'. */
export function recordRefund(store: FleetStore, action: RefundAction, terms: EventTerms): void {
  const { instanceId, machineId, reason, evidence } = action;
  const strikeId = strikeIdOf(terms.fleet, instanceId);
  store.removeStrike(strikeId);
  const why = maskSecrets(reason).slice(0, 300);
  store.enqueue({ kind: "refund", row: { strikeId, atMs: terms.nowMs, reason: why } });
  recordEvent(store, terms, {
    kind: "refund",
    message: `REFUND: the strike of machine ${machineId} is taken back: ${reason}`,
    instanceId,
    machineId,
    evidence,
  });
}

function strikeIdOf(fleet: string, instanceId: number): string {
  return `${fleet}:${instanceId}`;
}

// --- the ledger: one row per instance, from rent to end ---------------------------------------------------------------

export function openLedger(store: FleetStore, fleet: string, worker: WorkerMemory): void {
  const entry: LedgerEntry = {
    instanceId: worker.instanceId,
    fleet,
    slot: worker.slot,
    label: worker.label,
    machineId: worker.machineId,
    gpu: worker.gpu,
    usdPerHour: worker.usdPerHour,
    fingerprint: worker.fingerprint,
    startedAtMs: worker.startedAtMs ?? worker.firstSeenAtMs,
    endedAtMs: null,
    endCause: null,
    endReason: null,
    costUsd: null,
    games: null,
  };
  store.ledger.put(String(worker.instanceId), entry);
  store.enqueue({ kind: "ledger", row: entry });
}

/** Notes why an instance is to end; it still bills until it is proven gone. */
export function markLedger(
  store: FleetStore,
  instanceId: number,
  end: { cause: string; reason: string; games: number | null },
): void {
  const entry = store.ledger.get(String(instanceId));
  if (entry === null || entry.endCause !== null) return;
  store.ledger.put(String(instanceId), {
    ...entry,
    endCause: end.cause,
    endReason: maskSecrets(end.reason).slice(0, 300),
    games: end.games,
  });
}

/** Closes the row with what the instance cost: price × time, disk included, bandwidth not. */
export function closeLedger(
  store: FleetStore,
  instanceId: number,
  end: { atMs: number; cause: string; reason: string },
): void {
  const entry = store.ledger.get(String(instanceId));
  if (entry === null) return;
  const costUsd =
    entry.usdPerHour === null ? null : (entry.usdPerHour * Math.max(0, end.atMs - entry.startedAtMs)) / HOUR_MS;
  const closed = {
    ...entry,
    endedAtMs: end.atMs,
    endCause: entry.endCause ?? end.cause,
    endReason: entry.endReason ?? end.reason,
    costUsd,
  };
  store.enqueue({ kind: "ledger", row: closed });
  store.ledger.delete(String(instanceId));
}

// --- throughput: what each instance gives by the hour -----------------------------------------------------------------

/** Counts one measured report of a producing worker into its hour. */
export function countThroughput(
  store: FleetStore,
  before: WorkerMemory,
  after: WorkerMemory,
  spec: FleetSpec,
  fleet: string,
): void {
  const { progress, reportAtMs, instanceId } = after;
  if (
    progress === null ||
    reportAtMs === null ||
    reportAtMs === before.reportAtMs ||
    progress.batch === before.progress?.batch
  )
    return;
  const hourAtMs = Math.floor(reportAtMs / HOUR_MS) * HOUR_MS;
  const everyMs = Math.min(HOUR_MS, THROUGHPUT_EVERY_MS * Math.max(1, spec.target / A_DOZEN));
  const known = store.hours.get(String(instanceId));
  if (known !== null && known.hourAtMs !== hourAtMs) sendThroughput(store, after, known, spec, fleet);
  const base: HourRow =
    known?.hourAtMs === hourAtMs
      ? completeHour(known)
      : {
          hourAtMs,
          samples: 0,
          gamesPerSecondSum: 0,
          gamesPerSecondMin: progress.gamesPerSecond,
          gamesPerSecondMax: progress.gamesPerSecond,
          games: 0,
          // A small fleet shows what it gives from the first report on.
          sentAtMs: everyMs === THROUGHPUT_EVERY_MS ? 0 : hourAtMs,
          sentSamples: 0,
        };
  const gained = Math.max(0, (progress.totalGames ?? 0) - (before.progress?.totalGames ?? 0));
  const row = {
    ...base,
    samples: base.samples + 1,
    gamesPerSecondSum: base.gamesPerSecondSum + progress.gamesPerSecond,
    gamesPerSecondMin: Math.min(base.gamesPerSecondMin, progress.gamesPerSecond),
    gamesPerSecondMax: Math.max(base.gamesPerSecondMax, progress.gamesPerSecond),
    games: base.games + gained,
  };
  // What a small fleet gave so far is never shown with less than half of it.
  const isDoubled = everyMs === THROUGHPUT_EVERY_MS && row.samples >= 2 * row.sentSamples;
  if (isDoubled || reportAtMs - row.sentAtMs >= everyMs) {
    sendThroughput(store, after, row, spec, fleet);
    store.hours.put(String(instanceId), { ...row, sentAtMs: reportAtMs, sentSamples: row.samples });
  } else {
    store.hours.put(String(instanceId), row);
  }
}

/** An hour that an earlier version began has no extremes: its mean stands for both. */
function completeHour(stored: HourRow): HourRow {
  const mean = stored.gamesPerSecondSum / stored.samples;
  return {
    ...stored,
    gamesPerSecondMin: stored.gamesPerSecondMin ?? mean,
    gamesPerSecondMax: stored.gamesPerSecondMax ?? mean,
  };
}

/** Sends the unfinished hour of a worker that leaves, and forgets it. */
export function finishThroughput(store: FleetStore, worker: WorkerMemory, spec: FleetSpec, fleet: string): void {
  const row = store.hours.get(String(worker.instanceId));
  if (row === null) return;
  if (row.samples !== row.sentSamples) sendThroughput(store, worker, row, spec, fleet);
  store.hours.delete(String(worker.instanceId));
}

function sendThroughput(store: FleetStore, worker: WorkerMemory, row: HourRow, spec: FleetSpec, fleet: string): void {
  store.enqueue({
    kind: "throughput",
    row: {
      hourAtMs: row.hourAtMs,
      fleet,
      instanceId: worker.instanceId,
      machineId: worker.machineId,
      gpu: worker.gpu ?? "unknown",
      weightsName: rateNameOf(spec),
      samples: row.samples,
      gamesPerSecondSum: row.gamesPerSecondSum,
      gamesPerSecondMin: row.gamesPerSecondMin,
      gamesPerSecondMax: row.gamesPerSecondMax,
      usdPerHour: worker.usdPerHour ?? 0,
      games: row.games,
    },
  });
}
