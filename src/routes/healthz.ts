// GET /healthz: is the keeper there, and does its history answer? Open to everybody, so it says nothing else.

import { Hono } from "hono";
import { version } from "../../package.json";
import { fleetsReadLastCheckAtMs } from "../db/fleets.ts";
import { logEvent } from "../log.ts";
import { withDeadline } from "../deadline.ts";
import type { DoorEnv } from "./door.ts";

/** 503 while D1 does not answer: the fleets are kept without it, but history and blacklist stand still. */
export const healthz = new Hono<DoorEnv>().get("/", async (c) => {
  const lastCheck = await readLastCheck(c.env.DB);
  const body = { ok: lastCheck.isRead, version, d1: lastCheck.isRead ? "ok" : "unreachable" } as const;
  if (!lastCheck.isRead) return c.json(body, 503);
  // `null`: no fleet has been checked yet.
  return c.json({ ...body, lastCheckAgeSeconds: ageSeconds(lastCheck.atMs) });
});

async function readLastCheck(db: D1Database): Promise<{ isRead: true; atMs: number | null } | { isRead: false }> {
  try {
    return { isRead: true, atMs: await withDeadline(fleetsReadLastCheckAtMs(db)) };
  } catch (error) {
    logEvent({ event: "d1.silent", outcome: "failed", error });
    return { isRead: false };
  }
}

function ageSeconds(atMs: number | null): number | null {
  return atMs === null ? null : Math.max(0, Math.round((Date.now() - atMs) / 1000));
}
