// /hooks: what others tell us by themselves. No token opens these doors, only a signature; and what comes in is a reason to
// look, never a fact.

import { Hono } from "hono";
import { hearVast } from "../durable/vast-hook.ts";
import type { DoorEnv } from "./door.ts";
import { problem } from "./problem.ts";

export const hooks = new Hono<DoorEnv>().post("/vast", async (c) => {
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
