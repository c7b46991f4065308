// /api/session: how a browser logs in with a token, sees who it is, and logs out. It stands before `authenticate` and
// outside `Idempotency-Key`: logging in twice gives two sessions and changes nothing else, and a fingerprint of a body
// that holds a token is not stored.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { readConfig } from "../env.ts";
import { recordAudit } from "./audit.ts";
import { findToken, identify, noTokenSet, refuseToken } from "./auth.ts";
import { both, describe, nothingMore } from "./describe.ts";
import type { DoorEnv, Identity } from "./door.ts";
import { isForeign } from "./own-origin.ts";
import { answer } from "./present.ts";
import { problem, type ProblemResponse } from "./problem.ts";
import { closeSession, openSession } from "./session-cookie.ts";
import { sessionSchema } from "./schemas/session.ts";
import { textOf } from "./table.ts";
import { formatQuery, jsonBody, limitBody, query } from "./validate.ts";

const loginSchema = z
  .strictObject({ token: z.string().min(1).max(1000).meta({ description: "One of the deployment's tokens" }) })
  .meta({ ref: "Login", examples: [{ token: "dS8NVBVASHg_0123456789" }] });

export type SessionDocument = Pick<Identity, "role" | "name" | "via"> & { readonly expiresAt: string | null };

const words = {
  read: describe("readSession", {
    chapter: "Service",
    summary: "Who asks: by a token, a browser's session or Cloudflare Access",
    answers: { 200: both(sessionSchema) },
    refusals: ["unauthorized", "forbidden", "token-not-set", "access-unreachable", "too-many-requests"],
  }),
  open: describe("openSession", {
    chapter: "Service",
    summary: "Logs a browser in with a token, by a cookie that its scripts cannot read",
    answers: { 201: both(sessionSchema, "Logged in") },
    refusals: ["unauthorized", "token-not-set", "foreign-origin", "too-many-requests", "body-too-large"],
  }),
  close: describe("closeSession", {
    chapter: "Service",
    summary: "Logs a browser out",
    answers: { 204: nothingMore("Logged out") },
    refusals: ["foreign-origin"],
  }),
};

export const session = new Hono<DoorEnv>()
  .get("/", words.read, query(formatQuery), async (c) => {
    const who = await identify(c);
    return who instanceof Response ? who : answerSession(c, who);
  })

  .post("/", words.open, limitBody, query(formatQuery), jsonBody(loginSchema), async (c) => {
    if (isForeign(c)) return foreignLogin();
    const config = readConfig(c.env);
    if (config.tokens.length === 0) return noTokenSet(config);
    const token = await findToken(c.req.valid("json").token.trim(), config.tokens);
    if (token === null) return refuseToken(c);
    const who: Identity = { ...(await openSession(c, token, Date.now())), via: "session" };
    recordAudit(c, { who, operation: "POST /api/session", outcome: "done", status: 201 });
    return answerSession(c, who, 201);
  })

  .delete("/", words.close, query(formatQuery), (c) => {
    if (isForeign(c)) return foreignLogin();
    closeSession(c);
    return c.body(null, 204);
  });

function answerSession(c: Context<DoorEnv>, { role, name, via, expiresAtMs }: Identity, status: 200 | 201 = 200) {
  // A token by itself has no end.
  const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs).toISOString();
  return answer(
    c,
    { role, name, via, expiresAt },
    () => textOf([`${name} (${role}) by ${via}${expiresAt === null ? "" : ` until ${expiresAt}`}`]),
    status,
  );
}

function foreignLogin(): ProblemResponse {
  return problem({
    code: "foreign-origin",
    detail: "a page of another site sent this",
    hint: "log in and out on this deployment's own pages",
  });
}
