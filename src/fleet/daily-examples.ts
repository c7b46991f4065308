// Do new examples arrive (runbook §11)? Judged by the newest time in the folder, never by the number of files: the learner
// prunes them to a fixed number (fleet behaviour reference §7.2).

import type { ExamplesFacts, ExamplesView, ReportWindow } from "./daily-facts.ts";
import type { FleetDocument } from "./document.ts";
import { formatWorkerId } from "./label.ts";
import type { Verdict } from "./memory.ts";
import { uploadIntervalFor } from "./upload-interval.ts";

/** A worker without a new file for more than this many upload intervals is named. */
const SILENT_INTERVALS = 2;
/** A young worker first boots, sets up and plays its first batch: no file is expected for as long (runbook §10, timeouts). */
const START_SECONDS = 600;

/** Verdicts of a worker that plays: one that delivers nothing does too. */
const PLAYING: ReadonlySet<Verdict> = new Set<Verdict>(["producing", "uploading", "undelivered"]);

export interface ExamplesLine {
  readonly repo: string;
  readonly namespace: string;
  readonly files: number;
  readonly newestAt: string | null;
  readonly newestAgeSeconds: number | null;
  /** A file has been made since the window began. */
  readonly hasNewFiles: boolean;
  readonly workers: readonly { readonly workerId: string; readonly newestAt: string; readonly files: number }[];
  readonly silent: readonly SilentWorker[];
}

/** A producing worker without a new file for more than two upload intervals. */
export interface SilentWorker {
  readonly workerId: string;
  readonly uploadIntervalSeconds: number;
  /** Of its newest file; `null`: the folder has none of it. */
  readonly ageSeconds: number | null;
}

/** Nothing where the Hub did not answer. */
export function examplesLine(
  { repo, namespace, answer }: ExamplesFacts,
  fleets: readonly FleetDocument[],
  { fromMs, takenAtMs }: ReportWindow,
  isoTime: (atMs: number) => string,
): ExamplesLine[] {
  if (!answer.ok) return [];
  const { files, newestAtMs, workers } = answer.value;
  const players = writersTo(repo, fleets).filter(({ spec }) => spec.weightsName === namespace);
  return [
    {
      repo,
      namespace,
      files,
      newestAt: newestAtMs === null ? null : isoTime(newestAtMs),
      newestAgeSeconds: newestAtMs === null ? null : seconds(takenAtMs - newestAtMs),
      hasNewFiles: newestAtMs !== null && newestAtMs >= fromMs,
      workers: workers.map((worker) => ({
        workerId: worker.workerId,
        newestAt: isoTime(worker.newestAtMs),
        files: worker.files,
      })),
      silent: players.flatMap((fleet) => silentWorkers(fleet, workersOnRepo(repo, fleets), answer.value, takenAtMs)),
    },
  ];
}

function writersTo(repo: string, fleets: readonly FleetDocument[]): readonly FleetDocument[] {
  return fleets.filter(({ hub, spec }) => hub.writesExamples && spec.examplesRepo === repo);
}

/** What the interval of a worker rented now is counted over (design rule 21). */
function workersOnRepo(repo: string, fleets: readonly FleetDocument[]): number {
  const active = writersTo(repo, fleets).filter(({ mode }) => mode !== "down");
  return active.reduce((sum, { spec }) => sum + spec.target, 0);
}

function silentWorkers(
  { name, spec, workers }: FleetDocument,
  onRepo: number,
  folder: ExamplesView,
  nowMs: number,
): readonly SilentWorker[] {
  // Of a worker that was rented by somebody else nobody knows the interval: today's is as good a guess as any.
  const today = uploadIntervalFor(onRepo, spec.uploadIntervalSeconds);
  const newest = new Map(folder.workers.map((worker) => [worker.workerId, worker.newestAtMs]));
  return workers.flatMap((worker): SilentWorker[] => {
    const uploadIntervalSeconds = worker.uploadIntervalSeconds ?? today;
    if (!PLAYING.has(worker.verdict)) return [];
    const limitSeconds = SILENT_INTERVALS * uploadIntervalSeconds;
    if (worker.ageSeconds <= limitSeconds + START_SECONDS) return [];
    const workerId = formatWorkerId(name, worker.slot);
    const atMs = newest.get(workerId);
    if (atMs === undefined) {
      // Of a busy namespace the learner may have pruned files made since; then a missing file says nothing.
      const reachesBack = folder.oldestAtMs === null || seconds(nowMs - folder.oldestAtMs) > limitSeconds;
      return reachesBack ? [{ workerId, uploadIntervalSeconds, ageSeconds: null }] : [];
    }
    const ageSeconds = seconds(nowMs - atMs);
    return ageSeconds > limitSeconds ? [{ workerId, uploadIntervalSeconds, ageSeconds }] : [];
  });
}

function seconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000));
}
