// One thread of many that play seeds: a world, creates in doubt, or a day of twelve workers.

import { type CreatesOutcome, runCreates } from "./creates.ts";
import { type Day, runDay } from "./day.ts";
import { type Outcome, runScenario } from "./run.ts";
import { type DrawnMode, drawScenario, isHeavy } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { serve } from "./thread.ts";

export type WorldWeight = "light" | "heavy";

export type SeedJob =
  | { readonly kind: "creates" }
  | { readonly kind: "day" }
  | {
      readonly kind: "world";
      readonly mode: DrawnMode;
      readonly lines: number;
      readonly isShrunk: boolean;
      /** Plays worlds of this weight alone; absent: all. */
      readonly weight?: WorldWeight;
    };

export interface Played extends Omit<Outcome, "lines"> {
  readonly lines: readonly string[];
  readonly fleetHours: number;
  readonly workerHours: number;
  /** The acts that are left of a failing world; `null` where nothing failed, or nothing was left out. */
  readonly least: string | null;
}

export type SeedResult =
  | { readonly kind: "other-weight" }
  | { readonly kind: "creates"; readonly outcome: CreatesOutcome }
  | { readonly kind: "day"; readonly day: Day }
  | { readonly kind: "world"; readonly world: Played };

const HOUR = 3_600_000;

await serve<SeedJob, SeedResult>(async (seed, job) => {
  if (job.kind === "creates") return { kind: "creates", outcome: await runCreates(seed) };
  if (job.kind === "day") return { kind: "day", day: await runDay(seed) };
  const scenario = drawScenario(seed, job.mode);
  const weight = isHeavy(scenario) ? "heavy" : "light";
  if (job.weight !== undefined && job.weight !== weight) return { kind: "other-weight" };
  const outcome = await runScenario(scenario);
  const [violation] = outcome.violations;
  const hours = outcome.simulatedMs / HOUR;
  const world = {
    ...outcome,
    lines: job.lines > 0 ? outcome.lines.slice(-job.lines) : [],
    fleetHours: hours * scenario.fleets.length,
    workerHours: hours * scenario.fleets.reduce((sum, { target }) => sum + target, 0),
    least: violation !== undefined && job.isShrunk ? JSON.stringify(await shrink(scenario, violation.invariant)) : null,
  };
  return { kind: "world", world };
});
