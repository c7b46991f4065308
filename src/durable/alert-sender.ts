// One message to one receiver, and what that said. Through the one way out: https, no redirect followed, a time-out, and the
// receiver's own host as the only one allowed.

import type { DeliveryOutcome } from "../fleet/alert-delivery.ts";
import { parseRetryAfter } from "../fleet/alert-delivery.ts";
import { alertBody, type AlertFormat, formatOfHost } from "../fleet/alert-formats.ts";
import type { AlertMessage } from "../fleet/alert-message.ts";
import { hmacSha256, toBase64, webhookKey } from "../hmac.ts";
import { createOutbound, type Fetch } from "../outbound.ts";
import type { AlertTarget } from "./alert-store.ts";

/** A receiver answers in a second or is in trouble; the object is billed while it waits. */
const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 4096;
/** Of a refusal, this much is kept: it may say why. */
const ANSWER_SHOWN_MAX = 200;

export interface SenderDeps {
  readonly fetch: Fetch;
  readonly now: () => number;
  /** Where people reach this deployment; `null`: not told. */
  readonly address: string | null;
}

export function formatOf({ url, format }: Pick<AlertTarget, "url" | "format">): AlertFormat {
  return format ?? formatOfHost(new URL(url).hostname);
}

export async function sendAlert(
  { fetch, now, address }: SenderDeps,
  target: AlertTarget,
  message: AlertMessage,
): Promise<DeliveryOutcome> {
  const format = formatOf(target);
  const body = alertBody(format, message, address);
  // With slots of its own: an alert never waits behind the market's calls, nor these behind it.
  const outbound = createOutbound({ fetch, allowedHosts: [new URL(target.url).host], timeoutMs: TIMEOUT_MS });
  const signed = format === "generic" ? await signature(target.secret, message.id, now(), body) : {};
  const headers = { "Content-Type": "application/json", ...signed };
  const outcome = await outbound.send(
    { method: "POST", url: target.url, headers, body },
    { maxBytes: ANSWER_BYTES_MAX },
  );
  if (outcome.kind === "lost") return { kind: "lost", detail: outcome.reason };
  if (outcome.kind === "not-sent") return { kind: "unusable", detail: outcome.reason };
  const said = outcome.text.replaceAll(/\s+/g, " ").trim().slice(0, ANSWER_SHOWN_MAX);
  const detail = said === "" ? `HTTP ${outcome.status}` : `HTTP ${outcome.status}: ${said}`;
  if (outcome.status >= 200 && outcome.status < 300) return { kind: "taken", status: outcome.status, detail };
  const retryAfterMs = parseRetryAfter(outcome.headers.get("Retry-After"), now(), Date.parse);
  return { kind: "answered", status: outcome.status, retryAfterMs, detail };
}

/** The headers of Standard Webhooks: the id, the second of this attempt, and both with the body under the secret. */
async function signature(
  secret: string | null,
  id: string,
  nowMs: number,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const seconds = String(Math.floor(nowMs / 1000));
  const named = { "webhook-id": id, "webhook-timestamp": seconds };
  if (secret === null) return named;
  const signed = await hmacSha256(webhookKey(secret), `${id}.${seconds}.${body}`);
  return { ...named, "webhook-signature": `v1,${toBase64(signed)}` };
}
