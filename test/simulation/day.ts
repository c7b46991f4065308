// `node --import ./test/simulation/hooks.ts test/simulation/day.ts [days]`: what one fleet-day of 12 workers costs.

import { parseArgs } from "node:util";
import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { HOUR, MINUTE } from "./world.ts";

const { positionals } = parseArgs({ allowPositionals: true });
const days = Number(positionals[0] ?? 1);
const hours = 24;

function dayOf(seed: number): Scenario {
  return {
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
    troubledMs: hours * HOUR,
    totalMs: hours * HOUR,
    acts: [],
  };
}

for (let seed = 1; seed <= days; seed++) {
  const before = process.cpuUsage();
  const outcome = await runScenario(dayOf(seed));
  const { user, system } = process.cpuUsage(before);
  console.log(
    `seed ${seed}: ${((user + system) / 1e6).toFixed(2)} s CPU for ${outcome.simulatedMs / HOUR} fleet-hours, ${outcome.steps} steps, ` +
      `${outcome.rents} rents, ${outcome.destroys} destroys, violations ${JSON.stringify(outcome.violations)}`,
  );
}
