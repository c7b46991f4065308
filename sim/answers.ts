/**
 * Answers in the exact shapes of the services: JSON without a charset, error envelopes, the four bodies of a 429, pages
 * of a broken proxy, and calls that never answer (Vast API reference §1, §2, §8).
 */

import { noteHang } from "./calls.ts";

/** The official client compares this header literally and cannot read an answer with a charset. */
const JSON_TYPE = { "Content-Type": "application/json" };

/** The longest time a call that "never answers" is kept open, in real time. */
const HANG_CAP_MS = 120_000;

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: JSON_TYPE });
}

export function failure(
  status: number,
  error: string,
  msg: string,
  extra: Readonly<Record<string, unknown>> = {},
): Response {
  return json({ success: false, error, msg, ...extra }, status);
}

/** A 429 in one of its four documented shapes, without Retry-After. */
export function tooFrequent(shape: number, thresholdSeconds: number): Response {
  const threshold = Number.isInteger(thresholdSeconds) ? thresholdSeconds.toFixed(1) : String(thresholdSeconds);
  switch (((shape % 4) + 4) % 4) {
    case 0:
      return plain("API requests too frequent", 429);
    case 1:
      return plain(`API requests too frequent: endpoint threshold=${threshold}`, 429);
    case 2:
      return json({ detail: `API requests too frequent endpoint threshold=${threshold}` }, 429);
    default:
      return failure(429, "rate_limit_exceeded", `API requests too frequent endpoint threshold=${threshold}`);
  }
}

function plain(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { "Content-Type": "text/plain", ...headers } });
}

/** What a proxy in front of the service answers when the service does not. */
export function gatewayPage(status: number): Response {
  const words: Record<number, string> = {
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Time-out",
  };
  const title = `${status} ${words[status] ?? "Error"}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return new Response(html, { status, headers: { "Content-Type": "text/html" } });
}

/** The answer of a failing service: a fault's `status` or `{status, body}`, else HTML and JSON in turn. */
export function broken(
  value: unknown,
  turn: number,
  fallbackStatuses: readonly [number, number] = [502, 500],
): Response {
  if (typeof value === "object" && value !== null && "status" in value && typeof value.status === "number") {
    const body = "body" in value ? value.body : "";
    return typeof body === "string" ? plain(body, value.status) : json(body, value.status);
  }
  const status = typeof value === "number" ? value : fallbackStatuses[turn % 2 === 0 ? 0 : 1];
  if (turn % 2 === 0 && status >= 500) return gatewayPage(status);
  return json({ success: false, error: "server_error", msg: "Internal Server Error" }, status);
}

/** Keeps a call open for this long in real time (at most two minutes, less when the caller leaves), then 504. */
export async function hang(request: Request, ms = HANG_CAP_MS): Promise<Response> {
  const longest = Math.min(ms, HANG_CAP_MS);
  noteHang(request, longest);
  await waitReal(longest, request.signal);
  return gatewayPage(504);
}

/** Waits in real time; ends early when the caller has gone. */
export function waitReal(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
