// /api/fleets: the list, and one fleet as a document that is read, put, patched and deleted.

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { FleetKeeperRpc, WriteOptions } from "../durable/rpc.ts";
import { fleetStub } from "../durable/stubs.ts";
import { specPatchSchema, specRequestSchema } from "../fleet/spec.ts";
import { adminOnly, adminUnlessDryRun } from "./auth.ts";
import { confirmRefusal, type Consent, consentFields } from "./confirm.ts";
import { both, describe, json } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleets } from "./fleet-list.ts";
import { answer, answerFleet, answerPut, refusal } from "./present.ts";
import { fleetNotFound, type ProblemResponse } from "./problem.ts";
import { dryPutSchema, putSchema as putAnswerSchema, removedSchema } from "./schemas/answers.ts";
import { fleetSchema } from "./schemas/fleet.ts";
import { fleetListSchema } from "./schemas/status.ts";
import { formatFleets, formatPlan, formatPreflight, textOf } from "./table.ts";
import { dryRunQuery, expectedVersion, fleetName, formatQuery, jsonBody, query } from "./validate.ts";

/** Not of the spec: a target of 0 is confirmed like a down; a roll-out is an order. */
const orders = {
  ...consentFields,
  rollOut: z
    .boolean()
    .optional()
    .meta({ description: "Replaces running workers that no longer match, a batch at a time; `false` ends that" }),
};
const putSchema = specRequestSchema.extend(orders).meta({ ref: "FleetPut", examples: [{ target: 4 }] });
const patchSchema = specPatchSchema.extend(orders).meta({ ref: "FleetPatch", examples: [{ target: 8 }] });
const writeRefusals = [
  "version-mismatch",
  "confirm-required",
  "confirm-mismatch",
  "confirm-expired",
  "invalid-spec",
  "workload-not-found",
  "storage-unavailable",
] as const;

const words = {
  list: describe("listFleets", {
    chapter: "Fleets",
    summary: "The fleets there are",
    answers: { 200: both(fleetListSchema) },
  }),
  read: describe("readFleet", {
    chapter: "Fleets",
    summary: "One fleet, whole; its version is the ETag",
    answers: { 200: both(fleetSchema) },
    refusals: ["fleet-not-found"],
  }),
  put: describe("putFleet", {
    chapter: "Fleets",
    summary: "The whole spec of a fleet; makes the fleet where there is none",
    description: "What is left out goes back to the preset's value. A target of 0 is a way down and asks first.",
    headers: { "If-Match": "The ETag of the fleet that was read, or `*`" },
    answers: {
      200: both(z.union([putAnswerSchema, dryPutSchema]), "Changed, or tried"),
      201: both(putAnswerSchema, "Made"),
    },
    refusals: writeRefusals,
  }),
  patch: describe("patchFleet", {
    chapter: "Fleets",
    summary: "A part of the spec; what is left out stays",
    headers: { "If-Match": "The ETag of the fleet that was read, or `*`" },
    answers: { 200: both(z.union([putAnswerSchema, dryPutSchema]), "Changed, or tried") },
    refusals: ["fleet-not-found", ...writeRefusals],
  }),
  remove: describe("deleteFleet", {
    chapter: "Fleets",
    summary: "Forgets a fleet that is down and proven empty",
    answers: { 200: json(removedSchema) },
    refusals: ["fleet-not-found", "not-empty"],
  }),
};

export const fleets = new Hono<DoorEnv>()
  .get("/", words.list, query(formatQuery), async (c) => {
    const list = await readFleets(c.env, null);
    return answer(c, list, () => formatFleets(list));
  })

  .get("/:fleet", words.read, fleetName, query(formatQuery), async (c) => {
    const fleet = await fleetStub(c.env, c.req.param("fleet")).describe();
    return fleet === null ? fleetNotFound(c.req.param("fleet")) : answerFleet(c, fleet);
  })

  .put("/:fleet", words.put, adminUnlessDryRun, fleetName, query(dryRunQuery), jsonBody(putSchema), async (c) => {
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

  .patch("/:fleet", words.patch, adminUnlessDryRun, fleetName, query(dryRunQuery), jsonBody(patchSchema), async (c) => {
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

  .delete("/:fleet", words.remove, adminOnly, fleetName, query(formatQuery), async (c) => {
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
): Promise<WriteOptions | ProblemResponse> {
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
