// `Idempotency-Key` on a write (a POST, and whatever else carries one): the same request sent again is answered from the store and not carried out again.
// A refusal (4xx) has changed nothing and gives the key back; every other answer stands for 24 hours, a failure (5xx)
// too, because what it did is unknown. A request that died unanswered keeps its key for the same reason.
// The store is D1. When D1 does not answer, the write goes on without it and says so in `Idempotency-Skipped`.

import type { Context, MiddlewareHandler } from "hono";
import {
  idempotencyAnswer,
  idempotencyClaim,
  idempotencyRelease,
  type KeyClaim,
  type KeyHolder,
} from "../db/idempotency.ts";
import { logEvent } from "../log.ts";
import { withDeadline } from "../deadline.ts";
import type { DoorEnv } from "./door.ts";
import { invalidRequest, problem } from "./problem.ts";
import { bodyText } from "./validate.ts";

const KEEP_MS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,255}$/;
const KEPT_HEADERS = ["content-type", "etag", "location"];

export const idempotent: MiddlewareHandler<DoorEnv> = async (c, next) => {
  const key = c.req.header("Idempotency-Key");
  if (["GET", "HEAD", "OPTIONS"].includes(c.req.method) || key === undefined) return next();
  if (!KEY.test(key)) {
    return invalidRequest([{ field: "Idempotency-Key", expected: "1 to 255 printable characters without spaces" }]);
  }
  const claim = await claimOf(c, key);
  const holder = await tried(idempotencyClaim(c.env.DB, claim));
  if (holder !== null && holder.claimId !== claim.claimId) return answerOf(holder, claim);

  const work = (async () => {
    await next();
    const isKept = holder !== null && (await keepAnswer(c, claim));
    if (!isKept) c.header("Idempotency-Skipped", "storage-unavailable");
  })();
  // A caller who hangs up is the one who will come again with the same key.
  c.executionCtx.waitUntil(work);
  return work;
};

async function claimOf(c: Context<DoorEnv>, key: string): Promise<KeyClaim> {
  const { pathname, search } = new URL(c.req.url);
  const version = c.req.header("If-Match");
  const seen = version === undefined ? [] : [`If-Match: ${version}`];
  const request = [c.req.method, pathname, search, ...seen, await bodyText(c)].join("\n");
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(request)));
  const claimedAtMs = Date.now();
  return {
    owner: c.get("who").name,
    key,
    fingerprint: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    claimId: crypto.randomUUID(),
    claimedAtMs,
    expiresAtMs: claimedAtMs + KEEP_MS,
  };
}

/** The answer for a request whose key another one holds. */
function answerOf({ fingerprint, claimedAtMs, answer }: KeyHolder, claim: KeyClaim): Response {
  if (fingerprint !== claim.fingerprint) {
    return problem({
      code: "idempotency-key-reused",
      detail: "this key came with another path or body before; a key stands for one request",
      hint: "make a new key for a new request",
    });
  }
  if (answer !== null) {
    return new Response(answer.body, {
      status: answer.status,
      headers: { ...answer.headers, "Idempotent-Replayed": "true" },
    });
  }
  const seconds = Math.max(0, Math.round((claim.claimedAtMs - claimedAtMs) / 1000));
  return problem({
    code: "idempotency-in-progress",
    detail: `the same request came ${seconds} s ago and has not been answered`,
    hint: "ask again in a second; after a minute it has died and what it did is unknown: look at GET /api/status, then use a new key",
    headers: { "Retry-After": "1" },
  });
}

/** True where the store has it, so that the next request with this key is answered alike. */
async function keepAnswer(c: Context<DoorEnv>, claim: KeyClaim): Promise<boolean> {
  const { status } = c.res;
  if (status >= 400 && status < 500)
    return (await tried(idempotencyRelease(c.env.DB, claim).then(() => true))) ?? false;
  const headers = Object.fromEntries([...c.res.headers].filter(([name]) => KEPT_HEADERS.includes(name)));
  const answer = { status, headers, body: await c.res.clone().text() };
  return (await tried(idempotencyAnswer(c.env.DB, claim, answer).then(() => true))) ?? false;
}

/** `null` when D1 fails or takes too long. */
async function tried<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await withDeadline(work);
  } catch (error) {
    logEvent({ event: "idempotency.skipped", outcome: "failed", error });
    return null;
  }
}
