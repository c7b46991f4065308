// One run of W&B: its state, and samples of its losses. It only reads; a failure is told in words, for the daily report.

import type { z } from "zod";
import type { LossSeries, RunView } from "../fleet/daily-facts.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { maskSecrets, registerSecrets } from "../log.ts";
import type { Outbound } from "../outbound.ts";
import { errorAnswer, historyAnswer, summaryAnswer, summarySchema } from "./schema.ts";

const HOST = "api.wandb.ai";
/** Entries of the outbound allow-list that this client needs. */
export const wandbHosts: readonly string[] = [HOST];

/** A learner logs two or three (sample logs 05 to 07: policy, value, belief). */
const LOSSES_MAX = 4;
/** Samples of a series over the life of its run, as many as W&B's own client takes where nothing is said. */
const SAMPLES = 500;
const MESSAGE_MAX = 200;

const QUERY = `query Run($entity: String!, $project: String!, $run: String!`;
const SUMMARY = `${QUERY}) { project(name: $project, entityName: $entity) { run(name: $run) { state summaryMetrics } } }`;
const HISTORY = `${QUERY}, $specs: [JSONString!]!) { project(name: $project, entityName: $entity) { run(name: $run) { sampledHistory(specs: $specs) } } }`;

export interface WandbOptions {
  readonly outbound: Outbound;
  readonly key: string;
  /** "entity/project", as `env.ts` has checked it. */
  readonly project: string;
}

export interface WandbClient {
  run(runId: string): Promise<Result<RunView, string>>;
}

export function createWandbClient({ outbound, key, project: place }: WandbOptions): WandbClient {
  const credentials = btoa(`api:${key}`);
  registerSecrets([key, credentials]);
  const [entity = "", project = ""] = place.split("/");

  async function ask<Schema extends z.ZodType>(query: string, variables: object, schema: Schema) {
    const sent = await outbound.send({
      method: "POST",
      url: `https://${HOST}/graphql`,
      headers: { Authorization: `Basic ${credentials}`, "Content-Type": "application/json" },
      body: JSON.stringify({ query, variables: { entity, project, ...variables } }),
    });
    if (sent.kind !== "answer") return err(`W&B does not answer: ${sent.reason}`);
    const body = parseJson(sent.text);
    if (sent.status === 401 || sent.status === 403) return err("W&B refuses WANDB_API_KEY");
    const problem = problemOf(body);
    if (sent.status < 200 || sent.status >= 300) return err(`W&B answers ${sent.status}${problem ?? ""}`);
    if (problem !== null) return err(`W&B answers an error${problem}`);
    const parsed = schema.safeParse(body);
    return parsed.success ? ok(parsed.data) : err("W&B's answer cannot be read");
  }

  return {
    async run(runId) {
      const summary = await ask(SUMMARY, { run: runId }, summaryAnswer);
      if (!summary.ok) return summary;
      const run = summary.value.data?.project?.run;
      if (run === undefined || run === null) return err(`W&B shows this key no run ${runId} in ${place}`);
      const names = lossNames(run.summaryMetrics ?? "{}");
      if (names.length === 0) return ok({ state: run.state, losses: [] });
      // A series of its own for each: a row has all keys of its request or is left out.
      const specs = names.map((name) => JSON.stringify({ keys: ["_step", "_timestamp", name], samples: SAMPLES }));
      const history = await ask(HISTORY, { run: runId, specs }, historyAnswer);
      if (!history.ok) return history;
      const series = history.value.data?.project?.run?.sampledHistory ?? [];
      return ok({ state: run.state, losses: names.map((name, index) => lossSeries(name, series[index] ?? [])) });
    },
  };
}

/** `loss`, `policy_loss`, `train/value_loss`: numbers whose last word is loss. */
function lossNames(summaryJson: string): readonly string[] {
  const summary = summarySchema.safeParse(parseJson(summaryJson));
  if (!summary.success) return [];
  return Object.entries(summary.data)
    .filter(([name, value]) => typeof value === "number" && /(?:^|[\W_])loss$/i.test(name) && name.length <= 60)
    .map(([name]) => name)
    .toSorted()
    .slice(0, LOSSES_MAX);
}

function lossSeries(name: string, rows: readonly Readonly<Record<string, unknown>>[]): LossSeries {
  const points = rows.flatMap(({ _timestamp: seconds, [name]: value }) =>
    typeof seconds === "number" && typeof value === "number" ? [{ atMs: Math.round(seconds * 1000), value }] : [],
  );
  return { name, points };
}

/** What GraphQL says went wrong, with a colon before it; `null`: nothing did. */
function problemOf(body: unknown): string | null {
  const read = errorAnswer.safeParse(body);
  const errors = read.success ? (read.data.errors ?? []) : [];
  return errors.length === 0 ? null : `: ${maskSecrets(errors[0]?.message ?? "").slice(0, MESSAGE_MAX)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
