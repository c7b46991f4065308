// Which logs to read now, and what becomes of the reports. A round is dispatched to the stateless poller and forgotten;
// its reports come back by RPC, and a report of a round that is no longer open is dropped. No report means that the
// poll was lost, which says nothing about the worker.

import { medianBatchMs } from "../fleet/clock.ts";
import { tellsOfUploads } from "../fleet/delivery.ts";
import { judgeHealth } from "../fleet/health.ts";
import type { WorkerMemory } from "../fleet/memory.ts";
import type { LogReport } from "../fleet/report.ts";
import { isWorking } from "../fleet/slots.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import { STOPPED_POLL_MS } from "../fleet/status.ts";
import { observeReport } from "../fleet/worker.ts";
import type { LogVocabulary } from "../fleet/workload.ts";
import { proveOnce } from "./check.ts";
import type { CheckDeps } from "./deps.ts";
import { countThroughput } from "./history.ts";
import { noteLastLog } from "./last-logs.ts";

/** A batch must end within the 30 s that a finished invocation may still work (platform reference §2, "design D"). */
const BATCH_SIZE = 5;
const BATCHES_PER_ROUND = 24;
const ROUND_MS = 40_000;
/** A worker without a new batch for three of its own, and for longer than a steady poll could miss one, is polled closely. */
const SILENT_BATCHES = 3;

export interface LogBatch {
  readonly fleet: string;
  readonly round: number;
  readonly instanceIds: readonly number[];
  /** How the fleet's workload speaks. */
  readonly vocabulary: LogVocabulary;
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

/** Opens a round for the workers whose poll is due, and arms the timer of the next one. Synchronous. */
export function openRounds(deps: CheckDeps): readonly LogBatch[] {
  const { store } = deps;
  const nowMs = deps.now();
  return store.atomically(() => {
    const fleet = store.fleet();
    if (fleet === null) return [];
    const workers = store.memory(nowMs).workers.filter(({ missing }) => missing === null);
    const open = store.rounds().filter(({ untilMs }) => untilMs > nowMs);
    const underWay = new Set(open.flatMap(({ instanceIds }) => instanceIds));
    const polls = store.polls();
    const dueAtMs = (worker: WorkerMemory): number =>
      (polls.get(worker.instanceId) ?? 0) + pollEveryMs(worker, fleet.spec, nowMs);
    const due = workers
      .filter((worker) => !underWay.has(worker.instanceId) && dueAtMs(worker) <= nowMs)
      .toSorted((a, b) => dueAtMs(a) - dueAtMs(b))
      .slice(0, BATCH_SIZE * BATCHES_PER_ROUND)
      .map(({ instanceId }) => instanceId);
    const batches = Array.from({ length: Math.ceil(due.length / BATCH_SIZE) }, (_, index) =>
      due.slice(index * BATCH_SIZE, (index + 1) * BATCH_SIZE),
    );
    const rounds = batches.map((instanceIds) => ({ round: store.nextRound(), untilMs: nowMs + ROUND_MS, instanceIds }));
    if (rounds.length > 0 || open.length !== store.rounds().length) store.setRounds([...open, ...rounds]);
    store.setPolled(due, nowMs);
    const dueSet = new Set(due);
    const nextAtMs = workers.map((worker) =>
      dueSet.has(worker.instanceId)
        ? nowMs + pollEveryMs(worker, fleet.spec, nowMs)
        : Math.max(dueAtMs(worker), nowMs + 1000),
    );
    if (nextAtMs.length === 0) store.timers.clear("log-round");
    else store.timers.set("log-round", Math.min(...nextAtMs));
    const vocabulary = deps.workload().log;
    return rounds.map(({ round, instanceIds }) => ({ fleet: fleet.name, round, instanceIds, vocabulary }));
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
    for (const report of reports) {
      const before = open.instanceIds.includes(report.instanceId) ? store.worker(report.instanceId) : null;
      if (before === null) continue;
      const after = observeReport(before, report, { spec: fleet.spec, nowMs, writesExamples });
      store.putWorker(after);
      noteLastLog(store, report);
      countThroughput(store, before, after, fleet.spec, fleet.name);
      if (isWorking(after) && after.fingerprint !== null) proven.push(after.fingerprint);
      if (isNews(before, after, fleet.spec, nowMs)) store.timers.setNoLater("check", nowMs + 1);
    }
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
