// The door for Vast's notifications, without its HTTP: whether one is genuine and new enough, and what it is about.

import { type Env, readConfig } from "../env.ts";
import { hmacSha256 } from "../hmac.ts";
import { freshTimestamp, readNotification, SIGNATURE_HEADER, TIMESTAMP_HEADER } from "../vast/notification.ts";
import { accountStub } from "./stubs.ts";

export type HookAnswer =
  /** `hinted`: the fleets concerned are looked at; `repeated`: this event was here before; `ignored`: no notification. */
  | { readonly kind: "hinted" | "repeated" | "ignored" }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "not-set" };

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/** `body` is what came over the wire, byte by byte: the signature is over that. */
export async function hearVast(env: Env, headers: Headers, body: Uint8Array, nowMs: number): Promise<HookAnswer> {
  const { vastWebhookSecret } = readConfig(env);
  if (vastWebhookSecret === null) return { kind: "not-set" };
  const timestamp = freshTimestamp(headers.get(TIMESTAMP_HEADER), nowMs);
  if (timestamp === null)
    return { kind: "refused", why: `${TIMESTAMP_HEADER} is missing or not of the last 5 minutes` };
  if (!(await isSigned(headers.get(SIGNATURE_HEADER), vastWebhookSecret, timestamp, body)))
    return { kind: "refused", why: `${SIGNATURE_HEADER} does not fit the body` };
  const notification = readNotification(new TextDecoder().decode(body));
  if (notification === null) return { kind: "ignored" };
  return { kind: (await accountStub(env).hint(notification)) ? "hinted" : "repeated" };
}

/** Over equal lengths and in constant time. */
async function isSigned(header: string | null, secret: string, timestamp: string, body: Uint8Array): Promise<boolean> {
  const given = SIGNATURE.exec(header ?? "")?.[1];
  const encoder = new TextEncoder();
  const head = encoder.encode(`${timestamp}.`);
  const signed = new Uint8Array(head.length + body.length);
  signed.set(head);
  signed.set(body, head.length);
  const expected = await hmacSha256(encoder.encode(secret), signed);
  if (given === undefined) return false;
  const bytes = Uint8Array.from(given.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return crypto.subtle.timingSafeEqual(bytes, expected);
}
