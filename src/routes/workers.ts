// /api/fleets/{fleet}/workers/{slot}/…: one worker by hand.

import { Hono } from "hono";
import { fleetStub } from "../durable/stubs.ts";
import { adminOnly } from "./auth.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { answerByHand, answerSsh, refusal } from "./present.ts";
import { fleetName, formatQuery, jsonBody, nothing, query, slotNumber } from "./validate.ts";

export const workers = new Hono<DoorEnv>()
  .post(
    "/:fleet/workers/:slot/replace",
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

  .get("/:fleet/workers/:slot/ssh", fleetName, slotNumber, query(formatQuery), async (c) => {
    const ssh = await fleetStub(c.env, c.req.param("fleet")).ssh({ slot: Number(c.req.param("slot")) });
    return ssh.ok ? answerSsh(c, ssh.value) : refusal(ssh.error);
  });
