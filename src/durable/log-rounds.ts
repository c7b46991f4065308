// Which logs to read now, and what becomes of the reports. A round is dispatched to the stateless poller and forgotten;
// its reports come back by RPC, and a report of a round that is no longer open is dropped. No report means that the
// poll was lost, which says nothing about the worker.

import { medianBatchMs } from "../fleet/clock.ts";
import { tellsOfUploads } from "../fleet/delivery.ts";
import { judgeHealth, lastReadAtMs, logsReadSinceMs } from "../fleet/health.ts";
import type { WorkerMemory } from "../fleet/memory.ts";
import type { LogReport } from "../fleet/report.ts";
import { isWorking } from "../fleet/slots.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import { STOPPED_POLL_MS } from "../fleet/status.ts";
import { withTally } from "../fleet/tally.ts";
import { observeReport } from "../fleet/worker.ts";
import type { LogVocabulary } from "../fleet/workload.ts";
import { proveOnce } from "./check.ts";
import { describeFault, logEvent } from "../log.ts";
import type { CheckDeps } from "./deps.ts";
import { countThroughput } from "./history.ts";
import { noteLastLog } from "./last-logs.ts";

/** What one invocation of the poller may hand out: 24 batches of 5 (platform reference §2, "design D"). */
const LOGS_PER_ROUND = 120;
const ROUND_MS = 40_000;
/**
 * A worker whose poll is due within this part of its interval goes with another of the same interval whose poll is due now.
 * At a half, whatever steps they began in, all of a fleet's steady workers are soon in one: a round costs the object the
 * same for one worker as for a hundred.
 */
const EARLY_SHARE = 0.5;
/** A worker without a new batch for three of its own, and for longer than a steady poll could miss one, is polled closely. */
const SILENT_BATCHES = 3;

/** The logs to read in one round, and whose they are. */
export interface LogBatch {
  readonly fleet: string;
  readonly round: number;
  readonly instanceIds: readonly number[];
  /** How the fleet's workload speaks. */
  readonly vocabulary: LogVocabulary;
}

/** What one invocation reads of a round. */
export interface BatchToRead {
  /** `null`: the market's pace leaves no place for it in this round. */
  readonly logs: readonly { readonly instanceId: number; readonly startAtMs: number | null }[];
  readonly vocabulary: LogVocabulary;
  readonly deadlineMs: number;
}

/** How often a worker's log is read: closely while it is unsettled or silent (design §2, LogPoller). */
function pollEveryMs(worker: WorkerMemory, spec: FleetSpec, nowMs: number): number {
  const { logPoll, logPollSteady } = spec.cadenceSeconds;
  const isPulling = worker.clock.kind === "boot" && worker.status !== "running" && worker.badStatus === null;
  if (isPulling) return logPollSteady * 1000;
  // Stopped by two words of the market: what its log says decides within seconds (design rule 6).
  if (worker.badStatus?.isStopped === true) return Math.min(logPoll * 1000, STOPPED_POLL_MS);
  const median = medianBatchMs(worker.progress);
  const isSilent =
    worker.progress !== null &&
    median !== null &&
    nowMs - worker.progress.atMs > Math.max(SILENT_BATCHES * median, logPollSteady * 1200);
  // One that delivers nothing plays on: looking more closely does not help it.
  const isPlaying = isWorking(worker) || worker.verdict === "undelivered";
  return (isPlaying && worker.badStatus === null && !isSilent ? logPollSteady : logPoll) * 1000;
}

/** Opens a round for the workers whose poll is due, and arms the timer of the next one; `null`: none is. Synchronous. */
export function openRound(deps: CheckDeps): LogBatch | null {
  const { store } = deps;
  const nowMs = deps.now();
  return store.atomically(() => {
    const fleet = store.fleet();
    if (fleet === null) {
      store.timers.clear("log-round");
      return null;
    }
    const workers = store.workers().filter(({ missing }) => missing === null);
    const rounds = store.rounds();
    const open = rounds.filter(({ untilMs }) => untilMs > nowMs);
    const underWay = new Set(open.flatMap(({ instanceIds }) => instanceIds));
    const polls = store.polls();
    const polled = workers.map((worker) => {
      const everyMs = pollEveryMs(worker, fleet.spec, nowMs);
      const { instanceId } = worker;
      const dueAtMs = (polls.get(instanceId) ?? 0) + everyMs;
      return { instanceId, everyMs, dueAtMs, reportAtMs: worker.reportAtMs ?? 0 };
    });
    const idle = polled.filter(({ instanceId }) => !underWay.has(instanceId));
    const dueIntervals = new Set(idle.flatMap(({ dueAtMs, everyMs }) => (dueAtMs <= nowMs ? [everyMs] : [])));
    const due = idle
      .filter(({ dueAtMs, everyMs }) => dueIntervals.has(everyMs) && dueAtMs <= nowMs + everyMs * EARLY_SHARE)
      // Where the market's pace leaves places for some only, those go first that have waited longest for a report.
      .toSorted((a, b) => a.dueAtMs - b.dueAtMs || a.reportAtMs - b.reportAtMs)
      .slice(0, LOGS_PER_ROUND);
    const instanceIds = due.map(({ instanceId }) => instanceId);
    const round = Math.max(nowMs, ...rounds.map((one) => one.round + 1));
    if (due.length > 0) store.setRounds([...open, { round, untilMs: nowMs + ROUND_MS, instanceIds }]);
    else if (open.length !== rounds.length) store.setRounds(open);
    store.setPolled(instanceIds, nowMs);
    const dueSet = new Set(instanceIds);
    const nextAtMs = polled.map(({ instanceId, everyMs, dueAtMs }) =>
      dueSet.has(instanceId) ? nowMs + everyMs : Math.max(dueAtMs, nowMs + 1000),
    );
    if (nextAtMs.length === 0) store.timers.clear("log-round");
    else store.timers.set("log-round", Math.min(...nextAtMs));
    return due.length === 0 ? null : { fleet: fleet.name, round, instanceIds, vocabulary: deps.workload().log };
  });
}

/** Folds reports into the workers. News that cannot wait asks for a CHECK at once. */
export async function recordReports(deps: CheckDeps, round: number, reports: readonly LogReport[]): Promise<void> {
  const { store } = deps;
  const nowMs = deps.now();
  const writesExamples = tellsOfUploads(deps.workload());
  const proven: string[] = [];
  store.atomically(() => {
    const fleet = store.fleet();
    const open = store.rounds().find((one) => one.round === round && one.untilMs > nowMs);
    if (fleet === null || open === undefined) return;
    const reported = new Set(reports.map(({ instanceId }) => instanceId));
    store.setRounds(store.rounds().flatMap((one) => (one.round === round ? remaining(one, reported) : [one])));
    const fold = (report: LogReport): void => {
      const before = open.instanceIds.includes(report.instanceId) ? store.worker(report.instanceId) : null;
      if (before === null) return;
      const seen = observeReport(before, report, { spec: fleet.spec, nowMs, writesExamples });
      const after = withTally(before, seen, report.logCall ?? null);
      const hasNews = isNews(before, after, fleet.spec, nowMs);
      store.putWorker(after);
      noteLastLog(store, report);
      countThroughput(store, before, after, fleet.spec, fleet.name);
      if (isWorking(after) && after.fingerprint !== null) proven.push(after.fingerprint);
      if (hasNews) store.timers.setNoLater("check", nowMs + 1);
    };
    const known = store.logsRead(nowMs);
    for (const report of reports) {
      try {
        fold(report);
      } catch (error) {
        // One log that cannot be taken must not cost the round the others.
        const { instanceId } = report;
        logEvent({
          event: "fleet.report",
          outcome: "failed",
          fleet: fleet.name,
          instanceId,
          detail: describeFault(error),
        });
      }
    }
    const sinceMs = logsReadSinceMs(known, lastReadAtMs(store.workers()), fleet.spec);
    if (sinceMs !== known.logsReadSinceMs) store.changeMemory({ logsReadSinceMs: sinceMs }, nowMs);
  });
  for (const fingerprint of new Set(proven)) await proveOnce(deps, fingerprint);
}

function remaining<T extends { readonly instanceIds: readonly number[] }>(
  round: T,
  reported: ReadonlySet<number>,
): T[] {
  const instanceIds = round.instanceIds.filter((id) => !reported.has(id));
  return instanceIds.length === 0 ? [] : [{ ...round, instanceIds }];
}

/** A worker that has just become one to replace, one that has just begun to produce, and the end of a doubt. */
function isNews(before: WorkerMemory, after: WorkerMemory, spec: FleetSpec, nowMs: number): boolean {
  const isIll = judgeHealth(after, spec, nowMs).ailment !== null;
  const wasIll = judgeHealth(before, spec, nowMs).ailment !== null;
  const isUndelivered = after.verdict === "undelivered" && before.verdict !== "undelivered";
  return (isIll && !wasIll) || isUndelivered || (isWorking(after) && before.progress === null);
}
