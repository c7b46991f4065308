// Builders for a daily report: a quiet night of a fleet `zeb` whose four workers produce, seen at eight in the morning.

import type { DayFacts, ExamplesView, LearnerView } from "../../src/fleet/daily-facts.ts";
import type { FleetDocument, WorkerDocument } from "../../src/fleet/document.ts";
import type { FleetEvent, LedgerEntry } from "../../src/fleet/event.ts";
import { ok } from "../../src/fleet/result.ts";
import { resolveSpec, type SpecPatch } from "../../src/fleet/spec.ts";
import { HOUR, MINUTE } from "./builders.ts";

export const MORNING = Date.parse("2026-11-23T08:00:00Z");
export const REPO = "jasonyandell/zeb-42";
export const EXAMPLES = "jasonyandell/zeb-42-examples";

export function aWorkerDocument(changes: Partial<WorkerDocument> = {}, fleet = "zeb"): WorkerDocument {
  const slot = changes.slot ?? 0;
  return {
    slot,
    label: `${fleet}-worker-vast-${slot}`,
    instanceId: 1000 + slot,
    machineId: 100 + slot,
    gpu: "RTX 3070",
    status: "running",
    verdict: "producing",
    detail: "batch 31",
    batch: 31,
    gamesPerSecond: 2.4,
    usdPerHour: 0.072,
    ageSeconds: 36_000,
    ssh: null,
    uploadIntervalSeconds: null,
    startedAt: "2026-11-22T22:00:00.000Z",
    verdictSince: null,
    machineStrikes: 0,
    recentGamesPerSecond: [],
    ...changes,
  };
}

type Fleet = Partial<Omit<FleetDocument, "spec">> & { readonly spec?: SpecPatch };

/** As many producing workers as its target says, $0.072/hr each. */
export function aFleetDocument({ spec: patch = {}, ...changes }: Fleet = {}): FleetDocument {
  const name = changes.name ?? "zeb";
  const spec = resolveSpec(name, patch, null);
  const workers = changes.workers ?? Array.from({ length: spec.target }, (_, slot) => aWorkerDocument({ slot }, name));
  const producing = workers.filter(({ verdict }) => verdict === "producing" || verdict === "uploading").length;
  return {
    name,
    mode: "active",
    state: "steady",
    spec,
    specVersion: 1,
    checks: 80,
    lastCheckAt: null,
    lookAgainAt: null,
    totals: { live: workers.length, producing, usdPerHour: 0.072 * workers.length, gamesPerSecond: 2.4 * producing },
    intents: [],
    debts: [],
    orders: [],
    rollOut: null,
    hub: { readsWeights: true, writesExamples: true },
    spend: { todayUsd: 0, totalUsd: 0 },
    projectedCommitsPerHour: 60,
    commitsPerHourLimit: 128,
    breaker: null,
    notes: [],
    ...changes,
    workers,
  };
}

/** An instance of slot 0 that crashed at three in the night after four hours. */
export function anEnded(changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    instanceId: 900,
    fleet: "zeb",
    slot: 0,
    label: "zeb-worker-vast-0",
    machineId: 4411,
    gpu: "RTX 3070",
    usdPerHour: 0.08,
    fingerprint: null,
    startedAtMs: MORNING - 9 * HOUR,
    endedAtMs: MORNING - 5 * HOUR,
    endCause: "fatal-error",
    endReason: "error for 300 s: RuntimeError: boom",
    costUsd: 0.32,
    games: 12_800,
    ...changes,
  };
}

export function aStrikeEvent(changes: Partial<FleetEvent> = {}): FleetEvent {
  return {
    id: "s1",
    fleet: "zeb",
    atMs: MORNING - 5 * HOUR,
    kind: "strike",
    slot: 0,
    instanceId: 900,
    machineId: 4411,
    message: "STRIKE: machine 4411, 1/3: error",
    evidence: {},
    ...changes,
  };
}

/** Two files of each of four workers, the newest two minutes old, the oldest half an hour. */
export function someExamples(changes: Partial<ExamplesView> = {}): ExamplesView {
  const workers = [0, 1, 2, 3].map((slot) => ({
    workerId: `zeb-worker-vast-${slot}`,
    newestAtMs: MORNING - (2 + slot) * MINUTE,
    files: 2,
  }));
  return {
    files: 8,
    newestAtMs: MORNING - 2 * MINUTE,
    oldestAtMs: MORNING - 30 * MINUTE,
    workers,
    ...changes,
  };
}

export function aLearner(changes: Partial<LearnerView> = {}): LearnerView {
  return { step: 152, totalGames: 63_488, wandbRunId: "abc123", pushedAtMs: MORNING - 5 * MINUTE, ...changes };
}

export function aDay(changes: Partial<DayFacts> = {}): DayFacts {
  return {
    window: { day: null, fromMs: MORNING - 24 * HOUR, toMs: MORNING, takenAtMs: MORNING },
    fleets: ok({ fleets: [aFleetDocument()], silent: [] }),
    ended: ok([]),
    events: ok({ launched: 0, refused: 0, unknown: 0, told: [] }),
    spend: ok([{ fleet: "zeb", usd: 6.912, unpriced: 0 }]),
    games: ok([{ fleet: "zeb", games: 800_000 }]),
    account: ok({ creditUsd: 14.4, readAtMs: MORNING - 10 * MINUTE, creditWait: null }),
    examples: [{ repo: EXAMPLES, namespace: "zeb-557k-1m", answer: ok(someExamples()) }],
    learners: [{ repo: REPO, weightsName: "zeb-557k-1m", answer: ok(aLearner()), run: null }],
    earlier: ok([{ repo: REPO, weightsName: "zeb-557k-1m", step: 112, totalGames: 50_000, atMs: MORNING - 24 * HOUR }]),
    ...changes,
  };
}

export function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
