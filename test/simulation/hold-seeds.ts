// The tests of the seeds: every one from 1 on holds, trouble first and then peace, played on all cores. A seed that fails is
// played again, and cut down, by the line it shows.

import { join } from "node:path";
import { playSeeds } from "./pool.ts";
import type { SeedJob, SeedResult, WorldWeight } from "./seed-worker.ts";

/** Light worlds; `npm run simulate` plays as many as are asked for, of both weights. */
export const SEEDS = 200;
export const LIMIT_MS = 900_000;

export interface Failure {
  readonly again: string;
  readonly violation: unknown;
}

/** Worlds of this weight that held, and the first that did not: from seed 1 on, until there have been `SEEDS` light ones. */
export async function holdSeeds(weight: WorldWeight): Promise<{ held: number; failure: Failure | null }> {
  const job: SeedJob = { kind: "world", mode: "both", lines: 0, isShrunk: false, weight };
  let light = 0;
  let held = 0;
  let failure: Failure | null = null;
  const file = join(import.meta.dirname, "seed-worker.ts");
  await playSeeds<SeedJob, SeedResult>(file, { job, first: 1, end: 2 * SEEDS }, (seed, result) => {
    if ((result.kind === "world") === (weight === "light")) light += 1;
    if (result.kind === "world") {
      const [violation] = result.world.violations;
      if (violation === undefined) held += 1;
      else failure ??= { again: `npm run simulate -- --seed ${seed}`, violation };
    }
    return failure !== null || light >= SEEDS;
  });
  return { held, failure };
}
