// From the text of a worker's log to facts, by the vocabulary of its workload. Only facts: how long something may
// last, and what to do about it, is decided elsewhere (`health.ts`). Line shapes: fleet behaviour reference §2.

import { type LineFacts, lineReader } from "./line-facts.ts";
import { benignBlocks, findError, findLauncherLoop, lineTest } from "./log-error.ts";
import { keptText, rawLines } from "./log-text.ts";
import type { LogFacts, LogProgress, Phase, UploadError, UploadFault } from "./report.ts";
import { stableHash } from "./stable-hash.ts";
import type { LogVocabulary } from "./workload.ts";

/** The mark covers so many last lines: enough that a new line shows, also in a window that is full. */
const MARKED_LINES = 20;
/** More failed uploads in a row than these say nothing more. */
const FAILURES_LOOKED_AT = 20;

/**
 * What a log says; any text is an answer, also an empty, cut or hostile one. A box that its host restarts prints its
 * start again: phase, milestone and error are of the newest run, `progress` and the uploads of the whole window.
 */
export function readLog(text: string, vocabulary: LogVocabulary): LogFacts {
  const facts = rawLines(text).map(lineReader(vocabulary));
  const lines = facts.map((line) => line.text);
  const scan = scanLines(facts);
  const tail = lines.slice(scan.lastSignOfLife + 1);
  const isBare = scan.lastSignOfLife === -1 && !scan.hasProducedInRun;
  const loop = isBare ? findLauncherLoop(lines, vocabulary) : null;
  const phase = phaseOf(lines, scan, vocabulary);
  const hasProduced = scan.hasProducedInRun;
  const hasStarted = hasProduced || milestoneOf(scan, vocabulary)?.phase === "starting";
  const error = loop ?? findError(tail, vocabulary, { hasStarted, hasProduced });
  return {
    lineCount: lines.length,
    mark: `${lines.length}-${stableHash(lines.slice(-MARKED_LINES).join("\n"))}`,
    phase,
    milestone: milestoneOf(scan, vocabulary)?.words ?? null,
    progress: scan.progress,
    uploadsCompleted: scan.uploadsCompleted,
    uploadsFailed: scan.uploadsFailed,
    isUploading: scan.isUploading && error === null,
    deliveredBatch: scan.deliveredBatch,
    uploadError: uploadErrorOf(lines, scan.failedAt, vocabulary),
    uploadIntervalSeconds: scan.uploadIntervalSeconds,
    error,
    commit: scan.commit,
  };
}

interface Scan {
  /** Index of the newest line that only a living start script or worker prints; -1 when there is none. */
  lastSignOfLife: number;
  /** Furthest milestone of the newest run, as an index of the vocabulary's list. */
  milestone: number | null;
  /** A progress line, or an upload, which cannot be without one, also where the window begins behind it. */
  hasProducedInRun: boolean;
  progress: LogProgress | null;
  uploadsCompleted: number;
  uploadsFailed: number;
  isUploading: boolean;
  /** Batch of the run's newest progress line. */
  batchInRun: number | null;
  deliveredBatch: number | null;
  /** An upload was completed before the window's first progress line: the next line tells which batch was the last in it. */
  isDeliveryUnnumbered: boolean;
  /** Lines of failed uploads since the last completed one. */
  failedAt: readonly number[];
  uploadIntervalSeconds: number | null;
  commit: string | null;
}

/** What a new run of the start script does not know any more. */
const NEW_RUN = {
  milestone: 0,
  hasProducedInRun: false,
  isUploading: false,
  batchInRun: null,
  deliveredBatch: null,
  isDeliveryUnnumbered: false,
  failedAt: [],
  uploadIntervalSeconds: null,
} as const satisfies Partial<Scan>;

/** One pass over the window, oldest line first. */
function scanLines(lines: readonly LineFacts[]): Scan {
  const scan: Scan = {
    ...NEW_RUN,
    lastSignOfLife: -1,
    milestone: null,
    progress: null,
    uploadsCompleted: 0,
    uploadsFailed: 0,
    commit: null,
  };
  for (const [at, { says, uploadIntervalSeconds, commit }] of lines.entries()) {
    switch (says.kind) {
      case "progress":
        scan.progress = says.progress;
        if (scan.isDeliveryUnnumbered) scan.deliveredBatch = says.progress.batch - 1;
        scan.isDeliveryUnnumbered = false;
        scan.batchInRun = says.progress.batch;
        scan.hasProducedInRun = true;
        scan.isUploading = false;
        break;
      case "milestone":
        if (says.milestone === 0) Object.assign(scan, NEW_RUN);
        else scan.milestone = Math.max(says.milestone, scan.milestone ?? 0);
        break;
      case "upload-completed":
        scan.uploadsCompleted += 1;
        scan.deliveredBatch = scan.batchInRun;
        scan.isDeliveryUnnumbered = scan.batchInRun === null;
        scan.failedAt = [];
        scan.hasProducedInRun = true;
        scan.isUploading = false;
        break;
      case "upload-failed":
        scan.uploadsFailed += 1;
        scan.failedAt = [...scan.failedAt, at].slice(-FAILURES_LOOKED_AT);
        scan.hasProducedInRun = true;
        scan.isUploading = false;
        // The text of the failure may go on over several lines: whether it is harmless is for the reader of errors.
        scan.lastSignOfLife = at - 1;
        continue;
      case "upload-started":
        scan.isUploading = true;
        scan.hasProducedInRun = true;
        break;
      case "sign-of-life":
      case "nothing":
        scan.uploadIntervalSeconds = uploadIntervalSeconds ?? scan.uploadIntervalSeconds;
        scan.commit = commit ?? scan.commit;
        if (says.kind === "nothing") continue;
        break;
      default:
        says satisfies never;
    }
    scan.lastSignOfLife = at;
    scan.commit = commit ?? scan.commit;
  }
  return scan;
}

/** The newest failure, unless an upload was completed since; its text may go on over several lines. */
function uploadErrorOf(
  lines: readonly string[],
  failedAt: readonly number[],
  vocabulary: LogVocabulary,
): UploadError | null {
  const rules = (vocabulary.uploadFaults ?? []).map(({ fault, patterns }) => ({ fault, matches: lineTest(patterns) }));
  const endOfBlock = benignBlocks(vocabulary);
  const faults = failedAt.map((at): UploadFault => {
    const text = lines.slice(at, (endOfBlock(lines, at) ?? at) + 1);
    return rules.find(({ matches }) => text.some(matches))?.fault ?? "other";
  });
  const newest = faults.at(-1);
  if (newest === undefined) return null;
  const inARow = faults.length - 1 - faults.findLastIndex((fault) => fault !== newest);
  return { fault: newest, line: keptText(lines[failedAt.at(-1) ?? 0] ?? ""), inARow };
}

function phaseOf(lines: readonly string[], scan: Scan, vocabulary: LogVocabulary): Phase {
  const lastLine = lines.findLast((line) => line.trim() !== "");
  if (lastLine === undefined) return "empty";
  if (lineTest(vocabulary.noContainer)(lastLine)) return "no-container";
  if (scan.hasProducedInRun) return "producing";
  return milestoneOf(scan, vocabulary)?.phase ?? "unrecognised";
}

function milestoneOf(
  { milestone }: Scan,
  { milestones }: LogVocabulary,
): LogVocabulary["milestones"][number] | undefined {
  return milestone === null ? undefined : milestones[milestone];
}
