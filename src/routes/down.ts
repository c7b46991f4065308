// Ending instances, with a confirmation: POST /api/fleets/{fleet}/down for this fleet exactly, POST /api/down for every
// fleet that a prefix names.

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { DownPreview } from "../durable/rpc.ts";
import { fleetStub } from "../durable/stubs.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import { adminOnly } from "./auth.ts";
import { confirmRefusal, type Consent, consentFields } from "./confirm.ts";
import { both, describe } from "./describe.ts";
import { actorOf, type DoorEnv } from "./door.ts";
import { readFleetNames, totalOf } from "./fleet-list.ts";
import { answer, answerFleet, refusal } from "./present.ts";
import { invalidRequest, problem, type ProblemCode, type ProblemResponse } from "./problem.ts";
import { downSchema as downAnswerSchema } from "./schemas/answers.ts";
import { fleetSchema } from "./schemas/fleet.ts";
import { formatStatus } from "./table.ts";
import { fleetName, formatQuery, jsonBody, query } from "./validate.ts";

const downSchema = z.strictObject(consentFields).meta({ ref: "DownRequest", examples: [{}] });
const prefixDownSchema = z
  .strictObject({ ...consentFields, prefix: z.string().meta({ description: "Fleets named so, or so-…" }) })
  .meta({ ref: "PrefixDownRequest", examples: [{ prefix: "zeb" }] });

const SILENT = "the fleet's keeper does not answer";

export interface DownAnswer {
  readonly fleets: readonly FleetDocument[];
  /** Empty in a good answer; a refusal lists here what could not be ended. */
  readonly failed: readonly {
    readonly fleet: string;
    readonly code: ProblemCode;
    readonly detail: string;
  }[];
  readonly notes: readonly string[];
}

const refusals = ["fleet-not-found", "confirm-required", "confirm-mismatch", "confirm-expired"] as const;

export const fleetDown = new Hono<DoorEnv>().post(
  "/:fleet/down",
  describe("downFleet", {
    chapter: "Fleets",
    summary: "Ends every worker of this fleet; asks first",
    answers: { 200: both(fleetSchema, "It empties itself") },
    refusals,
  }),
  adminOnly,
  fleetName,
  query(formatQuery),
  jsonBody(downSchema),
  async (c) => {
    const keeper = fleetStub(c.env, c.req.param("fleet"));
    const preview = await keeper.previewDown();
    if (!preview.ok) return refusal(preview.error);
    const given = c.req.valid("json");
    const refused = await confirmRefusal([preview.value], given, Date.now());
    if (refused !== null) return refused;
    const ended = await keeper.down(confirmedFingerprint(preview.value, given), actorOf(c));
    return ended.ok ? answerFleet(c, ended.value) : refusal(ended.error);
  },
);

export const prefixDown = new Hono<DoorEnv>().post(
  "/",
  describe("downFleets", {
    chapter: "Fleets",
    summary: "Ends every worker of the fleets that a prefix names; asks first",
    answers: { 200: both(downAnswerSchema, "They empty themselves") },
    refusals,
  }),
  adminOnly,
  query(formatQuery),
  jsonBody(prefixDownSchema),
  async (c) => {
    const { prefix, ...given } = c.req.valid("json");
    const fault = fleetNameProblem(prefix);
    if (fault !== null) return invalidRequest([{ field: "prefix", expected: fault, got: prefix.slice(0, 100) }]);
    const { names, notes } = await readFleetNames(c.env, prefix);
    const asked = await Promise.allSettled(names.map((name) => fleetStub(c.env, name).previewDown()));
    // A fleet that D1 still names and that is gone refuses its preview: there is nothing to end.
    const previews = asked.flatMap((one) => (one.status === "fulfilled" && one.value.ok ? [one.value.value] : []));
    const silent = names.filter((_, index) => asked[index]?.status === "rejected");
    if (previews.length + silent.length === 0) return noMatch(prefix);
    const refused = previews.length === 0 ? null : await confirmRefusal(previews, given, Date.now(), silent);
    return refused ?? endAll(c, { previews, silent }, given, notes);
  },
);

interface Named {
  readonly previews: readonly DownPreview[];
  /** Fleets whose keepers did not say what they would end: they are ended by force alone. */
  readonly silent: readonly string[];
}

/** Each fleet is ended by itself: one that refuses or does not answer does not keep the others alive. */
async function endAll(c: Context<DoorEnv>, { previews, silent }: Named, given: Consent, notes: readonly string[]) {
  const actor = actorOf(c);
  const wishes = [
    ...previews.map((preview) => ({ fleet: preview.fleet, fingerprint: confirmedFingerprint(preview, given) })),
    ...silent.map((fleet) => ({ fleet, fingerprint: given.force === true ? null : undefined })),
  ];
  const ends = await Promise.allSettled(
    wishes.map(({ fleet, fingerprint }) =>
      fingerprint === undefined ? Promise.reject(new Error(SILENT)) : fleetStub(c.env, fleet).down(fingerprint, actor),
    ),
  );
  const fleets: FleetDocument[] = [];
  const failed: DownAnswer["failed"][number][] = [];
  for (const [index, { fleet }] of wishes.entries()) {
    const end = ends[index];
    if (end?.status !== "fulfilled") failed.push({ fleet, code: "internal-error", detail: SILENT });
    else if (end.value.ok) fleets.push(end.value.value);
    else failed.push({ fleet, code: end.value.error.code, detail: end.value.error.detail });
  }
  const [first] = failed;
  if (first === undefined) {
    const done: DownAnswer = { fleets, failed, notes };
    return answer(c, done, () => formatStatus({ fleets, notes }, totalOf(fleets)));
  }
  return problem({
    code: first.code,
    detail: `not ended: ${failed.map(({ fleet, detail }) => `${fleet} (${detail})`).join(", ")}`,
    hint: "fleets lists those that are ending; send the request again for the others",
    more: { fleets, failed, notes },
  });
}

/** What the keeper compares before it ends anything; `null`: nothing, the caller forces it. */
function confirmedFingerprint({ fingerprint }: DownPreview, { force = false }: Consent): string | null {
  return force ? null : fingerprint;
}

function noMatch(prefix: string): ProblemResponse {
  return problem({
    code: "fleet-not-found",
    detail: `no fleet is named ${prefix} or ${prefix}-…`,
    hint: "GET /api/fleets lists the fleets",
  });
}
