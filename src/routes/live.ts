// GET /api/fleets/{fleet}/live: a WebSocket that tells an open page what changes in a fleet (docs/decisions/0046).

import { Hono } from "hono";
import { openLive } from "../durable/stubs.ts";
import { SOCKETS_MAX } from "../durable/live-sockets.ts";
import { describe, nothingMore } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { isForeign } from "./own-origin.ts";
import { fleetNotFound, problem } from "./problem.ts";
import { fleetName } from "./validate.ts";

const words = describe("watchFleet", {
  chapter: "Fleets",
  summary: "A WebSocket that tells what changes in a fleet",
  description:
    "First the whole document, then what has changed, at most once a second. Messages are numbered (`seq`); send `fleet` to get the whole document again.",
  answers: { 101: nothingMore("The socket is open") },
  refusals: ["upgrade-required", "foreign-origin", "fleet-not-found", "too-many-viewers"],
});

export const live = new Hono<DoorEnv>().get("/:fleet/live", words, fleetName, async (c) => {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") return upgradeRequired();
  // Of a session `authenticate` has asked more: a browser sends our cookie along with a socket that any site opens.
  if (isForeign(c)) return foreign();
  const fleet = c.req.param("fleet");
  const answer = await openLive(c.env, fleet, c.get("who").expiresAtMs);
  if (answer.status === 404) return fleetNotFound(fleet);
  if (answer.webSocket === null) return tooMany(fleet);
  return new Response(null, { status: 101, webSocket: answer.webSocket });
});

function foreign(): Response {
  return problem({
    code: "foreign-origin",
    detail: "a page of another site asks for a live view",
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
