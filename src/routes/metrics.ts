// GET /metrics: figures for Prometheus, in its text form or as OpenMetrics. One question to the account's keeper and one to
// each fleet; D1 is asked only where the account's keeper does not answer, so that what has happened costs nothing here.

import { type Context, Hono } from "hono";
import { accepts } from "hono/accepts";
import { z } from "zod";
import { readFleetNames } from "../durable/fleet-names.ts";
import type { AccountMetrics, FleetMetrics } from "../durable/rpc.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import { withDeadline } from "../deadline.ts";
import type { Env } from "../env.ts";
import { stableHash } from "../fleet/stable-hash.ts";
import { logEvent } from "../log.ts";
import { describe, plain } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { knownFleet } from "./history.ts";
import { metricFamilies } from "./metric-families.ts";
import { CONTENT_TYPES, formatMetrics, type MetricFormat } from "./metric-text.ts";
import { query } from "./validate.ts";

/** An invocation of the free plan may make 50 calls (platform reference §1): these, the account's and D1's are fewer. */
const FLEETS_MAX = 40;
/** Calls of one invocation side by side; a chain of them may have 32 (platform reference §1). */
const AT_ONCE = 20;
/** Prometheus waits 10 s for an answer unless told otherwise; a fleet that hangs must not cost the others'. */
const FLEET_WAIT_MS = 4_000;
const SHARDS_MAX = 100;
const SHARD = `"i/n": the i-th of n parts, n up to ${SHARDS_MAX}, such as 0/3`;

interface Shard {
  readonly index: number;
  readonly of: number;
}

const shard = z.string().transform((text, context): Shard => {
  const [, index = "", of = ""] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  const part = { index: Number(index), of: Number(of) };
  if (of !== "" && part.of >= 1 && part.of <= SHARDS_MAX && part.index < part.of) return part;
  context.addIssue({ code: "custom", message: SHARD, input: text });
  return z.NEVER;
});
const metricsQuery = z.strictObject({
  fleet: knownFleet.optional().meta({ description: "Only this fleet" }),
  shard: shard.optional().meta({ description: SHARD, examples: ["0/3"] }),
});

const words = describe("readMetrics", {
  chapter: "Service",
  summary: "Figures for Prometheus, in its text form or as OpenMetrics",
  answers: {
    200: {
      description: "The figures",
      content: { ...plain("text/plain", "").content, ...plain("application/openmetrics-text", "").content },
    },
  },
});

export const metrics = new Hono<DoorEnv>().get("/", words, query(metricsQuery), async (c) => {
  const wish = c.req.valid("query");
  const account = await askAccount(c.env);
  const names = (account?.fleets ?? (await namesFromD1(c.env))).filter((name) => isWished(name, wish)).toSorted();
  const asked = names.slice(0, FLEETS_MAX);
  const answers = await askFleets(c.env, asked);
  const families = metricFamilies({
    fleets: answers.flatMap(({ fleet }) => (fleet === "silent" || fleet === null ? [] : [fleet])),
    silent: answers.flatMap(({ name, fleet }) => (fleet === "silent" ? [name] : [])),
    omitted: names.length - asked.length,
    account,
  });
  const format = wishedFormat(c);
  return c.body(formatMetrics(families, format), 200, { "Content-Type": CONTENT_TYPES[format] });
});

function isWished(name: string, wish: z.output<typeof metricsQuery>): boolean {
  const { fleet, shard: part } = wish;
  if (fleet !== undefined && name !== fleet) return false;
  return part === undefined || Number.parseInt(stableHash(name).slice(0, 8), 16) % part.of === part.index;
}

/** Prometheus names what it prefers; everybody else reads the older form. */
function wishedFormat(c: Context<DoorEnv>): MetricFormat {
  const supports = ["application/openmetrics-text", "text/plain"];
  const chosen = accepts(c, { header: "Accept", supports, default: "text/plain" });
  return chosen === "application/openmetrics-text" ? "openmetrics" : "prometheus";
}

interface FleetAnswer {
  readonly name: string;
  /** `null`: it has been deleted meanwhile. */
  readonly fleet: FleetMetrics | null | "silent";
}

async function askFleets(env: Env, names: readonly string[]): Promise<readonly FleetAnswer[]> {
  const answers: FleetAnswer[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE)
    answers.push(...(await Promise.all(names.slice(from, from + AT_ONCE).map((name) => askFleet(env, name)))));
  return answers;
}

async function askFleet(env: Env, name: string): Promise<FleetAnswer> {
  const fleet = await orNull("metrics.fleet", () => withDeadline(fleetStub(env, name).metrics(), FLEET_WAIT_MS));
  return { name, fleet: fleet === null ? "silent" : fleet.value };
}

async function askAccount(env: Env): Promise<AccountMetrics | null> {
  const answered = await orNull("metrics.account", () => withDeadline(accountStub(env).metrics(), FLEET_WAIT_MS));
  return answered?.value ?? null;
}

/** Nobody who knows the fleets answers: then there is no fleet to show, and `account_answers` is 0. */
async function namesFromD1(env: Env): Promise<readonly string[]> {
  return (await orNull("metrics.names", () => readFleetNames(env)))?.value.names ?? [];
}

async function orNull<T>(event: string, ask: () => Promise<T>): Promise<{ readonly value: T } | null> {
  try {
    return { value: await ask() };
  } catch (error) {
    logEvent({ event, outcome: "failed", detail: String(error) });
    return null;
  }
}
