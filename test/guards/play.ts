// Plays seeds until one fails, in a world that may lack a guard (`hooks.ts`), and prints what became of it as JSON:
// `node --import ./test/simulation/hooks.ts --import ./test/guards/hooks.ts test/guards/play.ts '[{"seed":7,"mode":"safety"}]'`

import { runCreates } from "../simulation/creates.ts";
import { runScenario } from "../simulation/run.ts";
import { drawScenario } from "../simulation/scenario.ts";
import type { Seed } from "./seeds.ts";

export interface Played {
  readonly seed: Seed | null;
  /** What did not hold; `null`: everything held, or nothing could be played. */
  readonly invariant: string | null;
  /** The world itself fell over: no proof of anything. */
  readonly broken: string | null;
}

async function play(seeds: readonly Seed[]): Promise<Played> {
  for (const seed of seeds) {
    try {
      const { violations } =
        seed.mode === "creates" ? await runCreates(seed.seed) : await runScenario(drawScenario(seed.seed, seed.mode));
      const [violation] = violations;
      if (violation !== undefined) return { seed, invariant: violation.invariant, broken: null };
    } catch (error) {
      return { seed, invariant: null, broken: String(error) };
    }
  }
  return { seed: null, invariant: null, broken: null };
}

const played = await play(JSON.parse(process.argv[2] ?? "[]") as readonly Seed[]);
console.log(JSON.stringify(played));
// A world that was left in the middle may still have timers.
process.exit(0);
