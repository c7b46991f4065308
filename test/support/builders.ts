// One builder per noun of the core, around one fixed moment: a fleet `zeb` whose workers produce, on a list read just now.
// A test names only what it changes.

import type { Breaker, Debt, Fault, FleetMemory, Intent, WorkerMemory } from "../../src/fleet/memory.ts";
import { emptyMemory } from "../../src/fleet/memory.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import type { Offer, RankedOffer, Throughput } from "../../src/fleet/offer.ts";
import { NO_RATES } from "../../src/fleet/rate-history.ts";
import type { LogError, LogFacts, LogProgress, LogReport } from "../../src/fleet/report.ts";
import type { AccountView, Situation } from "../../src/fleet/situation.ts";
import { beginSpend } from "../../src/fleet/spend.ts";
import { type FleetSpec, resolveSpec, type SpecPatch } from "../../src/fleet/spec.ts";
import { type ProvenList, proveSweep, type Sweep } from "../../src/fleet/sweep.ts";

export const NOW = Date.parse("2026-11-23T18:00:00Z");
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const FLEET = "zeb";
export const KEEPER = "keeper-a";
export const FINGERPRINT = "fingerprint-a";
export const ACCOUNT = 4711;

/** The value, or a failed test that says what was missing. */
export function must<T>(value: T | null | undefined, what = "a value"): T {
  if (value === null || value === undefined) throw new Error(`expected ${what}`);
  return value;
}

export function aSpec(patch: SpecPatch = {}): FleetSpec {
  return resolveSpec(FLEET, { maxPriceUsdPerHour: 0.1, ...patch }, null);
}

type At = { readonly slot?: number; readonly fleet?: string };

/** A running box of slot 0: id 1000 + slot, on machine 100 + slot, up for two hours. */
export function anInstance({ slot = 0, fleet = FLEET, ...changes }: Partial<Instance> & At = {}): Instance {
  return {
    instanceId: 1000 + slot,
    label: `${fleet}-worker-vast-${slot}`,
    machineId: 100 + slot,
    operatorId: 7,
    gpu: "RTX 3070",
    actualStatus: "running",
    intendedStatus: "running",
    currentState: "running",
    statusMessage: "success, running pytorch",
    usdPerHour: 0.072,
    storageUsdPerHour: 0.003,
    startedAtMs: NOW - 2 * HOUR,
    endsAtMs: null,
    isBid: false,
    envReadable: true,
    keeperId: KEEPER,
    intentId: null,
    ssh: { host: "ssh5.vast.ai", port: 12345 },
    ...changes,
  };
}

/** A worker whose status has said "exited" since five minutes ago; its log has been asked for since then, in vain. */
export function aBadStatus(changes: Partial<NonNullable<WorkerMemory["badStatus"]>> = {}) {
  const sinceMs = changes.sinceMs ?? NOW - 5 * MINUTE;
  return {
    what: "exited",
    sinceMs,
    seenAtMs: sinceMs,
    batch: 30,
    isStopped: false,
    askedAtMs: sinceMs,
    still: null,
    ...changes,
  };
}

/** What is remembered of `anInstance` of the same slot: it produces, and its log was read half a minute ago. */
export function aWorker({ slot = 0, ...changes }: Partial<WorkerMemory> = {}): WorkerMemory {
  const atMs = NOW - 30 * SECOND;
  return {
    instanceId: 1000 + slot,
    slot,
    label: `${FLEET}-worker-vast-${slot}`,
    machineId: 100 + slot,
    gpu: "RTX 3070",
    usdPerHour: 0.072,
    storageUsdPerHour: 0.003,
    intentId: null,
    fingerprint: FINGERPRINT,
    status: "running",
    statusMessage: "success, running pytorch",
    ssh: "ssh -p 12345 root@ssh5.vast.ai",
    startedAtMs: NOW - 2 * HOUR,
    firstSeenAtMs: NOW - 2 * HOUR,
    badStatus: null,
    missing: null,
    clock: { kind: "produce", sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs },
    reboot: null,
    // In its first phase, unless a test says otherwise.
    unproductiveSinceMs: changes.clock?.sinceMs ?? atMs,
    mark: "mark-30",
    progress: { batch: 30, gamesPerSecond: 2.4, totalGames: 7680, atMs, batchMs: [100_000, 100_000, 100_000] },
    error: null,
    isUploading: false,
    uploadIntervalSeconds: 240,
    delivery: { sinceMs: atMs, measuredAtMs: atMs, fromBatch: 30, batch: 29, deliveredAtMs: atMs, error: null },
    reportAtMs: atMs,
    heldBackAtMs: null,
    returnedAtMs: null,
    milestone: "worker started",
    commit: "1234567",
    verdict: "producing",
    detail: "batch 30",
    verdictSinceMs: NOW - HOUR,
    rateHistory: { stepMs: 0, rates: [{ atMs, gamesPerSecond: 2.4 }] },
    ...changes,
  };
}

/** A worker of which nothing but its row is known: it boots since `sinceMs`. */
export function aBootingWorker(changes: Partial<WorkerMemory> & { readonly sinceMs?: number } = {}): WorkerMemory {
  const { sinceMs = NOW - MINUTE, ...rest } = changes;
  return aWorker({
    status: "loading",
    statusMessage: "pulling",
    startedAtMs: sinceMs,
    firstSeenAtMs: sinceMs,
    clock: { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: NOW - 30 * SECOND },
    mark: null,
    progress: null,
    delivery: null,
    reportAtMs: null,
    milestone: null,
    commit: null,
    verdict: "booting",
    detail: "pulling",
    verdictSinceMs: sinceMs,
    rateHistory: NO_RATES,
    ...rest,
  });
}

/** A rent of slot 0 that the market has just answered with instance 1000. */
export function anIntent({ slot = 0, ...changes }: Partial<Intent> = {}): Intent {
  return {
    id: `intent-${slot}`,
    slot,
    label: `${FLEET}-worker-vast-${slot}`,
    offerId: 5000 + slot,
    machineId: 100 + slot,
    gpu: "RTX 3070",
    usdPerHour: 0.072,
    fingerprint: FINGERPRINT,
    uploadIntervalSeconds: 240,
    createdAtMs: NOW - 10 * SECOND,
    state: "rented",
    instanceId: 1000 + slot,
    answeredAtMs: NOW - 9 * SECOND,
    missing: null,
    ...changes,
  };
}

/** A destroy of instance 900 that was sent a minute ago, and taken. */
export function aDebt(changes: Partial<Debt> = {}): Debt {
  return {
    instanceId: 900,
    slot: 0,
    label: `${FLEET}-worker-vast-0`,
    machineId: 90,
    usdPerHour: 0.072,
    reason: "given up",
    createdAtMs: NOW - MINUTE,
    lastAttemptAtMs: NOW - MINUTE,
    attempts: 1,
    lastError: null,
    isAccepted: true,
    missing: null,
    ...changes,
  };
}

/** Instance 1000 failed just now on machine 100 before it produced: its image has no torch. */
export function aFault(changes: Partial<Fault> = {}): Fault {
  return {
    instanceId: 1000,
    machineId: 100,
    gpu: "RTX 3070",
    fingerprint: FINGERPRINT,
    commit: "1234567",
    signature: "ModuleNotFoundError: No module named <text>",
    line: "ModuleNotFoundError: No module named 'torch'",
    faultClass: "workload",
    isHostsUsual: false,
    isStruck: false,
    phase: "wait",
    batch: null,
    hadProduced: false,
    rentedAtMs: NOW - 5 * MINUTE,
    atMs: NOW,
    ...changes,
  };
}

/** Opened a minute ago by two boxes that failed like `aFault`; the first canary comes in four minutes. */
export function aBreaker(changes: Partial<Breaker> = {}): Breaker {
  return {
    signature: aFault().signature,
    fingerprint: FINGERPRINT,
    reason: "2 machines, same error: ModuleNotFoundError: No module named 'torch' (commit 1234567)",
    sinceMs: NOW - 5 * MINUTE,
    openedAtMs: NOW - MINUTE,
    failedPhase: "wait",
    failedBatch: null,
    tries: 0,
    hostRetries: 0,
    nextCanaryAtMs: NOW + 4 * MINUTE,
    keptInstanceId: null,
    ...changes,
  };
}

/** Nothing remembered of a fleet that had its four boxes ten hours ago; what they cost begins to count now. */
export function aMemory(changes: Partial<FleetMemory> = {}): FleetMemory {
  return {
    ...emptyMemory(NOW - 10 * HOUR),
    filledTarget: 4,
    spend: beginSpend(NOW),
    logsReadAtMs: NOW - 30 * SECOND,
    ...changes,
  };
}

/** An offer that every default spec takes: $0.072/hr, RTX 3070. */
export function anOffer(changes: Partial<Offer> = {}): Offer {
  const offerId = changes.offerId ?? 5000;
  return {
    offerId,
    machineId: offerId - 4500,
    operatorId: 7,
    gpu: "RTX 3070",
    gpuCount: 1,
    usdPerHour: 0.072,
    gpuRamGb: 8,
    diskGb: 200,
    reliability: 0.99,
    driverVersion: "570.124.06",
    cudaMax: 12.6,
    durationSeconds: 30 * 86_400,
    downloadUsdPerGb: 0.0039,
    isRentable: true,
    isRented: false,
    geolocation: "DE",
    ...changes,
  };
}

/** Offers 5000, 5001 … on machines 500, 501 …, the first the cheapest. */
export function someOffers(count: number): readonly Offer[] {
  return Array.from({ length: count }, (_, index) =>
    anOffer({ offerId: 5000 + index, usdPerHour: 0.06 + index / 10_000 }),
  );
}

export function aRanked(offer: Offer, rate = 2.4): RankedOffer {
  return { offer, expectedGamesPerSecond: rate, usdPerGamePerSecond: offer.usdPerHour / rate };
}

/** A sweep begun two seconds ago that proves itself: every row announced, the right account. */
export function aProvenSweep(rows: readonly Instance[], begunAtMs = NOW - 2 * SECOND): Sweep {
  const reading = { ok: true, begunAtMs, endedAtMs: begunAtMs + SECOND, accountId: ACCOUNT } as const;
  return proveSweep({ ...reading, totalInstances: rows.length, rows }, { accountId: ACCOUNT, lastWriteAtMs: 0 });
}

export function aProof(rows: readonly Instance[], begunAtMs?: number): ProvenList {
  const sweep = aProvenSweep(rows, begunAtMs);
  if (!sweep.proven) throw new Error(sweep.reason);
  return sweep.list;
}

export function anAccount(changes: Partial<AccountView> = {}): AccountView {
  return { creditUsd: 25, readAtMs: NOW - SECOND, creditWait: null, ...changes };
}

export const throughput: Throughput = {
  byGpu: { "RTX 4070 Ti": 4.2, "RTX 3070": 2.4, "RTX 3060": 1.8 },
  other: 1.8,
  observedByMachine: new Map(),
  observedByGpu: new Map(),
};

type World = { readonly rows?: readonly Instance[]; readonly workers?: readonly WorkerMemory[] };

/** Nothing rented, target 4, everything else in order; `rows` and `workers` are shorthands for sweep and memory. */
export function aSituation({ rows = [], workers, ...changes }: Partial<Situation> & World = {}): Situation {
  const memory = changes.memory ?? aMemory();
  return {
    nowMs: NOW,
    wantedAtMs: NOW,
    fleet: FLEET,
    keeperId: KEEPER,
    spec: aSpec({ target: 4 }),
    mode: "active",
    missingCredentials: null,
    sweep: aProvenSweep(rows),
    confirmations: new Map(),
    account: anAccount(),
    weights: "present",
    hosts: { blocked: new Set(), strikesByMachine: new Map() },
    throughput,
    diskGb: 15,
    fingerprint: FINGERPRINT,
    isFingerprintProven: true,
    commits: null,
    offers: null,
    ...changes,
    memory: workers === undefined ? memory : { ...memory, workers },
  };
}

/** Slots `first` … of producing boxes: their rows and what is remembered of them. */
export function someBoxes(
  count: number,
  first = 0,
): { readonly rows: readonly Instance[]; readonly workers: readonly WorkerMemory[] } {
  const slots = Array.from({ length: count }, (_, index) => first + index);
  return { rows: slots.map((slot) => anInstance({ slot })), workers: slots.map((slot) => aWorker({ slot })) };
}

export function someProgress(changes: Partial<LogProgress> = {}): LogProgress {
  return { batch: 31, gamesPerSecond: 2.4, step: 557_000, totalGames: 7936, ...changes };
}

export function anError(changes: Partial<LogError> = {}): LogError {
  return {
    line: "RuntimeError: boom",
    signature: "RuntimeError: boom",
    faultClass: "unknown",
    isFinal: false,
    ...changes,
  };
}

export function someFacts(changes: Partial<LogFacts> = {}): LogFacts {
  return {
    lineCount: 40,
    mark: "mark-31",
    phase: "producing",
    milestone: null,
    progress: null,
    uploadsCompleted: 0,
    uploadsFailed: 0,
    isUploading: false,
    deliveredBatch: null,
    uploadError: null,
    uploadIntervalSeconds: null,
    error: null,
    commit: null,
    ...changes,
  };
}

/** A fresh, measured report of instance 1000, asked for at `atMs`. */
export function aReport(
  facts: Partial<LogFacts> = {},
  atMs = NOW,
  isStale = false,
): Extract<LogReport, { kind: "measured" }> {
  return {
    kind: "measured",
    instanceId: 1000,
    requestedAtMs: atMs,
    receivedAtMs: atMs + SECOND,
    facts: someFacts(facts),
    lastLines: "",
    isStale,
  };
}
