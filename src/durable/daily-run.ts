// The learners' runs in W&B, for the daily report. The link needs no key; with one, W&B is asked for state and losses.

import { withDeadline } from "../deadline.ts";
import { type Env, readConfig } from "../env.ts";
import type { Measured, RunFacts, RunView } from "../fleet/daily-facts.ts";
import { err } from "../fleet/result.ts";
import { logEvent } from "../log.ts";
import { createOutbound } from "../outbound.ts";
import { createWandbClient, wandbHosts } from "../wandb/client.ts";

/** A W&B that hangs must not hold a door for long: one call, and both of one run. */
const CALL_MS = 6_000;
const RUN_MS = 10_000;

/** Reads a run by its id; `null`: no run is named, or nobody knows its project. */
export function createRunReader(env: Env): (runId: string | null) => Promise<RunFacts | null> {
  const { wandbApiKey: key, wandbProject: project } = readConfig(env);
  if (project === null) return () => Promise.resolve(null);
  const outbound = createOutbound({
    fetch: (url, init) => fetch(url, init),
    allowedHosts: wandbHosts,
    timeoutMs: CALL_MS,
  });
  const wandb = key === null ? null : createWandbClient({ outbound, key, project });
  return async (runId) => {
    if (runId === null || runId === "") return null;
    const url = `https://wandb.ai/${project}/runs/${encodeURIComponent(runId)}`;
    return { url, answer: wandb === null ? null : await answered(wandb.run(runId)) };
  };
}

async function answered(work: Promise<Measured<RunView>>): Promise<Measured<RunView>> {
  try {
    return await withDeadline(work, RUN_MS);
  } catch (error) {
    logEvent({ event: "report.part", outcome: "failed", who: "W&B", detail: String(error) });
    return err("W&B does not answer in time");
  }
}
