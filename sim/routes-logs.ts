/**
 * Logs in two steps: ask for them at Vast, read the file at the log store (Vast API reference §6). Also `command`, whose
 * result is read the same way.
 */
import type { Hono } from "hono";
import { broken, failure, hang, json } from "./answers.ts";
import { counted, findCallFault, takeCallFault, type Call, type VastRoute } from "./door.ts";
import { boxSubject } from "./box-acts.ts";
import { type FaultSubject, findFault, numberValue, takeFault, textValue } from "./faults.ts";
import { logText, readLogBody, type LogRequest } from "./log-store.ts";
import { textOf } from "./loose-json.ts";
import { advance, type Market } from "./market.ts";
import { drawHex } from "./random.ts";
import type { MarketState } from "./state.ts";

const VAST_HOST = "console.vast.ai";
const LOG_HOST = "https://s3.amazonaws.com/public.vast.ai";
const LOGS_KEPT = 4000;
const MAX_COMMAND = 512;

export const logRoutes: readonly VastRoute[] = [
  { method: "PUT", path: "/api/v0/instances/request_logs/:id", scope: "instance_read", handle: requestLogs },
  { method: "PUT", path: "/api/v0/instances/command/:id", scope: "instance_write", handle: command },
];

/** Any path that ends in `instance_logs/<hash>.log`, whatever bucket stands before it. */
const LOG_FILE = /\/instance_logs\/([0-9a-f]+)\.log$/;

function requestLogs(call: Call): Response | Promise<Response> {
  const hung = findCallFault(call, "log-hangs");
  if (hung !== null && textValue(hung, "file") === "request") {
    takeCallFault(call, "log-hangs");
    return hang(call.request);
  }
  const failing = takeCallFault(call, "log-request-fails");
  if (failing !== null) {
    if (typeof failing.value === "number") return broken(failing.value, failing.hits);
    return json({ success: false, msg: "Instance is starting, logs are not available yet." }, 400);
  }
  const box = call.state.boxes.get(Number(call.params["id"]));
  if (box === undefined || box.endedAtMs !== null) return failure(404, "invalid_id", "Invalid instance id.");
  if (box.accountId !== call.account.id)
    return failure(403, "not_authorized", "Not authorized to view logs for this instance");
  const { nowMs, settings } = call.state;
  const request: LogRequest = {
    boxId: box.id,
    requestedAtMs: nowMs,
    readyAtMs: nowMs + settings.logDelayMs,
    ...readLogBody(call.body),
    fixedText: null,
  };
  return json({
    success: true,
    result_url: storeRequest(call, request),
    msg: "Logs are being fetched; view the result_url in a few seconds.",
  });
}

function command(call: Call): Response {
  const box = call.state.boxes.get(Number(call.params["id"]));
  if (box === undefined || box.endedAtMs !== null) return failure(404, "invalid_id", "Invalid instance id.");
  const text = textOf(call.body["command"], "");
  if (text === "") return failure(483, "invalid_args", "Invalid json_body");
  if (text.length > MAX_COMMAND) return failure(400, "invalid_args", `command too long: max ${MAX_COMMAND} characters`);
  const { nowMs, settings } = call.state;
  const isAllowed = /^(ls|rm|du)\b/.test(text);
  const request: LogRequest = {
    boxId: box.id,
    requestedAtMs: nowMs,
    readyAtMs: nowMs + settings.logDelayMs,
    tail: 1000,
    filter: "",
    isDaemon: false,
    fixedText: isAllowed ? "total 4\ndrwxr-xr-x 2 root root 4096 code\n" : "Invalid command given.\n",
  };
  return json({
    success: true,
    writeable_path: "/var/lib/docker/simulated",
    result_url: storeRequest(call, request),
    msg: "Command is executing, wait a few seconds and then view the result_url",
  });
}

/** Remembers the request and gives the address where its file will be. */
function storeRequest(call: Call, request: LogRequest): string {
  const { state, market, url } = call;
  state.counters.log += 1;
  const hash = drawHex(32, state.settings.seed, "log", request.boxId, state.counters.log);
  market.logs.set(hash, request);
  if (market.logs.size > LOGS_KEPT) {
    const oldest = market.logs.keys().next().value;
    if (oldest !== undefined) market.logs.delete(oldest);
  }
  const wrong = takeCallFault(call, "log-wrong-host");
  if (wrong !== null) return `${textValue(wrong, "http://203.0.113.66")}/instance_logs/${hash}.log`;
  return url.host === VAST_HOST ? `${LOG_HOST}/instance_logs/${hash}.log` : `${url.origin}/instance_logs/${hash}.log`;
}

export function addLogStore(app: Hono, market: Market): void {
  app.use("*", async (c, next) => {
    const match = LOG_FILE.exec(new URL(c.req.url).pathname);
    if (match === null || c.req.method !== "GET") return next();
    return counted(market, "GET /instance_logs/{hash}.log", c.req.raw, async () =>
      readFile(market, match[1] ?? "", c.req.raw),
    );
  });
}

async function readFile(market: Market, hash: string, request: Request): Promise<Response> {
  const { state } = market;
  if (request.headers.has("Authorization")) state.calls.authorizationToLogs += 1;
  const asked = market.logs.get(hash);
  const box = asked === undefined ? undefined : state.boxes.get(asked.boxId);
  if (asked === undefined || box === undefined) return accessDenied();
  const subject = boxSubject(box);
  const hung = findFault(state, "log-hangs", subject);
  if (hung !== null && textValue(hung, "file") !== "request") {
    takeFault(state, "log-hangs", subject);
    return hang(request, numberValue(hung, 120_000));
  }
  if (findFault(state, "api-down", { route: "GET /instance_logs/{hash}.log" }) !== null) return accessDenied();
  advance(market);
  if (takeFault(state, "log-never-ready", subject) !== null) return accessDenied();
  if (takeFault(state, "log-empty", subject) !== null) return logFile("", state.nowMs);
  const stale = takeFault(state, "log-stale", subject);
  if (stale !== null) {
    const atMs = asked.requestedAtMs - numberValue(stale, 300_000);
    return logFile(logText(box, asked, atMs), atMs);
  }
  // A host that is away uploads nothing.
  if (!box.isReachable || state.nowMs < asked.readyAtMs) return accessDenied();
  return logFile(asked.fixedText ?? spoilt(state, subject, logText(box, asked, asked.readyAtMs)), asked.readyAtMs);
}

/** The text as a host may deliver it. */
function spoilt(state: MarketState, subject: FaultSubject, text: string): string {
  if (takeFault(state, "log-cut", subject) !== null) return text.slice(0, -20);
  if (takeFault(state, "log-ansi", subject) !== null)
    return text.replaceAll(
      /^.+$/gm,
      (line) => `\r0%|    |\r\u001b[1;32m${line.replaceAll(" ", "\u001b[0m ")}\u001b[0m`,
    );
  const huge = takeFault(state, "log-huge", subject);
  if (huge === null) return text;
  const noise = "[noise] 0123456789 abcdefghij ABCDEFGHIJ 0123456789 abcdefghij ABCDEFGHIJ 0123456789 abcdefghij\n";
  return noise.repeat(Math.ceil(numberValue(huge, 10_000_000) / noise.length)) + text;
}

function logFile(text: string, atMs: number): Response {
  return new Response(text, {
    headers: { "Content-Type": "text/plain", "Last-Modified": new Date(atMs).toUTCString(), Server: "AmazonS3" },
  });
}

function accessDenied(): Response {
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>SIMULATED</RequestId></Error>';
  return new Response(xml, { status: 403, headers: { "Content-Type": "application/xml", Server: "AmazonS3" } });
}
