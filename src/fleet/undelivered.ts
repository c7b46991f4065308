// What to do about workers that produce and deliver nothing (design rule 10): one alone is replaced once; a fault that is
// not one box's own is said aloud and holds rents, and nobody is destroyed for it, because with the same token, quota or
// Hub every other box would fail as well.

import { isUndelivered, LATE_UPLOADS, undeliveredWords, uploadGapMs } from "./delivery.ts";
import type { Ailment } from "./health.ts";
import type { DeliveryMemory, WorkerMemory } from "./memory.ts";
import type { RecordAction } from "./plan.ts";
import type { UploadFault } from "./report.ts";
import { isWorking } from "./slots.ts";
import type { FleetSpec } from "./spec.ts";

/** A replacement that fails the same way is known as one for a day. */
const REPLACED_KEPT_MS = 86_400_000;
/** Commits refused for another's commit so often in a row: too many write to one repo (fleet behaviour reference §2.4). */
const CONFLICTS_IN_A_ROW = 3;

export interface DeliveryFindings {
  /** The one worker that goes for it. */
  readonly replaced: WorkerMemory | null;
  readonly memory: DeliveryMemory;
  readonly actions: readonly RecordAction[];
  readonly notes: readonly string[];
}

/** `workers` are live, listed, and stay as far as the other rules go. */
export function judgeDeliveries(
  workers: readonly WorkerMemory[],
  before: DeliveryMemory,
  { spec, nowMs }: { readonly spec: FleetSpec; readonly nowMs: number },
): DeliveryFindings {
  const known = before.replaced.filter(
    ({ slot, instanceId, atMs }) => nowMs - atMs < REPLACED_KEPT_MS && !hasDelivered(workers, slot, instanceId),
  );
  const found = workers.filter((worker) => worker.verdict === "undelivered" && isUndelivered(worker));
  const isAgain = found.some((worker) =>
    known.some(({ slot, instanceId }) => slot === worker.slot && instanceId !== worker.instanceId),
  );
  const alone = found.length === 1 && !isAgain ? (found[0] ?? null) : null;
  const judged = alone === null ? "systemic" : judgeAlone(alone, workers);
  const replaced = judged === "own-fault" ? alone : null;
  const isSystemic = found.length > 0 && judged === "systemic";
  // A worker that cannot be measured now does not end an alert.
  const isInDoubt = before.alert !== null && replaced === null && workers.some(isUndelivered);
  const why = isSystemic ? alertWords(found, spec) : isInDoubt ? (before.alert?.why ?? null) : null;
  const alert = why === null ? null : { sinceMs: before.alert?.sinceMs ?? nowMs, why };
  return {
    replaced,
    memory: {
      replaced:
        replaced === null ? known : [...known, { slot: replaced.slot, instanceId: replaced.instanceId, atMs: nowMs }],
      alert,
    },
    actions: changeOf(before.alert, alert, found),
    notes: [
      ...(alert === null ? [] : [alert.why]),
      ...(alone !== null && judged === "waiting" && alert === null ? [waitingNote(alone)] : []),
      ...repoNotes(workers, spec, alert === null),
    ],
  };
}

/** Nobody is blamed: an upload that fails says nothing about the machine. */
export function undeliveredReason(worker: WorkerMemory): Pick<Ailment, "cause" | "reason" | "evidence"> {
  const { delivery, progress, uploadIntervalSeconds } = worker;
  return {
    cause: "undelivered",
    reason: `it produces and delivers nothing: ${undeliveredWords(worker)}`,
    evidence: {
      uploadIntervalSeconds,
      deliveredBatch: delivery?.batch ?? null,
      batch: progress?.batch ?? null,
      uploadFault: delivery?.error?.fault ?? null,
    },
  };
}

function hasDelivered(workers: readonly WorkerMemory[], slot: number, exceptId: number): boolean {
  return workers.some(
    (worker) =>
      worker.slot === slot && worker.instanceId !== exceptId && (worker.delivery?.deliveredAtMs ?? null) !== null,
  );
}

/**
 * Whose fault it is that one worker alone delivers nothing. Its own, once another has delivered though this one had
 * already missed two uploads: token, quota and Hub are shared. While others work and none has delivered since, they may be
 * about to fail the same way, so it waits. With no other to compare with, what the upload was refused for decides.
 */
function judgeAlone(worker: WorkerMemory, workers: readonly WorkerMemory[]): "own-fault" | "systemic" | "waiting" {
  const fault = worker.delivery?.error?.fault;
  if (fault === "quota") return "systemic";
  const others = workers.filter((other) => other !== worker && other.delivery !== null && isWorking(other));
  if (others.length === 0) return fault === "refused" ? "systemic" : "own-fault";
  const tellingMs = (worker.delivery?.sinceMs ?? 0) + LATE_UPLOADS * (uploadGapMs(worker) ?? 0);
  return others.some(({ delivery }) => (delivery?.deliveredAtMs ?? 0) >= tellingMs) ? "own-fault" : "waiting";
}

function changeOf(
  before: DeliveryMemory["alert"],
  after: DeliveryMemory["alert"],
  found: readonly WorkerMemory[],
): readonly RecordAction[] {
  if ((before === null) === (after === null)) return [];
  const reason = after === null ? "over: nothing is known to be undelivered any more" : after.why;
  const evidence = { isOver: after === null, slots: slotsOf(found), faults: faultsOf(found).join(", ") };
  return [{ kind: "alert", slot: null, instanceId: null, reason, evidence }];
}

function alertWords(found: readonly WorkerMemory[], spec: FleetSpec): string {
  const faults = faultsOf(found);
  const line = found.find(({ delivery }) => (delivery?.error ?? null) !== null)?.delivery?.error?.line;
  const who =
    found.length === 1
      ? `worker ${slotsOf(found)} produces and delivers`
      : `workers ${slotsOf(found)} produce and deliver`;
  const advice = faults.length === 0 ? "their logs name no upload error" : faults.map((fault) => ADVICE[fault](spec));
  return `${who} nothing: ${[advice].flat().join("; ")}${line === undefined ? "" : ` (${line})`}. Nothing is rented and nobody destroyed for it`;
}

const ADVICE: Readonly<Record<UploadFault, (spec: FleetSpec) => string>> = {
  refused: ({ examplesRepo }) =>
    `the Hub refuses the upload (401, 403): HF_TOKEN needs write access to ${examplesRepo}`,
  quota: (spec) => quotaWords(spec),
  conflict: (spec) => conflictWords(spec),
  unreachable: () => "the Hub cannot be reached from the boxes",
  other: () => "the upload fails",
};

function quotaWords({ examplesRepo }: FleetSpec): string {
  return `slow down: the hourly commit quota of ${examplesRepo} is used up (429); fewer workers on it, or a longer uploadIntervalSeconds`;
}

function conflictWords({ examplesRepo }: FleetSpec): string {
  return `too many writers on ${examplesRepo}: commits are refused one after another (412); fewer workers on it, or a longer uploadIntervalSeconds`;
}

function waitingNote(worker: WorkerMemory): string {
  return `worker ${worker.slot}: ${undeliveredWords(worker)}; it is replaced if the others go on delivering`;
}

/** What failed uploads tell about the repo, long before anybody has delivered nothing. Nobody is replaced for these. */
function repoNotes(workers: readonly WorkerMemory[], spec: FleetSpec, isQuotaSaid: boolean): readonly string[] {
  const errorOf = ({ delivery }: WorkerMemory) => delivery?.error ?? null;
  const overQuota = workers.filter((worker) => errorOf(worker)?.fault === "quota");
  const colliding = workers.filter((worker) => {
    const error = errorOf(worker);
    return error?.fault === "conflict" && error.inARow >= CONFLICTS_IN_A_ROW;
  });
  return [
    ...(isQuotaSaid && overQuota.length > 0 ? [`${quotaWords(spec)} (workers ${slotsOf(overQuota)})`] : []),
    ...(colliding.length > 0 ? [`${conflictWords(spec)} (workers ${slotsOf(colliding)})`] : []),
  ];
}

function faultsOf(found: readonly WorkerMemory[]): readonly UploadFault[] {
  return [...new Set(found.flatMap(({ delivery }) => delivery?.error?.fault ?? []))];
}

function slotsOf(workers: readonly WorkerMemory[]): string {
  return workers
    .map(({ slot }) => slot)
    .toSorted((a, b) => a - b)
    .join(", ");
}
