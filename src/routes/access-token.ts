// Who Cloudflare Access says somebody is: its signed token, checked against the keys of the team. The keys are kept for an
// hour and asked for again when a token names one that is not known; while they cannot be had, the last ones stand for a
// day. Bearer tokens and sessions never come here, so that a dead endpoint locks nobody out who has one.

import { createLocalJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { type AccessTerms, roleOfEmail } from "../access.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { logEvent } from "../log.ts";
import { createOutbound } from "../outbound.ts";
import type { Role } from "../tokens.ts";

const KEYS_FRESH_MS = 3_600_000;
const KEYS_USABLE_MS = 86_400_000;
/** Whoever sends tokens with made-up keys does not make us ask more often. */
const ASK_AGAIN_MS = 60_000;
const ASK_TIMEOUT_MS = 5_000;
/** A team has two keys at a time, of some 2 KB each. */
const KEYS_BYTES_MAX = 65_536;
/** Machines of two networks may differ by this much. */
const CLOCK_SKEW_SECONDS = 30;

export interface AccessIdentity {
  readonly role: Role;
  /** The address. */
  readonly name: string;
  readonly expiresAtMs: number;
}

export interface AccessRefusal {
  /** `nobody`: a good token of somebody who is not on a list. `no-keys`: it cannot be checked now. */
  readonly kind: "bad-token" | "nobody" | "no-keys";
  readonly detail: string;
}

const keySetSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });
const claimsSchema = z.object({ email: z.string().includes("@").max(320), exp: z.number() });

interface KnownKeys {
  readonly keys: ReturnType<typeof createLocalJWKSet> | null;
  readonly readAtMs: number;
  readonly askedAtMs: number;
}

/** By team, for as long as the isolate lives. Only answers are kept: a promise of another request cannot be awaited. */
const known = new WeakMap<AccessTerms, KnownKeys>();

export async function checkAccessToken(
  token: string,
  terms: AccessTerms,
  nowMs: number,
): Promise<Result<AccessIdentity, AccessRefusal>> {
  const first = await keysOf(terms, nowMs, KEYS_FRESH_MS);
  const verified = await verify(token, first, terms, nowMs);
  const payload =
    verified === "unknown-key" ? await verify(token, await keysOf(terms, nowMs, 0), terms, nowMs) : verified;
  if (payload === "no-keys") return err({ kind: "no-keys", detail: "the keys of the Access team cannot be read" });
  const claims = typeof payload === "string" ? null : claimsSchema.safeParse(payload);
  if (claims?.success !== true) {
    const why = typeof payload === "string" ? payload : "it names nobody";
    return err({ kind: "bad-token", detail: `the Cloudflare Access token does not hold: ${why}` });
  }
  const { email, exp } = claims.data;
  const role = roleOfEmail(email, terms);
  if (role === null)
    return err({ kind: "nobody", detail: "ACCESS_ADMINS and ACCESS_VIEWERS do not name this address" });
  return ok({ role, name: email.toLowerCase(), expiresAtMs: exp * 1000 });
}

async function verify(
  token: string,
  keys: KnownKeys["keys"],
  { teamUrl, audiences }: AccessTerms,
  nowMs: number,
): Promise<JWTPayload | string> {
  if (keys === null) return "no-keys";
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: teamUrl,
      audience: [...audiences],
      // What Access signs with; anything else, "none" above all, is not asked to prove itself.
      algorithms: ["RS256"],
      requiredClaims: ["exp", "iat"],
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(nowMs),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return "unknown-key";
    if (error instanceof errors.JWTExpired) return "it has expired";
    if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} is another`;
    return "it is not signed by the team";
  }
}

/** The keys, read anew where they are older than `freshMs`. */
async function keysOf(terms: AccessTerms, nowMs: number, freshMs: number): Promise<KnownKeys["keys"]> {
  const before = known.get(terms) ?? { keys: null, readAtMs: 0, askedAtMs: 0 };
  const isFresh = before.keys !== null && nowMs - before.readAtMs < freshMs;
  if (isFresh || nowMs - before.askedAtMs < ASK_AGAIN_MS) return usable(before, nowMs);
  // Requests that come while the first reads find no keys yet: each reads for itself then.
  if (before.keys !== null) known.set(terms, { ...before, askedAtMs: nowMs });
  const keys = await readKeys(terms);
  if (keys === null) {
    known.set(terms, { ...(known.get(terms) ?? before), askedAtMs: nowMs });
    return usable(before, nowMs);
  }
  known.set(terms, { keys, readAtMs: nowMs, askedAtMs: nowMs });
  return keys;
}

function usable({ keys, readAtMs }: KnownKeys, nowMs: number): KnownKeys["keys"] {
  return nowMs - readAtMs < KEYS_USABLE_MS ? keys : null;
}

async function readKeys({ teamUrl }: AccessTerms): Promise<KnownKeys["keys"]> {
  const outbound = createOutbound({
    fetch: (url, init) => fetch(url, init),
    allowedHosts: [new URL(teamUrl).host],
    timeoutMs: ASK_TIMEOUT_MS,
  });
  const url = `${teamUrl}/cdn-cgi/access/certs`;
  const answer = await outbound.send({ method: "GET", url }, { maxBytes: KEYS_BYTES_MAX });
  try {
    if (answer.kind !== "answer" || answer.status !== 200)
      throw new Error(answer.kind === "answer" ? String(answer.status) : answer.reason);
    return createLocalJWKSet(keySetSchema.parse(JSON.parse(answer.text)));
  } catch (error) {
    logEvent({ event: "access.keys", outcome: "failed", error });
    return null;
  }
}
