/**
 * Log files: a request asks the host to upload, and some time later the file is there (Vast API reference §6). The text
 * is what the box had printed at the moment of the upload.
 */
import type { Box } from "./instances.ts";
import { noSuchContainer } from "./worker-log.ts";

export interface LogRequest {
  readonly boxId: number;
  readonly requestedAtMs: number;
  readonly readyAtMs: number;
  readonly tail: number;
  readonly filter: string;
  readonly isDaemon: boolean;
  /** Text instead of a box's log: the result of a command. */
  readonly fixedText: string | null;
}

const DEFAULT_TAIL = 1000;
/** The daemon's own log and a looping launcher are made up to this many lines. */
const LOOP_LINES_MADE = 1000;

/** Reads the body of request_logs; the numbers and flags come as strings. */
export function readLogBody(body: Readonly<Record<string, unknown>>): {
  tail: number;
  filter: string;
  isDaemon: boolean;
} {
  const tail = Number(body["tail"] ?? DEFAULT_TAIL);
  return {
    tail: Number.isFinite(tail) && tail > 0 ? Math.floor(tail) : DEFAULT_TAIL,
    filter: typeof body["filter"] === "string" ? body["filter"] : "",
    isDaemon: body["daemon_logs"] === "true" || body["daemon_logs"] === true,
  };
}

/** The file's text as uploaded at this moment. */
export function logText(box: Box, request: LogRequest, atMs: number): string {
  const last = linesAt(box, request, atMs);
  return last.length === 0 ? "" : `${last.join("\n")}\n`;
}

/** The last lines that were asked for; made from the end, as a log is long and read often. */
function linesAt(box: Box, request: LogRequest, atMs: number): string[] {
  const kept = request.isDaemon ? box.daemonLog : box.log;
  const isWanted = (text: string): boolean => request.filter === "" || text.includes(request.filter);
  if (!request.isDaemon && !box.hasContainer && box.log.length === 0) return [noSuchContainer(box.id)].filter(isWanted);
  const lines: string[] = [];
  if (!request.isDaemon && box.loop !== null && isWanted(box.loop.text)) {
    const count = Math.floor((atMs - box.loop.fromMs) / box.loop.everyMs);
    const made = Math.max(0, Math.min(count, LOOP_LINES_MADE, request.tail));
    for (let index = 0; index < made; index += 1) lines.push(box.loop.text);
  }
  for (let index = kept.length - 1; index >= 0 && lines.length < request.tail; index -= 1) {
    const line = kept[index];
    if (line !== undefined && line.atMs <= atMs && isWanted(line.text)) lines.push(line.text);
  }
  return lines.reverse();
}
