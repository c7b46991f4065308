// Who is blamed for the boxes that leave: their hosts (strikes), or what runs on them (the breaker); never both for the
// same error (design rules 12 and 13).

import { isKeptAsEvidence, nextBreaker } from "./breaker.ts";
import type { Ailment } from "./health.ts";
import type { Breaker, Fault, FleetMemory, WorkerMemory } from "./memory.ts";
import type { RecordAction, RefundAction, StrikeAction } from "./plan.ts";
import type { Situation } from "./situation.ts";

export interface Leaving extends Pick<Ailment, "cause" | "reason" | "evidence"> {
  readonly worker: WorkerMemory;
  /** Left out where nothing failed: a duplicate, a price, a smaller target. */
  readonly ailment?: Ailment;
}

export interface Blame {
  /** All that leave, but for a failed box that is kept as evidence. */
  readonly leaving: readonly Leaving[];
  readonly strikes: readonly StrikeAction[];
  readonly records: readonly (RefundAction | RecordAction)[];
  readonly breaker: Breaker | null;
  readonly faults: readonly Fault[];
  readonly notes: readonly string[];
}

export function blame(
  situation: Situation,
  memory: Pick<FleetMemory, "breaker" | "faults">,
  failing: readonly Leaving[],
  staying: readonly WorkerMemory[],
): Blame {
  const { fingerprint, nowMs, spec } = situation;
  const isNew = ({ worker }: Leaving): boolean => !isKeptAsEvidence(memory.breaker, worker.instanceId, nowMs);
  const fresh = failing.filter(isNew);
  const failed = fresh.flatMap((each) => faultOf(each, nowMs) ?? []);
  const outcome = nextBreaker({ memory, failed, workers: staying, fingerprint, target: spec.target, nowMs });
  const isOpening = outcome.change?.isOpening === true;
  const breaker = outcome.breaker && isOpening ? withEvidence(outcome.breaker, failed, spec.target) : outcome.breaker;
  const isSystemic = (each: Leaving): boolean =>
    breaker !== null && each.ailment?.fault?.signature === breaker.signature;
  const strikes = fresh.flatMap((each) => (isSystemic(each) ? [] : (strikeOf(each) ?? [])));
  const struck = new Set(strikes.map(({ instanceId }) => instanceId));
  return {
    leaving: failing.filter(({ worker }) => !isKeptAsEvidence(breaker, worker.instanceId, nowMs)),
    strikes,
    records: [
      ...outcome.refunds.flatMap((fault) => refundOf(fault) ?? []),
      ...changeRecord(situation, memory.breaker ?? breaker, outcome.change),
    ],
    breaker,
    faults: outcome.faults.map((fault) => ({
      ...fault,
      isStruck: struck.has(fault.instanceId) || (fault.isStruck && !outcome.refunds.includes(fault)),
    })),
    notes: breaker === null ? [] : [breakerNote(breaker, nowMs)],
  };
}

function faultOf({ worker, ailment }: Leaving, nowMs: number): Fault | null {
  const { instanceId, machineId, gpu, fingerprint, commit, clock, progress, startedAtMs, firstSeenAtMs } = worker;
  if (ailment === undefined || ailment.fault === null || fingerprint === null) return null;
  return {
    ...ailment.fault,
    instanceId,
    machineId,
    gpu,
    fingerprint,
    commit,
    faultClass: ailment.faultClass,
    isStruck: false,
    phase: clock.kind,
    batch: progress?.batch ?? null,
    hadProduced: progress !== null,
    rentedAtMs: startedAtMs ?? firstSeenAtMs,
    atMs: nowMs,
  };
}

/** One of the boxes that have just failed alike is kept for a look, where that leaves a slot for the canary. */
function withEvidence(breaker: Breaker, failed: readonly Fault[], target: number): Breaker {
  const ids = failed.flatMap(({ signature, instanceId }) => (signature === breaker.signature ? [instanceId] : []));
  return target < 2 || ids.length === 0 ? breaker : { ...breaker, keptInstanceId: Math.min(...ids) };
}

function strikeOf({ worker, ailment, reason, evidence }: Leaving): StrikeAction | null {
  const { slot, instanceId, machineId } = worker;
  if (ailment === undefined || !ailment.isStrike || machineId === null) return null;
  return { kind: "strike", slot, instanceId, machineId, faultClass: ailment.faultClass, reason, evidence };
}

function refundOf({ instanceId, machineId, line, signature }: Fault): RefundAction | null {
  if (machineId === null) return null;
  return {
    kind: "refund",
    slot: null,
    instanceId,
    machineId,
    reason: `other machines failed alike, so it was not the host: ${line}`,
    evidence: { machineId, signature },
  };
}

function changeRecord(
  { fingerprint, spec }: Situation,
  breaker: Breaker | null,
  change: { readonly isOpening: boolean; readonly reason: string } | null,
): RecordAction[] {
  if (change === null || breaker === null) return [];
  return [
    {
      kind: change.isOpening ? "breaker-opened" : "breaker-closed",
      slot: null,
      instanceId: null,
      reason: change.reason,
      evidence: { signature: breaker.signature, fingerprint, weightsName: spec.weightsName },
    },
  ];
}

function breakerNote(breaker: Breaker, nowMs: number): string {
  const minutes = Math.round((nowMs - breaker.openedAtMs) / 60_000);
  const waitSeconds = Math.round((breaker.nextCanaryAtMs - nowMs) / 1000);
  const next = waitSeconds > 0 ? `the next canary comes in ${waitSeconds} s` : "a canary is due or out";
  const tried = breaker.tries === 0 ? "" : `, ${breaker.tries} canaries met it again`;
  return `breaker open for ${minutes} min: ${breaker.reason}; nothing is replaced, ${next}${tried}; POST …/breaker/close ends it`;
}
