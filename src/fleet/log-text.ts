// From the raw text of a log store to clean lines: bounded in size, without terminal codes, without secrets.

/** Longest part of a line that is looked at, in characters; the cost of every pattern is counted for it (`pattern.ts`). */
export const LINE_LIMIT = 2000;

/** Only the end of a log is looked at; a steady worker prints some 100 lines an hour (fleet behaviour reference §2.2). */
const WINDOW_CHARACTERS = 512 * 1024;
const WINDOW_LINES = 1000;

/** Longest text that is kept of a line. */
const KEPT_CHARACTERS = 200;
/** The runbook's `vastai logs ID --tail 50`. */
const LAST_LINES = 50;

const ESCAPE = "\u001B";
const BELL = "\u0007";
/** Colours and cursor movement, window titles, and two-character codes, in the forms that terminals know (ECMA-48). */
const TERMINAL_CODES = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${ESCAPE}${BELL}]*(?:${BELL}|${ESCAPE}\\\\)|[ -/]*[0-Z\\\\^-~])`,
  "g",
);
/** All but the tab, which indents. */
const CONTROL_CHARACTERS = /(?!\t)\p{Cc}/gu;
/** Whether there is anything to take out: nearly all lines are plain text. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for.
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;
const HUB_TOKEN = /hf_[A-Za-z0-9]+/g;

/**
 * The last lines of a log as they came, oldest first, at most 1,000 out of the last 512 Ki characters.
 * A line that the window cuts through is left out, unless it is all there is.
 */
export function rawLines(text: string, count: number = WINDOW_LINES): string[] {
  const start = text.length - WINDOW_CHARACTERS;
  const window = start <= 0 ? text : text.slice(start);
  const lines = window.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const isCut = start > 0 && text[start - 1] !== "\n";
  if (isCut && lines.length > 1) lines.shift();
  return lines.slice(-count);
}

/** A text fit to be stored and shown: without Hub tokens, at most 200 characters. */
export function keptText(line: string): string {
  return maskTokens(line).trim().slice(0, KEPT_CHARACTERS).trimEnd().toWellFormed();
}

/**
 * The end of a log as it is kept of a box that goes (design §6): the last 50 lines, each cut to 200 characters. The text
 * must have been masked as a whole: a secret that the cut goes through is not known by its half.
 */
export function lastLines(text: string): string {
  const lines = rawLines(text, LAST_LINES);
  return lines.map((line) => maskTokens(cleanLine(line)).slice(0, KEPT_CHARACTERS).trimEnd().toWellFormed()).join("\n");
}

export function maskTokens(text: string): string {
  return text.replaceAll(HUB_TOKEN, "hf_…");
}

/** What is seen of a line in the end, at most 2,000 characters of it. */
export function cleanLine(line: string): string {
  if (!CONTROL.test(line)) return line.slice(0, LINE_LIMIT).trimEnd();
  const drawing = lastDrawing(line);
  return drawing
    .slice(0, 2 * LINE_LIMIT)
    .replaceAll(TERMINAL_CODES, "")
    .replaceAll(CONTROL_CHARACTERS, "")
    .slice(0, LINE_LIMIT)
    .trimEnd();
}

/** A progress bar goes back with `\r` and draws over itself; what is seen in the end is the last drawing. */
function lastDrawing(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end -= 1;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}
