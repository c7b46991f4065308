// Evidence → whether a worker must go (design rules 6 to 9), and if not, when that could change.

import {
  clockLimitMs,
  elapsedMs,
  expectedBatchMs,
  gapLimitMs,
  rebootClock,
  rebootLimitMs,
  startLimitMs,
  startMs,
} from "./clock.ts";
import type { ClockKind, Fault, FleetMemory, WorkerMemory } from "./memory.ts";
import type { DestroyCause, Evidence } from "./plan.ts";
import type { FaultClass } from "./report.ts";
import type { FleetSpec } from "./spec.ts";
import { signatureOf } from "./signature.ts";
import { imageErrorOf, isBeatenByLog, isPrinting, isStartError } from "./status.ts";

export interface Ailment {
  readonly cause: DestroyCause;
  /** What the breaker compares between machines; `null`: it says nothing about the software (design rule 13). */
  readonly fault: Pick<Fault, "signature" | "line" | "isHostsUsual"> | null;
  readonly reason: string;
  readonly faultClass: FaultClass;
  /** Host faults strike the machine; nothing else does. */
  readonly isStrike: boolean;
  readonly evidence: Evidence;
}

export type Health =
  | { readonly ailment: Ailment }
  | {
      readonly ailment: null;
      /** When the worker could become bad with no new evidence; `null`: only news can change it. */ readonly deadlineMs:
        | number
        | null;
      /** Since which CHECK its log is asked for in vain, this one included; `null`: it need not be read now. */
      readonly logAskedAtMs: number | null;
    };

export function judgeHealth(worker: WorkerMemory, spec: FleetSpec, nowMs: number): Health {
  const health = judgeStatus(worker, spec, nowMs) ?? judgeError(worker, spec) ?? judgeClock(worker, spec);
  return health.ailment === null ? (judgeReboot(worker, spec) ?? health) : health;
}

function judgeStatus(worker: WorkerMemory, spec: FleetSpec, nowMs: number): Health | null {
  const row = { actualStatus: worker.status, statusMessage: worker.statusMessage };
  const imageError = imageErrorOf(row);
  if (imageError !== null) {
    return {
      ailment: {
        cause: "fatal-error",
        reason: `the image cannot be had: ${imageError}`.slice(0, 200),
        faultClass: "workload",
        isStrike: false,
        fault: { signature: signatureOf(imageError), line: imageError.slice(0, 200), isHostsUsual: false },
        evidence: { status: worker.status, statusMessage: worker.statusMessage },
      },
    };
  }
  if (isStartError(row)) {
    const words = worker.statusMessage ?? "";
    return {
      ailment: {
        cause: "start-error",
        reason: `the host could not start the container: ${words}`.slice(0, 200),
        faultClass: "host",
        isStrike: true,
        fault: { signature: signatureOf(words), line: words.slice(0, 200), isHostsUsual: true },
        evidence: { status: worker.status, statusMessage: worker.statusMessage },
      },
    };
  }
  const bad = worker.badStatus;
  if (bad === null || isBeatenByLog(worker, spec, nowMs)) return null;
  const confirmMs = spec.timeoutsSeconds.statusConfirm * 1000;
  const isLogReadSince = worker.reportAtMs !== null && worker.reportAtMs > bad.sinceMs;
  // Where the contract says stopped as well, the log need not show it a second time.
  const isDoubtful = isLogReadSince && bad.isStopped !== true;
  const tellsAtMs = isDoubtful ? Math.max(bad.sinceMs, nextNewsDueAtMs(worker, spec)) : bad.sinceMs;
  const isLogTelling = isLogReadSince && (worker.reportAtMs ?? 0) >= tellsAtMs;
  if (!isLogTelling && nowMs < tellsAtMs) return { ailment: null, deadlineMs: tellsAtMs, logAskedAtMs: null };
  // Time in which no CHECK asked for its log, such as a clock that was set forward, is no wait for it.
  const logAskedAtMs = bad.askedAtMs !== null && bad.askedAtMs >= tellsAtMs ? bad.askedAtMs : nowMs;
  const deadlineMs = logAskedAtMs + confirmMs;
  if (!isLogTelling && nowMs < deadlineMs) return { ailment: null, deadlineMs, logAskedAtMs };
  const because = isLogTelling
    ? "its log shows no newer progress"
    : `nothing could be measured for ${spec.timeoutsSeconds.statusConfirm} s`;
  return {
    ailment: {
      cause: "status",
      reason: `status ${bad.what}, and ${because}`,
      faultClass: "unknown",
      isStrike: false,
      fault: neverRan(worker),
      evidence: { status: bad.what, sinceMs: bad.sinceMs, logReadAtMs: worker.reportAtMs },
    },
  };
}

/** A batch that takes this much of its worker's usual time is overdue. */
const SLOW_BATCH_FACTOR = 1.2;

/** An upload that the Hub does not take is tried again after 5, 10 and 20 s, and no batch is played meanwhile (fleet behaviour reference §2.4). */
const UPLOAD_TRIES_MS = 35_000;

/**
 * When a log can show that a worker plays no more: a read sooner than half as long again as its batches take shows no newer
 * one of a worker that is well either. Lines that came after the last batch may be of an upload, and the next one is later by
 * its tries. Before its first batch the same is true of its lines, for the confirmation time.
 */
function nextNewsDueAtMs({ progress, clock, badStatus }: WorkerMemory, spec: FleetSpec): number {
  const confirmMs = spec.timeoutsSeconds.statusConfirm * 1000;
  if (progress === null) return isPrinting(clock) ? clock.movedAtMs + confirmMs : 0;
  const batchMs = expectedBatchMs(progress, spec);
  // A batch of three minutes is awaited, however slow: the market contradicts itself, and the worker may be well.
  const still = badStatus?.still ?? null;
  const triesMs = still?.hasMoved === true && still.sinceMs > progress.atMs ? UPLOAD_TRIES_MS : 0;
  return progress.atMs + Math.max(Math.min(confirmMs, 1.5 * batchMs), SLOW_BATCH_FACTOR * batchMs) + triesMs;
}

/** A container that ended before it produced anything may be the software's doing; one that was lost later is not. */
function neverRan({ badStatus, progress, milestone }: WorkerMemory): Ailment["fault"] {
  if (badStatus?.what !== "exited" || progress !== null) return null;
  const after = milestone ?? "nothing was printed";
  return { signature: `exited:${milestone ?? "nothing"}`, line: `exited after ${after}`, isHostsUsual: true };
}

function judgeError(worker: WorkerMemory, spec: FleetSpec): Health | null {
  const { error } = worker;
  if (error === null) return null;
  const lastedMs = error.seenAtMs - error.sinceMs;
  if (!error.isFinal && lastedMs < spec.timeoutsSeconds.errorGrace * 1000) {
    return { ailment: null, deadlineMs: null, logAskedAtMs: null };
  }
  return {
    ailment: {
      cause: "fatal-error",
      reason: error.isFinal ? `final error: ${error.line}` : `error for ${seconds(lastedMs)} s: ${error.line}`,
      faultClass: error.faultClass,
      isStrike: error.faultClass === "host",
      fault: {
        signature: error.signature,
        line: error.line,
        isHostsUsual: error.isFinal && error.faultClass === "host",
      },
      evidence: { signature: error.signature, faultClass: error.faultClass, sinceMs: error.sinceMs },
    },
  };
}

interface SilenceTerms {
  readonly spec: FleetSpec;
  readonly nowMs: number;
  readonly lookingSinceMs: number;
  /** What tells that the box is at fault and not the log service, for the reason. */
  readonly because: string;
}

/**
 * A box whose log has been asked for in vain for `boot` + `wait`. Says nothing of the log service: the caller asks whether
 * other boxes are being measured. Time in which no CHECK looked (before `lookingSinceMs`) does not count, nor does time in
 * which the list did not show it, or before a turn in which the market's limit kept its log from being asked for. `null`: not
 * that long.
 */
export function judgeSilence(worker: WorkerMemory, terms: SilenceTerms): Health | null {
  const { spec, nowMs, lookingSinceMs, because } = terms;
  const { boot, wait } = spec.timeoutsSeconds;
  const silentMs = nowMs - Math.max(silentSinceMs(worker), lookingSinceMs);
  if (silentMs < (boot + wait) * 1000) return null;
  return {
    ailment: {
      cause: "no-progress",
      reason: `its log could not be read for ${seconds(silentMs)} s, ${because}`,
      faultClass: "unknown",
      isStrike: false,
      fault: null,
      evidence: { silentSeconds: seconds(silentMs), limitSeconds: boot + wait, status: worker.status },
    },
  };
}

/**
 * Nobody has read a box's log since it came into view, or since CHECKs look again, for as long as that may take: what it does
 * is not known, and it may have played for hours when it was taken over. Turns that the market's limit held back make that
 * twice as long. One that is on its way for the first time has no log.
 */
export function isUnread(
  worker: WorkerMemory,
  { spec, nowMs, lookingSinceMs }: Pick<SilenceTerms, "spec" | "nowMs" | "lookingSinceMs">,
): boolean {
  const { status, reportAtMs, heldBackAtMs } = worker;
  const sinceMs = Math.max(inViewSinceMs(worker), lookingSinceMs);
  const hasLog = status === "running" || reportAtMs !== null;
  const limitMs = gapLimitMs(spec);
  const waitsSinceMs = Math.max(sinceMs, Math.min(heldBackAtMs ?? 0, sinceMs + limitMs));
  return hasLog && (reportAtMs ?? 0) < sinceMs && nowMs - waitsSinceMs < limitMs;
}

/** Since when lists show the box, but for a sweep now and then. */
export function inViewSinceMs({ firstSeenAtMs, returnedAtMs }: WorkerMemory): number {
  return Math.max(firstSeenAtMs, returnedAtMs ?? 0);
}

/** When the worker was last measured, by a report or by the clock of its boot, or was held back; before that, in view. */
export function silentSinceMs(worker: WorkerMemory): number {
  const { reportAtMs, heldBackAtMs, clock } = worker;
  return Math.max(inViewSinceMs(worker), reportAtMs ?? 0, heldBackAtMs ?? 0, clock.measuredAtMs);
}

/**
 * Since when logs of the fleet have been read with no gap of two polls, after a round that read one at `readAtMs`. After an
 * outage of the log service the first round brings some of the logs, and the others are not the odd ones yet.
 */
export function logsReadSinceMs(
  {
    workers,
    logsReadAtMs,
    logsReadSinceMs: sinceMs,
  }: Pick<FleetMemory, "workers" | "logsReadAtMs" | "logsReadSinceMs">,
  readAtMs: number,
  spec: FleetSpec,
): number {
  return readAtMs - lastReadAtMs(workers, logsReadAtMs) > gapLimitMs(spec) ? readAtMs : sinceMs;
}

/** The newest read of a log: of these workers, or of the time before them. */
export function lastReadAtMs(workers: readonly WorkerMemory[], beforeMs = 0): number {
  return Math.max(beforeMs, ...workers.map(({ reportAtMs }) => reportAtMs ?? 0));
}

const STUCK: Readonly<Record<ClockKind, { cause: DestroyCause; words: string }>> = {
  boot: { cause: "stuck-boot", words: "stuck in BOOT" },
  setup: { cause: "stuck-setup", words: "stuck in SETUP" },
  wait: { cause: "no-progress", words: "no progress (WAIT)" },
  produce: { cause: "stalled", words: "no new batch" },
};

/** Its log goes to and fro between the phases of its start. */
const NEVER_STARTED = { cause: "no-progress", words: "no progress through all phases of the start" } as const;

function judgeClock(worker: WorkerMemory, spec: FleetSpec): Health {
  const { clock } = worker;
  const isPhaseOver = elapsedMs(clock) >= clockLimitMs(worker, spec);
  const isStartOver = startMs(worker) >= startLimitMs(spec);
  // Only new evidence moves these clocks, and evidence that makes one run out asks for a CHECK by itself.
  if (!isPhaseOver && !isStartOver) return { ailment: null, deadlineMs: null, logAskedAtMs: null };
  const { cause, words } = isPhaseOver ? STUCK[clock.kind] : NEVER_STARTED;
  const limitMs = isPhaseOver ? clockLimitMs(worker, spec) : startLimitMs(spec);
  const ranMs = isPhaseOver ? elapsedMs(clock) : startMs(worker);
  return {
    ailment: {
      cause,
      reason: `${words} for ${seconds(ranMs)} s (limit ${seconds(limitMs)} s), last seen: ${worker.detail}`,
      faultClass: "host",
      isStrike: true,
      fault: {
        signature: `timeout:${clock.kind}:${worker.milestone ?? "nothing"}`,
        line: `${words} after ${worker.milestone ?? "nothing was printed"}`,
        isHostsUsual: clock.kind === "boot",
      },
      evidence: {
        elapsedSeconds: seconds(ranMs),
        limitSeconds: seconds(limitMs),
        milestone: worker.milestone,
        batch: worker.progress?.batch ?? null,
      },
    },
  };
}

/**
 * The market says that it is on its way again, and its log has told nothing since: whatever it did before, it boots, and
 * longer than a boot may take. What it ran says nothing of this, so nothing is compared between machines.
 */
function judgeReboot(worker: WorkerMemory, spec: FleetSpec): Health | null {
  const clock = rebootClock(worker);
  if (clock === null || elapsedMs(clock) < rebootLimitMs(clock, spec)) return null;
  const limitMs = rebootLimitMs(clock, spec);
  return {
    ailment: {
      cause: STUCK.boot.cause,
      reason: `${STUCK.boot.words} again for ${seconds(elapsedMs(clock))} s (limit ${seconds(limitMs)} s), last seen: ${worker.detail}`,
      faultClass: "host",
      isStrike: true,
      fault: null,
      evidence: {
        elapsedSeconds: seconds(elapsedMs(clock)),
        limitSeconds: seconds(limitMs),
        status: worker.status,
        batch: worker.progress?.batch ?? null,
      },
    },
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
