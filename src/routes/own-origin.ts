// Whether a request comes from a page of ours. A browser sends its cookies by itself, also for a page of somebody else,
// and says in `Origin` and `Sec-Fetch-Site` whose page it was; no script can forge either.

import type { Context } from "hono";
import { readConfig } from "../env.ts";
import type { DoorEnv } from "./door.ts";

/** True only where the browser says so: a request that says nothing is no page's. */
export function isSameOrigin(c: Context<DoorEnv>): boolean {
  return c.req.header("Sec-Fetch-Site") === "same-origin" || isOwn(c, c.req.header("Origin"));
}

/** True where a browser says that another site's page sent it. A program, which says nothing, passes. */
export function isForeign(c: Context<DoorEnv>): boolean {
  const isSaid = c.req.header("Origin") !== undefined || !["none", undefined].includes(c.req.header("Sec-Fetch-Site"));
  return isSaid && !isSameOrigin(c);
}

/** What changes something, or opens a socket to which a page of another site could listen. */
export function needsSameOrigin(c: Context<DoorEnv>): boolean {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  return !isRead || c.req.header("Upgrade") !== undefined;
}

function isOwn(c: Context<DoorEnv>, origin: string | undefined): boolean {
  if (origin === undefined) return false;
  const { publicUrl } = readConfig(c.env);
  return origin === new URL(c.req.url).origin || (publicUrl !== null && origin === new URL(publicUrl).origin);
}
