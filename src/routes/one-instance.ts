// /api/instances/{id}: one box of the account by its number, logged in to or ended. Its log is in instances.ts.

import { Hono } from "hono";
import { z } from "zod";
import { instancesFind } from "../db/instances.ts";
import { withDeadline } from "../deadline.ts";
import type { BoxFacts, DoorRefusal, SshAnswer } from "../durable/rpc.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { sshAdvice } from "../fleet/ssh-advice.ts";
import { describeFault, logEvent } from "../log.ts";
import { adminOnly, forbidden } from "./auth.ts";
import { both, describe } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { iso } from "./history.ts";
import { answerByHand, answerSsh, refusal } from "./present.ts";
import { byHandSchema, sshSchema } from "./schemas/answers.ts";
import { formatQuery, instanceNumber, query } from "./validate.ts";

const endQuery = formatQuery.extend({
  shrink: z.enum(["true", "false"]).optional().meta({ description: "`true`: lowers the target with it" }),
});

const words = {
  ssh: describe("readInstanceSsh", {
    chapter: "Workers",
    summary: "How to log in to an instance, and what to look at there",
    answers: { 200: both(sshSchema) },
    refusals: ["no-such-instance", "instance-ended", "market-unreachable", "forbidden"],
  }),
  end: describe("endInstance", {
    chapter: "Workers",
    summary: "Ends one instance; its fleet fills the place again",
    answers: { 202: both(byHandSchema, "Ordered") },
    refusals: [
      "no-such-instance",
      "instance-ended",
      "market-unreachable",
      "is-stray",
      "fleet-not-found",
      "worker-not-found",
      "fleet-is-down",
    ],
  }),
};

export const oneInstance = new Hono<DoorEnv>()
  .get("/:id/ssh", words.ssh, instanceNumber, query(formatQuery), async (c) => {
    const instanceId = Number(c.req.param("id"));
    const found = await accountStub(c.env).box(instanceId);
    if (!found.ok) return refusal(await withItsEnd(c.env, instanceId, found.error));
    const box = found.value;
    // Somebody else's box on this account.
    if (box.fleet === null && c.get("role") !== "admin") return forbidden(c.env);
    return answerSsh(c, await sshOf(c.env, box));
  })

  .delete("/:id", words.end, adminOnly, instanceNumber, query(endQuery), async (c) => {
    const instanceId = Number(c.req.param("id"));
    const found = await accountStub(c.env).box(instanceId);
    if (!found.ok) return refusal(await withItsEnd(c.env, instanceId, found.error));
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

/** Of a box that a fleet had: when and why it ended, where the ledger knows. */
async function withItsEnd(env: Env, instanceId: number, refused: DoorRefusal): Promise<DoorRefusal> {
  if (refused.code !== "no-such-instance") return refused;
  try {
    const entry = await withDeadline(instancesFind(env.DB, instanceId));
    if (entry?.endedAtMs === null || entry === null) return refused;
    const { fleet, slot, endedAtMs, endCause, endReason } = entry;
    const why = [endCause, endReason].filter((word) => word !== null).join(": ");
    return {
      code: "instance-ended",
      detail: `instance ${instanceId}, worker ${slot} of ${fleet}, ended at ${iso(endedAtMs)}${why === "" ? "" : ` (${why})`}`,
      hint: `GET /api/instances/${instanceId}/logs has its last lines, GET /api/events?instance=${instanceId} what led to it`,
    };
  } catch (error) {
    logEvent({ event: "door.ledger", outcome: "failed", instanceId, detail: describeFault(error) });
    return refused;
  }
}

function stray({ instanceId, strayWhy }: BoxFacts): DoorRefusal {
  return {
    code: "is-stray",
    detail: `no fleet of this keeper owns instance ${instanceId}: ${strayWhy ?? "not known"}`,
    hint: `POST /api/strays/${instanceId}/destroy ends it, /adopt makes it a fleet's`,
  };
}
