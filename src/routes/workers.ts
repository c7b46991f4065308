// /api/fleets/{fleet}/workers/{slot}/…: one worker by hand.

import { Hono } from "hono";
import { fleetStub } from "../durable/stubs.ts";
import { adminOnly } from "./auth.ts";
import { both, describe } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { answerByHand, answerSsh, refusal } from "./present.ts";
import { byHandSchema, sshSchema } from "./schemas/answers.ts";
import { fleetName, formatQuery, jsonBody, nothing, query, slotNumber } from "./validate.ts";

const sshWords = describe("readWorkerSsh", {
  chapter: "Workers",
  summary: "How to log in to the worker of a slot, and what to look at there",
  answers: { 200: both(sshSchema) },
  refusals: ["fleet-not-found", "worker-not-found"],
});

export const workers = new Hono<DoorEnv>()
  .post(
    "/:fleet/workers/:slot/replace",
    describe("replaceWorker", {
      chapter: "Workers",
      summary: "Ends the worker of a slot; another is rented in its place",
      answers: { 202: both(byHandSchema, "Ordered") },
      refusals: ["fleet-not-found", "worker-not-found", "fleet-is-down"],
    }),
    adminOnly,
    fleetName,
    slotNumber,
    query(formatQuery),
    jsonBody(nothing),
    async (c) => {
      const keeper = fleetStub(c.env, c.req.param("fleet"));
      return answerByHand(c, await keeper.replaceWorker(Number(c.req.param("slot")), actorOf(c)));
    },
  )

  .get("/:fleet/workers/:slot/ssh", sshWords, fleetName, slotNumber, query(formatQuery), async (c) => {
    const ssh = await fleetStub(c.env, c.req.param("fleet")).ssh({ slot: Number(c.req.param("slot")) });
    return ssh.ok ? answerSsh(c, ssh.value) : refusal(ssh.error);
  });
