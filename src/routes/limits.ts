// How often one may ask: failed logins per address, writes and reads that reach the market per token. The runtime counts,
// roughly and per location; the figures are in wrangler.toml. Without the bindings nothing is limited.

import type { Context, MiddlewareHandler } from "hono";
import { logEvent } from "../log.ts";
import type { DoorEnv } from "./door.ts";
import { problem, type ProblemResponse } from "./problem.ts";

/** The `period` of every limit in wrangler.toml. */
const PERIOD_SECONDS = 60;

/** What is asked of Vast for the caller alone, and so uses up the pace that the fleets share. */
const MARKET_READS: readonly RegExp[] = [
  /^\/api\/offers$/,
  /^\/api\/instances\/[^/]+\/(?:logs|ssh)$/,
  // The Hub is asked, which has a pace too.
  /^\/api\/reports\/daily$/,
];

export const limitRequests: MiddlewareHandler<DoorEnv> = async (c, next) => {
  const { LIMIT_WRITES, LIMIT_MARKET_READS } = c.env;
  const { name } = c.get("who");
  // A tool asks a door inside, and that is counted.
  if (c.req.path === "/mcp") return next();
  if (isWrite(c)) {
    if (await isOverLimit(LIMIT_WRITES, `write ${name}`)) return tooMany("this token has sent too many writes");
  } else if (reachesMarket(c) && (await isOverLimit(LIMIT_MARKET_READS, `market ${name}`))) {
    return tooMany("this token has asked the market too often; the fleets share its pace");
  }
  return next();
};

/** Something is to be changed: a dry run is a read, whatever its method. */
export function isWrite(c: Context<DoorEnv>): boolean {
  return !["GET", "HEAD", "OPTIONS"].includes(c.req.method) && c.req.query("dryRun") !== "true";
}

/** Counts a failed login of this address; `true` when there have been too many. */
export async function isGuessing(c: Context<DoorEnv>): Promise<boolean> {
  return isOverLimit(c.env.LIMIT_LOGINS, `login ${networkOf(addressOf(c) ?? "unknown")}`);
}

/** Cloudflare writes the header itself; it is absent on this machine alone. */
export function addressOf(c: Context<DoorEnv>): string | null {
  return c.req.header("CF-Connecting-IP") ?? null;
}

/** Whoever has one IPv6 address has the 2^64 beside it. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const given = (before?.length ?? 0) + (after?.length ?? 0);
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - given) }, () => "0");
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(":");
}

export function tooMany(detail: string): ProblemResponse {
  return problem({
    code: "too-many-requests",
    detail,
    hint: `ask again in ${PERIOD_SECONDS} seconds; nothing has been changed`,
    headers: { "Retry-After": String(PERIOD_SECONDS) },
  });
}

function reachesMarket(c: Context<DoorEnv>): boolean {
  const isDryRun = c.req.method !== "GET" && c.req.query("dryRun") === "true";
  const isEstimate = c.req.path === "/api/cost" && ["workers", "gpu"].some((name) => c.req.query(name) !== undefined);
  return isDryRun || isEstimate || MARKET_READS.some((path) => path.test(c.req.path));
}

/** A limiter that is not bound or fails limits nothing: the tokens still stand in the way. */
export async function isOverLimit(limiter: RateLimit | undefined, key: string): Promise<boolean> {
  if (limiter === undefined) return false;
  try {
    return !(await limiter.limit({ key })).success;
  } catch (error) {
    logEvent({ event: "limit.failed", outcome: "failed", error });
    return false;
  }
}
