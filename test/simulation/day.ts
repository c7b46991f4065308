// A day of one fleet of 12 workers, as promised of the simulation: a few dud and crashing machines, lists that lag, no
// other trouble. Only its cost is asked for; every invariant is looked at all the same.

import { runScenario } from "./run.ts";
import { HOUR, MINUTE } from "./world.ts";

const DAY_MS = 24 * HOUR;

export interface Day {
  /** Of the whole process: one day at a time. */
  readonly cpuSeconds: number;
  readonly steps: number;
  readonly problems: string;
}

export async function runDay(seed: number): Promise<Day> {
  const before = process.cpuUsage();
  const outcome = await runScenario({
    seed,
    mode: "safety",
    tickMs: MINUTE,
    fleets: [{ name: "zeb", target: 12, spec: { preset: "zeb", maxPriceUsdPerHour: 0.14 } }],
    market: {
      credit: 500,
      hosts: { count: 60, dudShare: 0.1, crashShare: 0.03, slowShare: 0, flakyShare: 0 },
      listLagMs: [0, 5000],
      logDelayMs: 2000,
      rateLimits: false,
    },
    troubledMs: DAY_MS,
    totalMs: DAY_MS,
    acts: [],
  });
  const { user, system } = process.cpuUsage(before);
  const problems = outcome.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`).join("; ");
  return { cpuSeconds: (user + system) / 1e6, steps: outcome.steps, problems };
}
