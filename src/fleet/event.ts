// What happened, in words and facts: the row of history that every door and the terminal show. No secrets.

import type { Evidence } from "./plan.ts";

export const eventKinds = [
  "spec",
  "mode",
  "launch",
  "launch-refused",
  "launch-unknown",
  "adopt",
  "gone",
  "destroy",
  "destroy-failed",
  "intent-settled",
  "debt-settled",
  "order",
  "roll-out",
  "stray",
  "strike",
  "refund",
  "blacklist",
  "breaker",
  "blind",
  "state",
  "credit",
  "alert",
  "hint",
  "error",
  /** What a person decided about a host. */
  "host",
  /** Who asked for a write, from where, and with what outcome. */
  "audit",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** In place of a name, where an event concerns all fleets alike. */
export const NO_FLEET = "";

export interface FleetEvent {
  /** uuid; the outbox may deliver an event twice, the database keeps one. */
  readonly id: string;
  /** `NO_FLEET`: it concerns all alike. */
  readonly fleet: string;
  readonly atMs: number;
  readonly kind: EventKind;
  readonly slot: number | null;
  readonly instanceId: number | null;
  readonly machineId: number | null;
  /** One line for people, led by the runbook's word (LAUNCH, REPLACE, STRIKE …). */
  readonly message: string;
  readonly evidence: Evidence;
}

/** One CHECK in numbers. */
export interface CheckSummary {
  readonly fleet: string;
  readonly number: number;
  readonly atMs: number;
  readonly state: string;
  readonly live: number;
  readonly producing: number;
  readonly usdPerHour: number;
  readonly gamesPerSecond: number;
  readonly actions: number;
  /** Milliseconds from the start of the CHECK to its decision: waiting for the market, the Hub and D1. */
  readonly apiMs: number;
  readonly line: string;
  readonly notes: readonly string[];
}

/** A row of the ledger: one instance, from rent to end. */
export interface LedgerEntry {
  readonly instanceId: number;
  readonly fleet: string;
  readonly slot: number;
  readonly label: string;
  readonly machineId: number | null;
  readonly gpu: string | null;
  readonly usdPerHour: number | null;
  readonly fingerprint: string | null;
  readonly startedAtMs: number;
  /** `null` while it lives. */
  readonly endedAtMs: number | null;
  readonly endCause: string | null;
  readonly endReason: string | null;
  /** Price × time from start to end; bandwidth is not in it. */
  readonly costUsd: number | null;
  /** Games of the worker's last process, as its log counted them. */
  readonly games: number | null;
}

/** What one instance gave in one hour. */
export interface HourlyThroughput {
  readonly hourAtMs: number;
  readonly fleet: string;
  readonly instanceId: number;
  readonly machineId: number | null;
  readonly gpu: string;
  readonly weightsName: string;
  /** Sums over the measured reports of the hour; divide by `samples`. */
  readonly samples: number;
  readonly gamesPerSecondSum: number;
  /** The slowest and the fastest report; `null` where they were not kept. */
  readonly gamesPerSecondMin: number | null;
  readonly gamesPerSecondMax: number | null;
  readonly usdPerHour: number;
  readonly games: number;
}

/** The end of a log, masked, as it was when its instance was given up or found gone. */
export interface LastLog {
  readonly instanceId: number;
  readonly fleet: string;
  readonly atMs: number;
  /** When the lines were asked of the host. */
  readonly readAtMs: number;
  readonly text: string;
}
