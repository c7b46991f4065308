// /api/strays: boxes on the account that no fleet of this keeper owns. No CHECK touches them; a person may.

import { Hono } from "hono";
import { z } from "zod";
import type { BoxFacts, DoorRefusal, StrayEnd, StrayList } from "../durable/rpc.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import type { Result } from "../fleet/result.ts";
import { adminOnly } from "./auth.ts";
import { confirmStrayRefusal, consentFields } from "./confirm.ts";
import { both, describe, json } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleetNames } from "./fleet-list.ts";
import { answer, refusal } from "./present.ts";
import { invalidRequest, type ProblemResponse } from "./problem.ts";
import { adoptSchema as adoptAnswerSchema } from "./schemas/answers.ts";
import { strayEndSchema, strayIgnoredSchema, strayListSchema } from "./schemas/strays.ts";
import { textOf } from "./table.ts";
import { formatStrays } from "./table-strays.ts";
import { formatQuery, instanceNumber, jsonBody, nothing, query } from "./validate.ts";

const fleet = z.string().max(100).meta({ description: "Left out: the fleet of its label, or the only one" });
const adoptSchema = z.strictObject({ fleet: fleet.optional() }).meta({ ref: "Adopt", examples: [{ fleet: "zeb" }] });
const destroySchema = z.strictObject(consentFields).meta({ ref: "StrayDestroy", examples: [{}] });

const unknown = ["no-such-instance", "not-a-stray", "market-unreachable"] as const;
const words = {
  list: describe("listStrays", {
    chapter: "Market",
    summary: "Boxes of the account that are no fleet's, and what they bill",
    answers: { 200: both(strayListSchema) },
  }),
  adopt: describe("adoptStray", {
    chapter: "Market",
    summary: "Makes a stray a fleet's worker",
    answers: { 200: both(adoptAnswerSchema) },
    refusals: [...unknown, "fleet-not-found", "fleet-is-down", "stray-is-ending"],
  }),
  destroy: describe("destroyStray", {
    chapter: "Market",
    summary: "Ends a stray; asks first",
    answers: { 202: both(strayEndSchema, "Ordered") },
    refusals: [...unknown, "confirm-required", "confirm-mismatch", "confirm-expired"],
  }),
  ignore: describe("ignoreStray", {
    chapter: "Market",
    summary: "Leaves a stray out of totals",
    answers: { 200: json(strayIgnoredSchema) },
    refusals: unknown,
  }),
  heed: describe("heedStray", {
    chapter: "Market",
    summary: "Counts an ignored stray again",
    answers: { 200: json(strayIgnoredSchema) },
    refusals: unknown,
  }),
};

export const strays = new Hono<DoorEnv>()
  .get("/", words.list, query(formatQuery), async (c) => {
    const list: StrayList = await accountStub(c.env).strays();
    return answer(c, list, () => formatStrays(list));
  })

  .post("/:id/adopt", words.adopt, adminOnly, instanceNumber, query(formatQuery), jsonBody(adoptSchema), async (c) => {
    const preview = await accountStub(c.env).previewStray(Number(c.req.param("id")));
    if (!preview.ok) return refusal(preview.error);
    const { stray } = preview.value;
    const name = await fleetFor(c.env, c.req.valid("json").fleet, stray);
    if (name instanceof Response) return name;
    const adopted = await fleetStub(c.env, name).adopt(stray, actorOf(c));
    return adopted.ok ? answer(c, adopted.value, () => textOf(adopted.value.lines)) : refusal(adopted.error);
  })

  .post(
    "/:id/destroy",
    words.destroy,
    adminOnly,
    instanceNumber,
    query(formatQuery),
    jsonBody(destroySchema),
    async (c) => {
      const account = accountStub(c.env);
      const instanceId = Number(c.req.param("id"));
      const given = c.req.valid("json");
      const preview = await account.previewStray(instanceId);
      if (!preview.ok) return refusal(preview.error);
      const { stray, fingerprint } = preview.value;
      // What has been ordered already is not asked for again: the caller sees how far it is.
      const refused = stray.isEnding ? null : await confirmStrayRefusal(preview.value, given, Date.now());
      if (refused !== null) return refused;
      const confirmed = given.force === true ? null : fingerprint;
      const ended: Result<StrayEnd, DoorRefusal> = await account.destroyStray(instanceId, confirmed, actorOf(c));
      return ended.ok ? answer(c, ended.value, () => textOf(endLines(ended.value)), 202) : refusal(ended.error);
    },
  )

  .post("/:id/ignore", words.ignore, adminOnly, instanceNumber, query(formatQuery), jsonBody(nothing), async (c) => {
    const ignored = await accountStub(c.env).ignoreStray(Number(c.req.param("id")), true, actorOf(c));
    return ignored.ok ? c.json({ ...ignored.value, ignored: true }) : refusal(ignored.error);
  })

  .delete("/:id/ignore", words.heed, adminOnly, instanceNumber, query(formatQuery), async (c) => {
    const heeded = await accountStub(c.env).ignoreStray(Number(c.req.param("id")), false, actorOf(c));
    return heeded.ok ? c.json({ ...heeded.value, ignored: false }) : refusal(heeded.error);
  });

/** The fleet named, else the one of the stray's label, else the only one there is. */
async function fleetFor(
  env: DoorEnv["Bindings"],
  wanted: string | undefined,
  { label }: BoxFacts,
): Promise<string | ProblemResponse> {
  const { names } = await readFleetNames(env, null);
  if (wanted !== undefined) {
    const fault = fleetNameProblem(wanted);
    return fault === null ? wanted : invalidRequest([{ field: "fleet", expected: fault, got: wanted }]);
  }
  const own = names.find((name) => label?.startsWith(`${name}-worker-vast-`) === true);
  const only = names.length === 1 ? names[0] : undefined;
  const found = own ?? only;
  if (found !== undefined) return found;
  return invalidRequest([
    { field: "fleet", expected: names.length === 0 ? "a fleet, and there is none" : `one of ${names.join(", ")}` },
  ]);
}

function endLines({ stray, attempts, lastError, waitsFor }: StrayEnd): readonly string[] {
  const what = `Destroying stray ${stray.instanceId} (${stray.label ?? "no label"}, ${stray.gpu ?? "GPU"})...`;
  if (waitsFor !== null) return [what, `  waits for a proven list (${waitsFor}); nothing is destroyed before.`];
  if (lastError !== null) return [what, `  not destroyed yet (${lastError}); it is tried again after every sweep.`];
  return [what, attempts === 0 ? "  the call goes out now." : "  destroyed; the next lists prove it gone."];
}
