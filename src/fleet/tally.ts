// What one worker has made since it was met, and how often its log was asked for. Kept in the worker's own row, which each
// report writes anyway; when the worker leaves, its fleet takes the sums over (`counters.ts`).

import type { WorkerMemory } from "./memory.ts";

/** How a call of the market's API ended. 429 is apart: it says that we are too fast. */
export const statusClasses = ["2xx", "3xx", "4xx", "429", "5xx", "lost"] as const;
export type StatusClass = (typeof statusClasses)[number];

export type StatusCounts = Readonly<Partial<Record<StatusClass, number>>>;
/** By route of the market's API. */
export type CallCounts = Readonly<Record<string, StatusCounts>>;

export interface Work {
  readonly batches: number;
  readonly games: number;
  /** Deliveries that were seen: two between two readings of the log count once. */
  readonly uploads: number;
}

export interface WorkerTally extends Work {
  readonly logCalls: StatusCounts;
}

export const NO_WORK: Work = { batches: 0, games: 0, uploads: 0 };
const NO_TALLY: WorkerTally = { ...NO_WORK, logCalls: {} };

export function statusClassOf(status: number | "lost"): StatusClass {
  if (status === "lost" || status < 200) return "lost";
  if (status === 429) return "429";
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}

export function addCall(calls: CallCounts, route: string, status: StatusClass): CallCounts {
  return addCalls(calls, { [route]: { [status]: 1 } });
}

export function addCalls(a: CallCounts, b: CallCounts): CallCounts {
  const added = Object.entries(b).map(([route, counts]) => [route, addCounts(a[route] ?? {}, counts)]);
  return { ...a, ...Object.fromEntries(added) };
}

export function addWork(a: Work, b: Work): Work {
  return { batches: a.batches + b.batches, games: a.games + b.games, uploads: a.uploads + b.uploads };
}

/** The worker after a report, with what the report shows that is new. */
export function withTally(before: WorkerMemory, after: WorkerMemory, logCall: StatusClass | null): WorkerMemory {
  const known = before.tally ?? NO_TALLY;
  const logCalls = logCall === null ? known.logCalls : addCounts(known.logCalls, { [logCall]: 1 });
  return { ...after, tally: { ...addWork(known, newWork(before, after)), logCalls } };
}

/** A process that has begun anew counts from 1 again, so all that it says is new. */
function newWork(before: WorkerMemory, after: WorkerMemory): Work {
  const { progress, delivery } = after;
  if (progress === null || isTakenOver(before)) return NO_WORK;
  const isRestarted = before.progress !== null && progress.batch < before.progress.batch;
  const known = isRestarted ? null : before.progress;
  const delivered = delivery?.batch ?? null;
  const isDelivered = delivered !== null && delivered !== (isRestarted ? null : before.delivery?.batch);
  return {
    batches: progress.batch - (known?.batch ?? 0),
    games: Math.max(0, (progress.totalGames ?? 0) - (known?.totalGames ?? 0)),
    uploads: isDelivered ? 1 : 0,
  };
}

/** What a box had made before it was this fleet's is not this fleet's. */
function isTakenOver({ progress, fingerprint }: WorkerMemory): boolean {
  return progress === null && fingerprint === null;
}

function addCounts(a: StatusCounts, b: StatusCounts): StatusCounts {
  const sum: Partial<Record<StatusClass, number>> = { ...a };
  for (const status of statusClasses) if (b[status] !== undefined) sum[status] = (sum[status] ?? 0) + b[status];
  return sum;
}
