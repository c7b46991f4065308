// /hooks: what others tell us by themselves. No token opens these doors, only a signature; and what comes in is a reason to
// look, never a fact.

import { Hono } from "hono";
import { hearVast } from "../durable/vast-hook.ts";
import { describe, json } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { problem } from "./problem.ts";
import { hookSchema } from "./schemas/alerts.ts";

const words = describe("hearVast", {
  chapter: "Service",
  summary: "Where Vast tells of events by itself; the signature is the key",
  // What it says is read as bytes, signed as a whole, and believed in nothing.
  body: { "application/json": { schema: {} } },
  answers: { 200: json(hookSchema) },
  refusals: ["hook-not-set", "hook-refused"],
});

export const hooks = new Hono<DoorEnv>().post("/vast", words, async (c) => {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const heard = await hearVast(c.env, c.req.raw.headers, body, Date.now());
  switch (heard.kind) {
    case "not-set":
      return problem({
        code: "hook-not-set",
        detail: "the secret VAST_WEBHOOK_SECRET is missing",
        hint: "it is the signing secret that Vast shows once, when the webhook is made",
      });
    case "refused":
      return problem({
        code: "hook-refused",
        detail: heard.why,
        hint: "the secret must be the one of this webhook, and the clocks must agree",
      });
    case "hinted":
    case "repeated":
    case "ignored":
      return c.json({ result: heard.kind });
  }
});
