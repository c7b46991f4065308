// An instance's log, in two steps (Vast API reference §6): ask the host to upload it, then read it from the log store.
// The store is another party: it gets no key, and only the hosts and buckets that Vast is known to use are read.

import { err, ok, type Result } from "../fleet/result.ts";
import { isLoopbackHost, LOOPBACK_HOSTS, type Outbound, type Outcome } from "../outbound.ts";
import type { VastCaller } from "./call.ts";
import { classifySilence, type VastFailure } from "./errors.ts";
import { logRequestSchema } from "./schema.ts";

/** The end of a log is what tells; a worker's last 1,000 lines are a tenth of this. */
const LOG_BYTES_MAX = 512 * 1024;

const REAL_VAST_HOSTS = new Set(["console.vast.ai", "cloud.vast.ai"]);
/** Path-style buckets on the shared S3 host, and the same buckets as hosts (§6). */
const S3_HOST = "s3.amazonaws.com";
const BUCKET_PATHS = ["/vast.ai/", "/public.vast.ai/"];
const BUCKET_HOSTS = ["vast.ai.s3.amazonaws.com", "public.vast.ai.s3.amazonaws.com"];

export interface LogText {
  /** As uploaded, ANSI escapes included; begins at a line's start. May be empty. */
  readonly text: string;
  /** When the store got it; an older upload than the request may be served first. `null`: not said. */
  readonly modifiedAtMs: number | null;
  /** True where the log was longer than what is kept of it. */
  readonly truncated: boolean;
}

export interface LogWish {
  /** Lines. */
  readonly tail: number;
  /** The host daemon's log (pull and start errors) instead of the container's. */
  readonly daemon: boolean;
}

/** Entries of the outbound allow-list that this client needs: the API, and where its logs are kept. None for a bad URL. */
export function vastHosts(vastUrl: string): readonly string[] {
  if (!URL.canParse(vastUrl)) return [];
  const url = new URL(vastUrl);
  const logHosts = [S3_HOST, ...BUCKET_HOSTS];
  if (isRealVast(url)) return [url.host, ...logHosts];
  const ownHosts = isLoopbackHost(url.hostname) ? LOOPBACK_HOSTS : [url.hostname];
  return [url.host, ...[...ownHosts].map((hostname) => `${hostname}:*`), ...logHosts];
}

export async function requestLogs(
  caller: VastCaller,
  vastUrl: string,
  instanceId: number,
  wish: LogWish,
): Promise<Result<{ readonly url: string }, VastFailure>> {
  const body = { tail: String(wish.tail), ...(wish.daemon ? { daemon_logs: "true" } : {}) };
  const path = `/api/v0/instances/request_logs/${instanceId}/`;
  const answer = await caller.read({ route: "request-logs", method: "PUT", path, body }, logRequestSchema);
  if (!answer.ok) return answer;
  const url = answer.value.result_url;
  if (isLogUrl(url, vastUrl)) return ok({ url });
  return err({ kind: "unreadable", status: 200, message: "the log's address is not at a log store of Vast's" });
}

/** Reads an uploaded log once. "not-ready": the host has not uploaded yet, ask again in a second or two. */
export async function readLog(
  outbound: Outbound,
  vastUrl: string,
  url: string,
  timeoutMs?: number,
): Promise<Result<LogText | "not-ready", VastFailure>> {
  if (!isLogUrl(url, vastUrl)) {
    return err({ kind: "refused", status: 0, code: "not-sent", message: "not the address of a log" });
  }
  const options = { maxBytes: LOG_BYTES_MAX, keep: "tail", ...(timeoutMs === undefined ? {} : { timeoutMs }) } as const;
  const outcome = await outbound.send({ method: "GET", url }, options);
  if (outcome.kind !== "answer") return err(classifySilence(outcome));
  return readStored(outcome);
}

function readStored(answer: Extract<Outcome, { kind: "answer" }>): Result<LogText | "not-ready", VastFailure> {
  const { status, truncated } = answer;
  if (status === 403 || status === 404) return ok("not-ready");
  if (status >= 500 || status === 408) return err({ kind: "lost", reason: `the log store answered ${status}` });
  if (status === 429) {
    return err({
      kind: "rate-limited",
      thresholdSeconds: null,
      retryAfterSeconds: null,
      message: "the log store answered 429",
    });
  }
  if (status < 200 || status >= 300)
    return err({ kind: "unreadable", status, message: "the log store did not give the log" });
  const modified = Date.parse(answer.headers.get("Last-Modified") ?? "");
  const text = truncated ? fromNextLine(answer.text) : answer.text;
  return ok({ text, modifiedAtMs: Number.isNaN(modified) ? null : modified, truncated });
}

/** A cut tail begins in the middle of a line, which could be misread as a whole one. */
function fromNextLine(text: string): string {
  return text.slice(text.indexOf("\n") + 1);
}

function isLogUrl(text: string, vastUrl: string): boolean {
  if (!URL.canParse(text) || !URL.canParse(vastUrl)) return false;
  const url = new URL(text);
  const base = new URL(vastUrl);
  if (!isRealVast(base) && isSameMachine(url, base)) return url.protocol === "https:" || isLoopbackHost(url.hostname);
  if (url.protocol !== "https:" || url.port !== "") return false;
  if (BUCKET_HOSTS.includes(url.hostname)) return true;
  return url.hostname === S3_HOST && BUCKET_PATHS.some((path) => url.pathname.startsWith(path));
}

/** A market on this machine may name its log store by another of the machine's names. */
function isSameMachine(url: URL, base: URL): boolean {
  return url.hostname === base.hostname || (isLoopbackHost(url.hostname) && isLoopbackHost(base.hostname));
}

function isRealVast(url: URL): boolean {
  return REAL_VAST_HOSTS.has(url.hostname);
}
