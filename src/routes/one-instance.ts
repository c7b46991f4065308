// /api/instances/{id}: one box of the account by its number, logged in to or ended. Its log is in instances.ts.

import { Hono } from "hono";
import { z } from "zod";
import type { BoxFacts, DoorRefusal, SshAnswer } from "../durable/rpc.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { sshAdvice } from "../fleet/ssh-advice.ts";
import { adminOnly, forbidden } from "./auth.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { answerByHand, answerSsh, refusal } from "./present.ts";
import { formatQuery, instanceNumber, query } from "./validate.ts";

const endQuery = formatQuery.extend({ shrink: z.enum(["true", "false"]).optional() });

export const oneInstance = new Hono<DoorEnv>()
  .get("/:id/ssh", instanceNumber, query(formatQuery), async (c) => {
    const found = await accountStub(c.env).box(Number(c.req.param("id")));
    if (!found.ok) return refusal(found.error);
    const box = found.value;
    // Somebody else's box on this account.
    if (box.fleet === null && c.get("role") !== "admin") return forbidden(c.env);
    return answerSsh(c, await sshOf(c.env, box));
  })

  .delete("/:id", adminOnly, instanceNumber, query(endQuery), async (c) => {
    const instanceId = Number(c.req.param("id"));
    const found = await accountStub(c.env).box(instanceId);
    if (!found.ok) return refusal(found.error);
    const box = found.value;
    if (box.fleet === null) return refusal(stray(box));
    const isShrink = c.req.valid("query").shrink === "true";
    const keeper = fleetStub(c.env, box.fleet);
    return answerByHand(c, await keeper.endInstance(instanceId, isShrink, actorOf(c)));
  });

/** From its fleet, which knows its log; a box that the fleet has not met, or no longer counts, from the list alone. */
async function sshOf(env: Env, box: BoxFacts): Promise<SshAnswer> {
  const { instanceId, label, status } = box;
  const known = box.fleet === null ? null : await fleetStub(env, box.fleet).ssh({ instanceId });
  if (known?.ok === true) return known.value;
  return { instanceId, label, status: status ?? "provisioning", ...sshAdvice({ ...box, log: null }) };
}

function stray({ instanceId, strayWhy }: BoxFacts): DoorRefusal {
  return {
    code: "is-stray",
    detail: `no fleet of this keeper owns instance ${instanceId}: ${strayWhy ?? "not known"}`,
    hint: `POST /api/strays/${instanceId}/destroy ends it, /adopt makes it a fleet's`,
  };
}
