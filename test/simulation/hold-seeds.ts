// The test of one mode: every seed from 1 on holds. A seed that fails is played again, and cut down, by the line it shows.

import { runScenario } from "./run.ts";
import { drawScenario, type Mode } from "./scenario.ts";

/** Of each mode: half a minute each beside other tests; `npm run simulate` plays as many as are asked for. */
export const SEEDS = 30;
export const LIMIT_MS = 600_000;

/** The first seed that fails: the line that plays it again, and what did not hold. */
export async function firstFailure(mode: Mode): Promise<unknown> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const [violation] = (await runScenario(drawScenario(seed, mode))).violations;
    if (violation !== undefined) return { again: `npm run simulate -- --seed ${seed} --mode ${mode}`, violation };
  }
  return null;
}
