// Who asks, and what they may do. A role belongs to an operation and not to an HTTP method: a dry run is a read.

import type { Context, MiddlewareHandler } from "hono";
import { type Config, readConfig } from "../env.ts";
import { logEvent } from "../log.ts";
import type { NamedToken } from "../tokens.ts";
import { meaning } from "./describe.ts";
import type { DoorEnv, Identity } from "./door.ts";
import { type AccessRefusal, checkAccessToken } from "./access-token.ts";
import { addressOf, isGuessing, tooMany } from "./limits.ts";
import { isSameOrigin, needsSameOrigin } from "./own-origin.ts";
import { problem, type ProblemResponse } from "./problem.ts";
import { readSession } from "./session-cookie.ts";

/** Lets nobody through who has not shown one of the deployment's tokens, and notes who it is. */
export const authenticate: MiddlewareHandler<DoorEnv> = meaning(
  async (c, next) => {
    const who = await identify(c);
    if (who instanceof Response) return who;
    if (who.via !== "token" && needsSameOrigin(c) && !isSameOrigin(c)) return foreignWrite();
    c.set("who", who);
    c.set("role", who.role);
    return next();
  },
  {
    role: "viewer",
    refusals: [
      "unauthorized",
      "token-not-set",
      "forbidden",
      "foreign-origin",
      "access-unreachable",
      "too-many-requests",
    ],
  },
);

/** Who asks: by the bearer token where one is given, else by the browser's session, else by Cloudflare Access. */
export async function identify(c: Context<DoorEnv>): Promise<Identity | ProblemResponse> {
  const config = readConfig(c.env);
  if (config.tokens.length === 0 && config.access === null) return noTokenSet(config);
  const given = bearerToken(c.req.header("Authorization"));
  if (given !== null) {
    const token = await findToken(given, config.tokens);
    if (token === null) return refuseToken(c);
    return { role: token.role, name: token.name, via: "token", expiresAtMs: null };
  }
  const session = await readSession(c, config.tokens, Date.now());
  if (session !== null) return { ...session, via: "session" };
  const accessToken = c.req.header("Cf-Access-Jwt-Assertion");
  if (config.access === null || accessToken === undefined) return unauthorized(null);
  const checked = await checkAccessToken(accessToken, config.access, Date.now());
  return checked.ok ? { ...checked.value, via: "access" } : refuseAccess(checked.error);
}

function refuseAccess({ kind, detail }: AccessRefusal): ProblemResponse {
  const hint = "a bearer token or a session goes on working: ADMIN_TOKEN, VIEWER_TOKEN";
  if (kind === "bad-token") return unauthorized(detail);
  if (kind === "nobody") return problem({ code: "forbidden", detail, hint });
  return problem({ code: "access-unreachable", detail, hint, headers: { "Retry-After": "60" } });
}

/** For operations that change something, always. */
export const adminOnly: MiddlewareHandler<DoorEnv> = meaning(
  async (c, next) => (c.get("role") === "admin" ? next() : forbidden(c.env)),
  { role: "admin", refusals: ["forbidden"] },
);

/** For operations that change something unless `?dryRun=true`. */
export const adminUnlessDryRun: MiddlewareHandler<DoorEnv> = meaning(
  async (c, next) => (c.get("role") === "admin" || c.req.query("dryRun") === "true" ? next() : forbidden(c.env)),
  { role: "admin-unless-dry-run", refusals: ["forbidden"] },
);

function bearerToken(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** Which of the tokens this is. All are always compared, over hashes of equal length, so that the time taken tells nothing. */
export async function findToken(given: string, tokens: readonly NamedToken[]): Promise<NamedToken | null> {
  const hash = await sha256(given);
  const matches = await Promise.all(
    tokens.map(async ({ token }) => crypto.subtle.timingSafeEqual(hash, await sha256(token))),
  );
  return tokens[matches.indexOf(true)] ?? null;
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
}

export function noTokenSet(config: Config): ProblemResponse {
  const odd = config.problems.filter((sentence) => /^(?:(?:ADMIN|VIEWER)_TOKEN|ACCESS_[A-Z_]+)\b/.test(sentence));
  return problem({
    code: "token-not-set",
    detail: ["the secret ADMIN_TOKEN is missing", ...odd].join("; "),
    hint: "set it with `wrangler secret put ADMIN_TOKEN` (16 characters or more), or in .dev.vars for a local run",
  });
}

/**
 * A wrong token. A right one is never counted and never locked out by others behind its address; what stands in the way
 * of guessing is the token's length, and the limit keeps guesses from filling the log.
 */
export async function refuseToken(c: Context<DoorEnv>): Promise<ProblemResponse> {
  if (await isGuessing(c)) return tooMany("this address has sent too many wrong tokens");
  logEvent({ event: "login.refused", outcome: "refused", address: addressOf(c) });
  return unauthorized("the token is not one of this deployment's");
}

/** `fault`: what is wrong with the token that was given; `null`: none was. */
function unauthorized(fault: string | null): ProblemResponse {
  return problem({
    code: "unauthorized",
    detail: fault ?? "the request carries no bearer token and no session",
    hint: "send the header `Authorization: Bearer <ADMIN_TOKEN or VIEWER_TOKEN>`; a browser logs in by POST /api/session",
    headers: { "WWW-Authenticate": `Bearer realm="fleetkeeper"${fault === null ? "" : ', error="invalid_token"'}` },
  });
}

function foreignWrite(): ProblemResponse {
  return problem({
    code: "foreign-origin",
    detail: "a session changes things only from this deployment's own pages",
    hint: "a program sends `Authorization: Bearer …` instead of the cookie",
  });
}

export function forbidden(env: DoorEnv["Bindings"]): ProblemResponse {
  const hasAdmin = readConfig(env).tokens.some(({ role }) => role === "admin");
  return problem({
    code: "forbidden",
    detail: "the viewer's token reads and does dry runs; this needs the admin's",
    hint: hasAdmin ? "use ADMIN_TOKEN, or ?dryRun=true where the door has it" : "the secret ADMIN_TOKEN is not set",
  });
}
