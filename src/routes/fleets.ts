// /api/fleets: the list, and one fleet as a document that is read, put, patched and deleted.

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { FleetKeeperRpc, WriteOptions } from "../durable/rpc.ts";
import { fleetStub } from "../durable/stubs.ts";
import { specPatchSchema, specRequestSchema } from "../fleet/spec.ts";
import { adminOnly, adminUnlessDryRun } from "./auth.ts";
import { confirmRefusal, type Consent } from "./confirm.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleets } from "./fleet-list.ts";
import { answer, answerFleet, answerPut, refusal } from "./present.ts";
import { fleetNotFound } from "./problem.ts";
import { formatFleets, formatPlan, formatPreflight, textOf } from "./table.ts";
import { dryRunQuery, expectedVersion, fleetName, formatQuery, jsonBody, query } from "./validate.ts";

/** Not of the spec: a target of 0 is confirmed like a down; a roll-out is an order. */
const orders = {
  confirm: z.string().max(100).optional(),
  force: z.boolean().optional(),
  rollOut: z.boolean().optional(),
};
const putSchema = specRequestSchema.extend(orders);
const patchSchema = specPatchSchema.extend(orders);

export const fleets = new Hono<DoorEnv>()
  .get("/", query(formatQuery), async (c) => {
    const list = await readFleets(c.env, null);
    return answer(c, list, () => formatFleets(list));
  })

  .get("/:fleet", fleetName, query(formatQuery), async (c) => {
    const fleet = await fleetStub(c.env, c.req.param("fleet")).describe();
    return fleet === null ? fleetNotFound(c.req.param("fleet")) : answerFleet(c, fleet);
  })

  .put("/:fleet", adminUnlessDryRun, fleetName, query(dryRunQuery), jsonBody(putSchema), async (c) => {
    const { confirm, force, rollOut, ...request } = c.req.valid("json");
    const fleet = c.req.param("fleet");
    const keeper = fleetStub(c.env, fleet);
    if (c.req.valid("query").dryRun === "true")
      return answerDryRun(c, await keeper.planSpec(fleet, request, { isPatch: false, rollOut }));
    const options = await writeOptions(c, keeper, request.target, { confirm, force });
    if (options instanceof Response) return options;
    const put = await keeper.put(fleet, request, { ...options, rollOut });
    return put.ok ? answerPut(c, put.value) : refusal(put.error);
  })

  .patch("/:fleet", adminUnlessDryRun, fleetName, query(dryRunQuery), jsonBody(patchSchema), async (c) => {
    const { confirm, force, rollOut, ...patch } = c.req.valid("json");
    const fleet = c.req.param("fleet");
    const keeper = fleetStub(c.env, fleet);
    if (c.req.valid("query").dryRun === "true")
      return answerDryRun(c, await keeper.planSpec(fleet, patch, { isPatch: true, rollOut }));
    const options = await writeOptions(c, keeper, patch.target, { confirm, force });
    if (options instanceof Response) return options;
    const patched = await keeper.patch(patch, { ...options, rollOut });
    return patched.ok ? answerPut(c, patched.value) : refusal(patched.error);
  })

  .delete("/:fleet", adminOnly, fleetName, query(formatQuery), async (c) => {
    const removed = await fleetStub(c.env, c.req.param("fleet")).remove(actorOf(c));
    return removed.ok ? c.json(removed.value) : refusal(removed.error);
  });

/**
 * How the write is to be made, or the answer that stops it. A confirmed ending is tied to the boxes and the version it was
 * confirmed for, so that what came in between is not ended with it. A fleet that is new, down or already
 * at 0 has nothing to confirm.
 */
async function writeOptions(
  c: Context<DoorEnv>,
  keeper: FleetKeeperRpc,
  target: number | undefined,
  given: Consent,
): Promise<WriteOptions | Response> {
  const actor = actorOf(c);
  const version = expectedVersion(c.req.header("If-Match"));
  if (version instanceof Response) return version;
  const asked: WriteOptions = { actor, expectedVersion: version };
  if (target !== 0 || given.force === true) return asked;
  const existing = await keeper.describe();
  if (existing === null || existing.mode === "down" || existing.spec.target === 0) return asked;
  const preview = await keeper.previewDown();
  if (!preview.ok) return refusal(preview.error);
  const refused = await confirmRefusal([preview.value], given, Date.now());
  return refused ?? { ...asked, confirmedFingerprint: preview.value.fingerprint };
}

function answerDryRun(c: Context<DoorEnv>, tried: Awaited<ReturnType<FleetKeeperRpc["planSpec"]>>) {
  if (!tried.ok) return refusal(tried.error);
  const { plan, preflight, notes } = tried.value;
  return answer(c, tried.value, () => textOf(notes) + formatPlan(plan) + formatPreflight(preflight));
}
