// The test of both modes: every seed from 1 on holds, played on all cores. A seed that fails is played again, and cut down,
// by the line it shows.

import { playSeeds } from "./pool.ts";
import type { SeedJob, SeedResult } from "./seed-worker.ts";

/** Of each mode; `npm run simulate` plays as many as are asked for. */
export const SEEDS = 200;
export const LIMIT_MS = 900_000;

export interface Failure {
  readonly again: string;
  readonly violation: unknown;
}

/** Worlds that held, and the first that did not. */
export async function holdSeeds(seeds: number): Promise<{ held: number; failure: Failure | null }> {
  const job: SeedJob = { kind: "worlds", modes: ["safety", "liveness"], lines: 0, isShrunk: false };
  let held = 0;
  let failure: Failure | null = null;
  const url = new URL("./seed-worker.ts", import.meta.url);
  await playSeeds<SeedJob, SeedResult>(url, { job, first: 1, end: seeds + 1 }, (seed, result) => {
    for (const { mode, violations } of result.kind === "worlds" ? result.worlds : []) {
      const [violation] = violations;
      if (violation === undefined) held += 1;
      else failure ??= { again: `npm run simulate -- --seed ${seed} --mode ${mode}`, violation };
    }
    return failure !== null;
  });
  return { held, failure };
}
