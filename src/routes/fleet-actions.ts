// /api/fleets/{fleet}/…: what a person asks a fleet to do now. The one that ends it is in down.ts.

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { DoorRefusal, LaunchAnswer } from "../durable/rpc.ts";
import { fleetStub } from "../durable/stubs.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { presetNames } from "../fleet/preset.ts";
import type { Result } from "../fleet/result.ts";
import { normaliseGpu, specPatchSchema } from "../fleet/spec.ts";
import { adminOnly, adminUnlessDryRun } from "./auth.ts";
import { both, describe, type DoorWords } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { answer, answerFleet, refusal } from "./present.ts";
import { launchSchema } from "./schemas/answers.ts";
import { fleetSchema, planSchema } from "./schemas/fleet.ts";
import { formatPlan, textOf } from "./table.ts";
import { dryRunQuery, fleetName, formatQuery, jsonBody, nothing, query } from "./validate.ts";

const count = z.int().min(1).max(1000);
const gpu = z.string().trim().min(1).max(64).transform(normaliseGpu);
/** What the launch scripts took from `ZEB_…`, beside the count and one GPU type (runbook §9). */
const launchFields = {
  weightsName: true,
  weightsRepo: true,
  examplesRepo: true,
  maxPriceUsdPerHour: true,
  gpus: true,
} as const;
const upSchema = specPatchSchema
  .pick(launchFields)
  .extend({
    count: count.meta({ description: "So many more; a new fleet's target" }),
    gpu: gpu.optional().meta({ description: "Replaces the list of GPU types" }),
    preset: z.enum(presetNames).optional().meta({ description: "Where the rest of a new fleet comes from" }),
  })
  .meta({ ref: "Up", examples: [{ count: 4, gpu: "RTX 3090", preset: "zeb" }] });
const replenishSchema = z
  .strictObject({ count: count.meta({ description: "At least so many workers" }) })
  .meta({ ref: "Replenish", examples: [{ count: 4 }] });

/** An order to a fleet that answers the fleet. */
function order(id: string, summary: string, refusals: DoorWords["refusals"] = []) {
  return describe(id, {
    chapter: "Fleets",
    summary,
    answers: { 200: both(fleetSchema) },
    refusals: ["fleet-not-found", ...refusals],
  });
}

const words = {
  up: describe("upFleet", {
    chapter: "Fleets",
    summary: "So many workers more, or a new fleet of so many",
    description:
      "A new or down fleet gets this target; another one max(target, live + count). Launches go on without the caller.",
    answers: { 202: both(launchSchema, "Begun") },
    refusals: ["invalid-spec", "workload-not-found", "storage-unavailable"],
  }),
  replenish: describe("replenishFleet", {
    chapter: "Fleets",
    summary: "At least so many workers, and a CHECK now",
    answers: { 202: both(launchSchema, "Begun") },
    refusals: [
      "fleet-not-found",
      "fleet-is-down",
      "fleet-is-new",
      "invalid-spec",
      "workload-not-found",
      "storage-unavailable",
    ],
  }),
  pause: order("pauseFleet", "Stops keeping it; the workers go on", ["fleet-is-down"]),
  resume: order("resumeFleet", "Keeps it again", ["fleet-is-down"]),
  closeBreaker: order("closeBreaker", "What failed on all machines alike is mended"),
  check: describe("checkFleet", {
    chapter: "Fleets",
    summary: "One CHECK now, or its plan",
    answers: { 200: both(z.union([fleetSchema, planSchema]), "The fleet; with `dryRun=true` the plan") },
    refusals: ["fleet-not-found", "check-running", "market-unreachable"],
  }),
};

export const fleetActions = new Hono<DoorEnv>()
  .post("/:fleet/up", words.up, adminOnly, fleetName, query(formatQuery), jsonBody(upSchema), async (c) => {
    const fleet = c.req.param("fleet");
    const launch = await fleetStub(c.env, fleet).up(fleet, c.req.valid("json"), actorOf(c));
    return answerLaunch(c, launch);
  })

  .post(
    "/:fleet/replenish",
    words.replenish,
    adminOnly,
    fleetName,
    query(formatQuery),
    jsonBody(replenishSchema),
    async (c) => {
      const keeper = fleetStub(c.env, c.req.param("fleet"));
      return answerLaunch(c, await keeper.replenish(c.req.valid("json").count, actorOf(c)));
    },
  )

  .post("/:fleet/pause", words.pause, adminOnly, fleetName, query(formatQuery), jsonBody(nothing), async (c) => {
    const keeper = fleetStub(c.env, c.req.param("fleet"));
    return answerChange(c, await keeper.pause(actorOf(c)));
  })

  .post("/:fleet/resume", words.resume, adminOnly, fleetName, query(formatQuery), jsonBody(nothing), async (c) => {
    const keeper = fleetStub(c.env, c.req.param("fleet"));
    return answerChange(c, await keeper.resume(actorOf(c)));
  })

  .post(
    "/:fleet/breaker/close",
    words.closeBreaker,
    adminOnly,
    fleetName,
    query(formatQuery),
    jsonBody(nothing),
    async (c) => {
      const keeper = fleetStub(c.env, c.req.param("fleet"));
      return answerChange(c, await keeper.closeBreaker(actorOf(c)));
    },
  )

  .post(
    "/:fleet/check",
    words.check,
    adminUnlessDryRun,
    fleetName,
    query(dryRunQuery),
    jsonBody(nothing),
    async (c) => {
      const keeper = fleetStub(c.env, c.req.param("fleet"));
      if (c.req.valid("query").dryRun !== "true") return answerChange(c, await keeper.check(actorOf(c)));
      const plan = await keeper.plan();
      return plan.ok ? answer(c, plan.value, () => formatPlan(plan.value)) : refusal(plan.error);
    },
  );

/** 202: launches go on without the caller. */
function answerLaunch(c: Context<DoorEnv>, launch: Result<LaunchAnswer, DoorRefusal>) {
  return launch.ok ? answer(c, launch.value, () => textOf(launch.value.lines), 202) : refusal(launch.error);
}

function answerChange(c: Context<DoorEnv>, changed: Result<FleetDocument, DoorRefusal>) {
  return changed.ok ? answerFleet(c, changed.value) : refusal(changed.error);
}
