// GET /healthz: is the keeper there, and does its history answer? Open to everybody, so it says nothing else.

import { Hono } from "hono";
import { version } from "../version.ts";
import { fleetsReadLastCheckAtMs } from "../db/fleets.ts";
import { logEvent } from "../log.ts";
import { withDeadline } from "../deadline.ts";
import { describe, json } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { healthSchema } from "./schemas/instances.ts";

export interface Health {
  readonly ok: boolean;
  readonly version: string;
  readonly d1: "ok" | "unreachable";
  /** `null`: no fleet has been checked yet; left out while D1 does not answer. */
  readonly lastCheckAgeSeconds?: number | null;
}

const words = describe("readHealth", {
  chapter: "Service",
  summary: "Is the keeper there, and does its history answer?",
  answers: { 200: json(healthSchema), 503: json(healthSchema, "The history does not answer") },
});

/** 503 while D1 does not answer: the fleets are kept without it, but history and blacklist stand still. */
export const healthz = new Hono<DoorEnv>().get("/", words, async (c) => {
  const lastCheck = await readLastCheck(c.env.DB);
  const body: Health = { ok: lastCheck.isRead, version, d1: lastCheck.isRead ? "ok" : "unreachable" };
  if (!lastCheck.isRead) return c.json(body, 503);
  const health: Health = { ...body, lastCheckAgeSeconds: ageSeconds(lastCheck.atMs) };
  return c.json(health);
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
