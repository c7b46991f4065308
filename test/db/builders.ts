// One builder per row of D1: a whole row around what the test says.

import type { FleetCopy } from "../../src/db/fleets.ts";
import type { StrikeRow } from "../../src/db/strikes.ts";
import type { CheckSummary, FleetEvent, HourlyThroughput, LedgerEntry } from "../../src/fleet/event.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";

export const NOW = Date.UTC(2026, 10, 23, 18);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export function anEvent(event: Partial<FleetEvent> & Pick<FleetEvent, "id">): FleetEvent {
  return {
    fleet: "zeb",
    atMs: NOW,
    kind: "launch",
    slot: 0,
    instanceId: 87654321,
    machineId: 4411,
    message: "LAUNCH: worker 0",
    evidence: { usdPerHour: 0.102 },
    ...event,
  };
}

export function aCheck(check: Partial<CheckSummary>): CheckSummary {
  return {
    fleet: "zeb",
    number: 1,
    atMs: NOW,
    state: "steady",
    live: 4,
    producing: 4,
    usdPerHour: 0.382,
    gamesPerSecond: 9.6,
    actions: 0,
    apiMs: 220,
    line: "CHECK #1 [45s] 4/4 up",
    notes: ["nothing to do"],
    ...check,
  };
}

export function aLedgerEntry(entry: Partial<LedgerEntry> & Pick<LedgerEntry, "instanceId">): LedgerEntry {
  return {
    fleet: "zeb",
    slot: 0,
    label: "zeb-worker-vast-0",
    machineId: 4411,
    gpu: "RTX 3070",
    usdPerHour: 0.102,
    fingerprint: "f1",
    startedAtMs: NOW,
    endedAtMs: null,
    endCause: null,
    endReason: null,
    costUsd: null,
    games: null,
    ...entry,
  };
}

export function aStrike(strike: Partial<StrikeRow> & Pick<StrikeRow, "id">): StrikeRow {
  return {
    machineId: 4411,
    fleet: "zeb",
    instanceId: 87654321,
    atMs: NOW,
    reason: "stuck in BOOT",
    faultClass: "host",
    expiresAtMs: NOW + 30 * DAY,
    ...strike,
  };
}

export function aFleetCopy(fleet: Partial<FleetCopy> & Pick<FleetCopy, "name">): FleetCopy {
  return {
    mode: "active",
    state: "steady",
    spec: resolveSpec(fleet.name, {}, null),
    target: 4,
    specVersion: 1,
    totals: { live: 4, producing: 4, usdPerHour: 0.382, gamesPerSecond: 9.6 },
    lastCheckAtMs: NOW,
    updatedAtMs: NOW,
    ...fleet,
  };
}

export function anHour(hour: Partial<HourlyThroughput> & Pick<HourlyThroughput, "instanceId">): HourlyThroughput {
  return {
    hourAtMs: NOW,
    fleet: "zeb",
    machineId: 4411,
    gpu: "RTX 3070",
    weightsName: "large",
    samples: 10,
    gamesPerSecondSum: 24,
    gamesPerSecondMin: 1.8,
    gamesPerSecondMax: 2.6,
    usdPerHour: 0.102,
    games: 8640,
    ...hour,
  };
}
