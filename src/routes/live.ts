// GET /api/fleets/{fleet}/live: a WebSocket that tells an open page what changes in a fleet (docs/decisions/0046).

import { type Context, Hono } from "hono";
import { openLive } from "../durable/stubs.ts";
import { SOCKETS_MAX } from "../durable/live-sockets.ts";
import { readConfig } from "../env.ts";
import type { DoorEnv } from "./door.ts";
import { fleetNotFound, problem } from "./problem.ts";
import { fleetName } from "./validate.ts";

export const live = new Hono<DoorEnv>().get("/:fleet/live", fleetName, async (c) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") return upgradeRequired();
  const foreign = foreignOrigin(c);
  if (foreign !== null) return foreign;
  const fleet = c.req.param("fleet");
  const answer = await openLive(c.env, fleet, null);
  if (answer.status === 404) return fleetNotFound(fleet);
  if (answer.webSocket === null) return tooMany(fleet);
  return new Response(null, { status: 101, webSocket: answer.webSocket });
});

/**
 * A browser lets any site open a WebSocket and sends this one's cookie along, so the site that asks must be this one. A
 * program says no Origin; it has to show its token.
 */
function foreignOrigin(c: Context<DoorEnv>): Response | null {
  const origin = c.req.header("Origin");
  if (origin === undefined && c.req.header("Authorization") !== undefined) return null;
  const { publicUrl } = readConfig(c.env);
  const own = [new URL(c.req.url).origin, ...(publicUrl === null ? [] : [new URL(publicUrl).origin])];
  if (origin !== undefined && own.includes(origin)) return null;
  return problem({
    code: "foreign-origin",
    detail: `a live view is opened by ${own.join(" or ")}, not by ${origin?.slice(0, 100) ?? "nobody"}`,
    hint: "a program sends its token as `Authorization: Bearer …` and no Origin; behind a proxy set PUBLIC_URL",
  });
}

function upgradeRequired(): Response {
  return problem({
    code: "upgrade-required",
    detail: "the request does not ask for an upgrade to a WebSocket",
    hint: "open it as a WebSocket; GET /api/fleets/{fleet} is the same document once",
    headers: { Upgrade: "websocket", Connection: "Upgrade" },
  });
}

function tooMany(fleet: string): Response {
  return problem({
    code: "too-many-viewers",
    detail: `${SOCKETS_MAX} pages look at ${fleet} already`,
    hint: "close one, or ask GET /api/fleets/{fleet} now and then",
    headers: { "Retry-After": "30" },
  });
}
