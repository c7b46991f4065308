// What one line of a log says by itself. A poll shares all but a few lines with the poll before it, so what a line says is
// remembered: a fleet's logs are read thousands of times a day, and each of their lines is cleaned and matched once.

import { lineTest } from "./log-error.ts";
import { cleanLine } from "./log-text.ts";
import { compilePattern } from "./pattern.ts";
import type { LogProgress } from "./report.ts";
import type { LogVocabulary } from "./workload.ts";

export interface LineFacts {
  /** The line without terminal codes, as far as it is looked at. */
  readonly text: string;
  readonly says:
    | { readonly kind: "progress"; readonly progress: LogProgress }
    /** An index of the vocabulary's list. */
    | { readonly kind: "milestone"; readonly milestone: number }
    | { readonly kind: "upload-completed" | "upload-failed" | "upload-started" | "sign-of-life" | "nothing" };
  readonly uploadIntervalSeconds: number | null;
  readonly commit: string | null;
}

export type LineReader = (line: string) => LineFacts;

/** Longer lines are rare and their text is what costs memory. */
const REMEMBERED_CHARACTERS = 400;
/** Twice this is kept at most: about a megabyte, the windows of some forty workers. */
const REMEMBERED_LINES = 4000;
const VOCABULARIES = 8;

let readers: readonly { readonly vocabulary: LogVocabulary; readonly reader: LineReader }[] = [];
const readersByVocabulary = new WeakMap<LogVocabulary, LineReader>();

/** The reader of lines in the words of a vocabulary; equal vocabularies share one. */
export function lineReader(vocabulary: LogVocabulary): LineReader {
  const known = readersByVocabulary.get(vocabulary);
  if (known !== undefined) return known;
  // A vocabulary comes with each batch of logs, as a copy.
  const equal = readers.find((one) => isEqual(one.vocabulary, vocabulary));
  const reader = equal?.reader ?? remembering(matcherOf(vocabulary));
  if (equal === undefined) readers = [{ vocabulary, reader }, ...readers].slice(0, VOCABULARIES);
  readersByVocabulary.set(vocabulary, reader);
  return reader;
}

/** Of plain data. */
function isEqual(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return left === right;
  const [names, others] = [Object.keys(left), Object.keys(right)];
  return (
    names.length === others.length &&
    names.every((name) => isEqual((left as Record<string, unknown>)[name], (right as Record<string, unknown>)[name]))
  );
}

/** Two generations: what was not asked for while the younger one filled up is forgotten. */
function remembering(read: LineReader): LineReader {
  let younger = new Map<string, LineFacts>();
  let older = younger;
  return (line) => {
    const young = younger.get(line);
    if (young !== undefined) return young;
    const known = older.get(line);
    const facts = known ?? read(line);
    if (line.length > REMEMBERED_CHARACTERS) return facts;
    if (younger.size >= REMEMBERED_LINES) {
      older = younger;
      younger = new Map();
    }
    // A part of a text keeps the whole text in memory; a copy of its own does not.
    younger.set(copyOf(line), known ?? { ...facts, text: facts.text === line ? copyOf(line) : copyOf(facts.text) });
    return facts;
  };
}

function copyOf(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

function matcherOf(vocabulary: LogVocabulary): LineReader {
  const milestones = vocabulary.milestones.map(({ pattern }) => compilePattern(pattern));
  const progressPattern = compilePattern(vocabulary.progress);
  const commitPattern = vocabulary.commit === null ? null : compilePattern(vocabulary.commit);
  const intervalPattern = vocabulary.uploadInterval === undefined ? null : compilePattern(vocabulary.uploadInterval);
  const isUploadStarted = lineTest(vocabulary.uploadStarted);
  const isUploadCompleted = lineTest(vocabulary.uploadCompleted);
  const isUploadFailed = lineTest(vocabulary.uploadFailed);
  const isSignOfLife = lineTest(vocabulary.signsOfLife);
  const saysOf = (line: string): LineFacts["says"] => {
    const progress = progressOf(progressPattern, line);
    if (progress !== null) return { kind: "progress", progress };
    const milestone = milestones.findIndex((each) => each.test(line));
    if (milestone !== -1) return { kind: "milestone", milestone };
    if (isUploadCompleted(line)) return { kind: "upload-completed" };
    if (isUploadFailed(line)) return { kind: "upload-failed" };
    if (isUploadStarted(line)) return { kind: "upload-started" };
    return { kind: isSignOfLife(line) ? "sign-of-life" : "nothing" };
  };
  return (line) => {
    const text = cleanLine(line);
    return {
      text,
      says: saysOf(text),
      uploadIntervalSeconds: numberOf(intervalPattern?.exec(text)?.groups?.["seconds"]),
      commit: commitPattern?.exec(text)?.groups?.["commit"] ?? null,
    };
  };
}

/** The facts of a progress line; `null` for any other line. */
function progressOf(pattern: RegExp, line: string): LogProgress | null {
  const groups = pattern.exec(line)?.groups;
  if (groups === undefined) return null;
  const batch = numberOf(groups["batch"]);
  const gamesPerSecond = rateOf(groups);
  if (batch === null || gamesPerSecond === null) return null;
  const totalGames = numberOf(groups["totalGames"] ?? groups["total"]);
  return { batch, gamesPerSecond, step: numberOf(groups["step"]), totalGames };
}

/** Units a second as the line says them, or one unit in the seconds that it took. */
function rateOf(groups: Readonly<Record<string, string | undefined>>): number | null {
  const rate = numberOf(groups["gamesPerSecond"] ?? groups["rate"]);
  if (rate !== null) return rate;
  const seconds = numberOf(groups["seconds"]);
  return seconds === null || seconds <= 0 ? null : 1 / seconds;
}

/** "1,464,832" is a number too. */
function numberOf(text: string | undefined): number | null {
  const value = text === undefined || text === "" ? Number.NaN : Number(text.replaceAll(",", ""));
  return Number.isFinite(value) ? value : null;
}
