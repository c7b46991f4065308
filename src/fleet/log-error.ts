// Which line of a log says what killed the worker, and whom it accuses (fleet behaviour reference §2.4).
// Looks only at lines after the last sign of life, which the caller finds. A traceback is told by its last line, not
// by its header; harmless messages are left out, whatever words they hold.

import { keptText } from "./log-text.ts";
import { compilePattern } from "./pattern.ts";
import type { LogError } from "./report.ts";
import { signatureOf } from "./signature.ts";
import type { FaultRule, LogVocabulary } from "./workload.ts";

const TRACEBACK = "Traceback (most recent call last):";
const NO_RULE = { faultClass: "unknown", isFinal: "never", isVague: true } as const satisfies Omit<
  FaultRule,
  "patterns"
>;

/** A harmless message that never comes to its end is given up after so many lines. */
const BENIGN_BLOCK_LINES = 12;

interface Accusation {
  readonly line: string;
  readonly rule: Omit<FaultRule, "patterns">;
}

/** True when any of the patterns is in the line. */
type LineTest = (line: string) => boolean;

export function lineTest(patterns: readonly string[]): LineTest {
  const compiled = patterns.map(compilePattern);
  return (line) => compiled.some((each) => each.test(line));
}

/** How far the run had come before the lines that are looked at. */
interface RunSoFar {
  /** The start script has handed over to the worker. */
  readonly hasStarted: boolean;
  readonly hasProduced: boolean;
}

/**
 * The last line that accuses someone, telling ones before vague ones; `null` when none does. `lines` stand after the
 * last sign of life. How far the run has come decides which faults are final.
 */
export function findError(lines: readonly string[], vocabulary: LogVocabulary, run: RunSoFar): LogError | null {
  const accusations = accuse(lines, vocabulary);
  const worst = accusations.findLast(({ rule }) => !rule.isVague) ?? accusations.at(-1);
  if (worst === undefined) return null;
  return asError(worst.line, worst.rule.faultClass, isFinalIn(run, worst.rule.isFinal));
}

function isFinalIn({ hasStarted, hasProduced }: RunSoFar, isFinal: FaultRule["isFinal"]): boolean {
  return isFinal === "always" || (isFinal === "at-start" && !hasProduced) || (isFinal === "once-started" && hasStarted);
}

/**
 * The market's launcher turning in a circle: the start script never runs, while the market says `running` (§2.3). Only
 * for a window without milestone and progress. Known gap: where a box is restarted into such a loop, it is seen once
 * the lines of the run before have left the window.
 */
export function findLauncherLoop(lines: readonly string[], { launcherLoop }: LogVocabulary): LogError | null {
  const isLoop = lineTest(launcherLoop.patterns);
  const looping = lines.filter(isLoop);
  const last = looping.at(-1);
  return last === undefined || looping.length < launcherLoop.minimumLines ? null : asError(last, "host", true);
}

function asError(line: string, faultClass: LogError["faultClass"], isFinal: boolean): LogError {
  return { line: keptText(line), signature: signatureOf(line), faultClass, isFinal };
}

function accuse(lines: readonly string[], vocabulary: LogVocabulary): Accusation[] {
  const rules = vocabulary.faults.map((rule) => ({ rule, matches: lineTest(rule.patterns) }));
  const ruleOf = (line: string) => rules.find(({ matches }) => matches(line))?.rule;
  const isBenign = lineTest(vocabulary.benign);
  const endOfBenign = benignBlocks(vocabulary);

  const accusations: Accusation[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    if (line.includes(TRACEBACK)) {
      const end = endOfTraceback(lines, at);
      accusations.push(...accusedByTraceback(lines.slice(at, end + 1), ruleOf));
      at = end;
      continue;
    }
    const benignEnd = endOfBenign(lines, at);
    const rule = benignEnd === null && !isBenign(line) ? ruleOf(line) : undefined;
    if (rule !== undefined) accusations.push({ line, rule });
    at = benignEnd ?? at;
  }
  return accusations;
}

/** Where the harmless message that begins at a line ends; `null` when none begins there. */
export function benignBlocks(vocabulary: LogVocabulary): (lines: readonly string[], at: number) => number | null {
  const blocks = vocabulary.benignBlocks.map(({ begins, ends }) => ({
    begins: compilePattern(begins),
    ends: compilePattern(ends),
  }));
  return (lines, at) => {
    const block = blocks.find(({ begins }) => begins.test(lines[at] ?? ""));
    if (block === undefined) return null;
    const message = lines.slice(at, at + BENIGN_BLOCK_LINES);
    const length = message.findIndex((line) => block.ends.test(line) || line.includes(TRACEBACK));
    if (length === -1) return at;
    return message[length]?.includes(TRACEBACK) === true ? at + length - 1 : at + length;
  };
}

/**
 * The index of the exception line: the first line after the header that is neither blank nor indented. A launcher that
 * puts a prefix before each line ("[rank0]: ") puts it before the header too. The last line where the log stops short.
 */
function endOfTraceback(lines: readonly string[], header: number): number {
  const prefix = prefixOf(lines[header] ?? "");
  for (let at = header + 1; at < lines.length; at += 1) {
    if (/^\S/.test(withoutPrefix(lines[at] ?? "", prefix))) return at;
  }
  return lines.length - 1;
}

/** A rule that knows the exception line decides; a traceback whose exception no rule knows still ended something. */
function accusedByTraceback(block: readonly string[], ruleOf: (line: string) => FaultRule | undefined): Accusation[] {
  const line = withoutPrefix(block.findLast((each) => each.trim() !== "") ?? TRACEBACK, prefixOf(block[0] ?? ""));
  return [{ line, rule: ruleOf(line) ?? NO_RULE }];
}

function prefixOf(header: string): string {
  return header.slice(0, Math.max(0, header.indexOf(TRACEBACK)));
}

function withoutPrefix(line: string, prefix: string): string {
  return line.startsWith(prefix) ? line.slice(prefix.length) : line;
}
