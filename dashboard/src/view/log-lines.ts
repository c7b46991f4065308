// A line of a worker's log: what kind it is, and its text with everything taken out that could deceive a reader. The
// lines come from strangers' machines.

import { withoutHidden } from "./plain-text.ts";

export type LineKind = "error" | "warning" | "progress" | "upload" | "milestone" | "quiet" | "plain";

export interface LogLine {
  readonly number: number;
  readonly kind: LineKind;
  readonly text: string;
}

/** First match wins; none of them can take more than linear time over a line. */
const kinds: readonly (readonly [LineKind, RegExp])[] = [
  ["error", /\b(?:traceback|[a-z]*error|exception|fatal|killed|out of memory|no cuda|failed)\b|\b[A-Za-z]+Error\b/i],
  ["warning", /warn(?:ing)?\b|\bretry|\bslow\b|\btimed? ?out\b/i],
  ["quiet", /\bno new weights\b|^\+ |^\$ /i],
  ["upload", /\bupload/i],
  ["progress", /\bbatch \d|\bgames\/s\b|\bprogress\b|\d+%/i],
  ["milestone", /^===|\bGPU OK\b|\binstalled\b|\bcloned\b|\bweights\b|\bpipeline\b|\bstarting\b|\bloaded\b|^commit /i],
];

// eslint-disable-next-line no-control-regex -- the escapes of a terminal are what is looked for
const ANSI = /\u001B(?:\[[0-9;?]{0,20}[ -/]{0,2}[@-~]|\][^\u0007\u001B]{0,200}(?:\u0007|\u001B\\)|[@-_])/g;
const LINE_MAX = 4000;

export function cleanLine(text: string): string {
  const cut = text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)} … ${text.length - LINE_MAX} more characters` : text;
  // A bar of progress redraws its line: the last drawing is what a terminal would show.
  const drawn = cut.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  return withoutHidden(
    drawn
      .replaceAll(ANSI, "")
      .replaceAll("\t", "    ")
      .replaceAll(/\p{Cc}/gu, "�"),
  );
}

export function lineKind(text: string): LineKind {
  return kinds.find(([, pattern]) => pattern.test(text))?.[0] ?? "plain";
}

export function logLines(text: string): LogLine[] {
  const lines = text.split("\n");
  if (lines.at(-1)?.trim() === "") lines.pop();
  return lines.map((raw, index) => {
    const clean = cleanLine(raw);
    return { number: index + 1, kind: lineKind(clean), text: clean };
  });
}

export interface Piece {
  readonly text: string;
  readonly isMatch: boolean;
}

/** The line cut where the search word stands, whatever its case. */
export function pieces(text: string, wanted: string): Piece[] {
  if (wanted === "") return [{ text, isMatch: false }];
  const found: Piece[] = [];
  const lower = text.toLowerCase();
  const word = wanted.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(word); at !== -1; at = lower.indexOf(word, from)) {
    if (at > from) found.push({ text: text.slice(from, at), isMatch: false });
    found.push({ text: text.slice(at, at + word.length), isMatch: true });
    from = at + word.length;
  }
  if (from < text.length || found.length === 0) found.push({ text: text.slice(from), isMatch: false });
  return found;
}
