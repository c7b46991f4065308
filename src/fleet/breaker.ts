// The breaker (design rule 13): when the same error comes from several machines, the machines are innocent, and renting
// more of them burns money. It opens on evidence, lets one canary at a time try again, and closes when one gets through.

import type { Breaker, ClockKind, Fault, FleetMemory, Intent, WorkerMemory } from "./memory.ts";

/** A failed box is evidence for this long; older ones met another world. Covers three boot time-outs in a row. */
const FAULT_MEMORY_MS = 2 * 3_600_000;
/** Distinct machines that must show a signature, and for faults that a bad host shows by itself (design rule 13). */
const MACHINES_MINIMUM = 2;
const MACHINES_MINIMUM_AT_BOOT = 3;
/** Distinct GPU types that run out of memory alike before the software is at fault: a type alone is left out for a day. */
const GPU_TYPES_MINIMUM = 3;
/** One failed box is kept this long, so that a person can look into it. */
const EVIDENCE_MS = 10 * 60_000;
/** Canaries come after 5, 10, 20, 40 and then every 60 min. */
const CANARY_FIRST_MS = 5 * 60_000;
const CANARY_MAX_MS = 60 * 60_000;
/** A canary that meets a bad host says nothing: so many are tried elsewhere at once. */
const HOST_RETRIES_MAX = 2;
/** A canary has got past a fault of producing workers after this many batches, or one more than the failed one made. */
const PASSING_BATCHES = 4;

const PHASES: readonly ClockKind[] = ["boot", "setup", "wait", "produce"];

export interface BreakerTerms {
  readonly memory: Pick<FleetMemory, "breaker" | "faults">;
  /** Boxes that this CHECK gives up because they failed. */
  readonly failed: readonly Fault[];
  /** Every live box, the failed ones left out. */
  readonly workers: readonly WorkerMemory[];
  readonly fingerprint: string;
  readonly target: number;
  readonly nowMs: number;
}

export interface BreakerOutcome {
  readonly breaker: Breaker | null;
  readonly faults: readonly Fault[];
  /** Strikes given for what turned out not to be the hosts' fault. */
  readonly refunds: readonly Fault[];
  /** Why it opened or closed in this CHECK; `null`: it did neither. */
  readonly change: { readonly isOpening: boolean; readonly reason: string } | null;
}

export function nextBreaker(terms: BreakerTerms): BreakerOutcome {
  const { memory, failed, nowMs } = terms;
  const known = new Set(memory.faults.map(({ instanceId }) => instanceId));
  const fresh = failed.filter(({ instanceId }) => !known.has(instanceId));
  const recent = memory.faults.filter(({ atMs }) => nowMs - atMs < FAULT_MEMORY_MS);
  const faults = [...recent, ...fresh];
  return memory.breaker === null ? openOn(terms, faults) : goOn({ ...terms, failed: fresh }, memory.breaker, faults);
}

/**
 * A person has mended it: what was counted so far counts no more. A box that was kept for a look goes, unless it works by
 * now, and nobody is blamed for it a second time.
 */
export function closeByHand(memory: FleetMemory, { by, nowMs }: { by: string; nowMs: number }): FleetMemory {
  const { breaker, workers, orders } = memory;
  if (breaker === null) return memory;
  const kept = workers.find(({ instanceId }) => instanceId === breaker.keptInstanceId);
  const isOrdered = orders.some(({ instanceId }) => instanceId === breaker.keptInstanceId);
  const order =
    kept === undefined || isOrdered || isProducing(kept)
      ? []
      : [{ instanceId: kept.instanceId, slot: kept.slot, by, atMs: nowMs }];
  return { ...memory, breaker: null, faults: withoutSignature(memory.faults, breaker), orders: [...orders, ...order] };
}

/** A box or a rent since it opened, of its fingerprint: what becomes of it shows whether the fault is over. */
export function isCanary(breaker: Breaker, one: Pick<Intent, "fingerprint" | "createdAtMs"> | WorkerMemory): boolean {
  const rentedAtMs = "createdAtMs" in one ? one.createdAtMs : rentOf(one);
  return one.fingerprint === breaker.fingerprint && rentedAtMs >= breaker.openedAtMs;
}

/** Whether a box that failed is the one kept for a look. */
export function isKeptAsEvidence(breaker: Breaker | null, instanceId: number, nowMs: number): boolean {
  return breaker !== null && breaker.keptInstanceId === instanceId && nowMs < breaker.openedAtMs + EVIDENCE_MS;
}

export function evidenceEndsAtMs(breaker: Breaker | null): number | null {
  return breaker === null || breaker.keptInstanceId === null ? null : breaker.openedAtMs + EVIDENCE_MS;
}

/**
 * Boxes of an unproven fingerprint that failed while others of it are still undecided: they go on counting against its
 * launch batch (design rule 14), so that a broken image costs one batch and not one box more for every one that fails first.
 */
export function failedOfBatch(faults: readonly Fault[], live: readonly WorkerMemory[], fingerprint: string): number {
  const isUndecided = live.some((worker) => worker.fingerprint === fingerprint && worker.progress === null);
  if (!isUndecided) return 0;
  return faults.filter((fault) => fault.fingerprint === fingerprint && !fault.hadProduced).length;
}

function goOn(terms: BreakerTerms, before: Breaker, faults: readonly Fault[]): BreakerOutcome {
  const close = (reason: string): BreakerOutcome => ({
    breaker: null,
    faults: withoutSignature(faults, before),
    refunds: [],
    change: { isOpening: false, reason },
  });
  if (before.fingerprint !== terms.fingerprint) return close("image, commit, weights or start script have changed");
  const passed = terms.workers.find((worker) => hasPassed(worker, before));
  if (passed !== undefined) return close(`worker ${passed.slot} got past it: ${passed.detail}`);
  const isWhole = terms.workers.length >= terms.target && terms.workers.every(isProducing);
  if (isWhole) return close("no worker is missing any more");
  const canaries = terms.failed.filter(({ rentedAtMs }) => rentedAtMs >= before.openedAtMs);
  return {
    breaker: canaries.length === 0 ? before : afterTry(before, canaries, terms.nowMs),
    faults,
    refunds: [],
    change: null,
  };
}

function hasPassed(worker: WorkerMemory, breaker: Breaker): boolean {
  const { fingerprint, error, clock, progress } = worker;
  const isOfIt = fingerprint === breaker.fingerprint && rentOf(worker) >= breaker.sinceMs;
  if (!isOfIt || error !== null || clock.measuredAtMs <= breaker.openedAtMs) return false;
  if (breaker.failedPhase !== "produce") return PHASES.indexOf(clock.kind) > PHASES.indexOf(breaker.failedPhase);
  const enough = Math.min((breaker.failedBatch ?? 0) + 1, PASSING_BATCHES);
  return progress !== null && progress.atMs > breaker.openedAtMs && progress.batch >= enough;
}

/** A canary goes out: whatever becomes of it, even where it ends without a fault, the next comes no sooner than its wait. */
export function afterSending(breaker: Breaker, nowMs: number): Breaker {
  return { ...breaker, nextCanaryAtMs: nowMs + waitMs(breaker.tries) };
}

function waitMs(tries: number): number {
  return Math.min(CANARY_MAX_MS, CANARY_FIRST_MS * 2 ** tries);
}

/** One try, however many boxes rented since have failed in this CHECK: those of one launch say the same thing at once. */
function afterTry(breaker: Breaker, canaries: readonly Fault[], nowMs: number): Breaker {
  const isHostsOwn = canaries.every(
    ({ faultClass, signature }) => faultClass === "host" && signature !== breaker.signature,
  );
  if (isHostsOwn && breaker.hostRetries < HOST_RETRIES_MAX)
    return { ...breaker, hostRetries: breaker.hostRetries + 1, nextCanaryAtMs: nowMs };
  const tries = breaker.tries + 1;
  return { ...breaker, tries, hostRetries: 0, nextCanaryAtMs: nowMs + waitMs(tries) };
}

function openOn(terms: BreakerTerms, faults: readonly Fault[]): BreakerOutcome {
  const own = faults
    .filter(({ fingerprint }) => fingerprint === terms.fingerprint)
    .toSorted((a, b) => a.instanceId - b.instanceId);
  for (const alike of Map.groupBy(own, ({ signature }) => signature).values()) {
    const sinceMs = whenSystemic(alike, own, terms);
    if (sinceMs === null) continue;
    const breaker = openedBy(alike, sinceMs, terms);
    const refunds = alike.filter(({ isStruck }) => isStruck);
    return { breaker, faults, refunds, change: { isOpening: true, reason: breaker.reason } };
  }
  return { breaker: null, faults, refunds: [], change: null };
}

/**
 * Since when the boxes that count were rented, if these faults are systemic; `null` if not. Boxes that failed before they
 * had produced are compared with all rented since the first of them; where every failed one had produced (bad weights
 * reach a running fleet), with the whole fleet. At least half of those must have failed alike, and none may produce.
 */
function whenSystemic(alike: readonly Fault[], own: readonly Fault[], terms: BreakerTerms): number | null {
  if (!isSpread(alike)) return null;
  const newcomers = alike.filter(({ hadProduced }) => !hadProduced);
  const sinceMs = Math.min(...(newcomers.length > 0 ? newcomers.map(({ rentedAtMs }) => rentedAtMs) : [0]));
  const live = terms.workers.filter((worker) => worker.fingerprint === terms.fingerprint && rentOf(worker) >= sinceMs);
  const rentedSince = own.filter(({ rentedAtMs }) => rentedAtMs >= sinceMs);
  const alikeSince = rentedSince.filter(({ signature }) => signature === alike[0]?.signature);
  const isMost = alikeSince.length * 2 >= rentedSince.length + live.length;
  return isMost && !live.some(isProducing) ? sinceMs : null;
}

function isSpread(alike: readonly Fault[]): boolean {
  const distinct = (of: (fault: Fault) => unknown): number =>
    new Set(alike.map(of).filter((each) => each !== null)).size;
  const [first] = alike;
  if (first === undefined) return false;
  if (first.faultClass === "gpu-size") return distinct(({ gpu }) => gpu) >= GPU_TYPES_MINIMUM;
  return distinct(({ machineId }) => machineId) >= (first.isHostsUsual ? MACHINES_MINIMUM_AT_BOOT : MACHINES_MINIMUM);
}

function isProducing(worker: WorkerMemory): boolean {
  return worker.verdict === "producing" || worker.verdict === "uploading" || worker.verdict === "undelivered";
}

function openedBy(alike: readonly Fault[], sinceMs: number, { fingerprint, nowMs }: BreakerTerms): Breaker {
  const machines = new Set(alike.map(({ machineId }) => machineId)).size;
  const commits = [...new Set(alike.flatMap(({ commit }) => commit ?? []))].map((commit) => commit.slice(0, 7));
  const where = commits.length === 0 ? "" : ` (commit ${commits.join(", ")})`;
  const latest = alike.toSorted((a, b) => PHASES.indexOf(b.phase) - PHASES.indexOf(a.phase))[0];
  return {
    signature: latest?.signature ?? "",
    fingerprint,
    reason: `${machines} machines, same error: ${latest?.line ?? ""}${where}`,
    sinceMs,
    openedAtMs: nowMs,
    failedPhase: latest?.phase ?? "boot",
    failedBatch: latest?.batch ?? null,
    tries: 0,
    hostRetries: 0,
    nextCanaryAtMs: nowMs + CANARY_FIRST_MS,
    keptInstanceId: null,
  };
}

function withoutSignature(faults: readonly Fault[], { signature }: Breaker): readonly Fault[] {
  return faults.filter((fault) => fault.signature !== signature);
}

function rentOf({ startedAtMs, firstSeenAtMs }: WorkerMemory): number {
  return startedAtMs ?? firstSeenAtMs;
}
