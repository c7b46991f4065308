// `npm run simulate -- --seeds 100`: runs seeds and prints what did not hold, with the line that plays it again and the
// least that still fails. `--creates 10000` counts double rents among creates in doubt instead.

import { parseArgs } from "node:util";
import { runCreates } from "./creates.ts";
import { runScenario } from "./run.ts";
import { drawScenario, type Mode } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { HOUR, MINUTE } from "./world.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    mode: { type: "string" },
    creates: { type: "string" },
    /** Shows the last so many lines that the keeper printed. */
    lines: { type: "string", default: "0" },
    "no-shrink": { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const began = performance.now();
const hasFailed = values.creates === undefined ? await simulateSeeds() : await simulateCreates(Number(values.creates));
process.exitCode = hasFailed ? 1 : 0;

async function simulateSeeds(): Promise<boolean> {
  const modes: readonly Mode[] =
    values.mode === "safety" || values.mode === "liveness" ? [values.mode] : ["safety", "liveness"];
  const count = Number(values.seeds);
  const sums = { failed: 0, fleetHours: 0, workerHours: 0, rents: 0, destroys: 0, crashes: 0, steps: 0, slowestMs: 0 };
  for (let seed = first; seed < first + count; seed++)
    for (const mode of modes) {
      const scenario = drawScenario(seed, mode);
      const outcome = await runScenario(scenario);
      const hours = outcome.simulatedMs / HOUR;
      sums.fleetHours += hours * scenario.fleets.length;
      sums.workerHours += hours * scenario.fleets.reduce((sum, { target }) => sum + target, 0);
      sums.rents += outcome.rents;
      sums.destroys += outcome.destroys;
      sums.crashes += outcome.crashes;
      sums.steps += outcome.steps;
      sums.slowestMs = Math.max(sums.slowestMs, outcome.convergedMs ?? 0);
      for (const line of Number(values.lines) > 0 ? outcome.lines.slice(-Number(values.lines)) : []) console.log(line);
      const [violation] = outcome.violations;
      if (violation === undefined) continue;
      sums.failed += 1;
      console.log(`FAILED ${violation.invariant} at ${clockOf(violation.atMs)}: ${violation.detail}`);
      console.log(`  npm run simulate -- --seed ${seed} --mode ${mode}`);
      if (!values["no-shrink"]) console.log(`  ${JSON.stringify((await shrink(scenario, violation.invariant)).acts)}`);
    }
  console.log(
    `${count} seeds × ${modes.join(" and ")}: ${sums.failed} failed; ` +
      `${sums.fleetHours.toFixed(0)} fleet-hours (${sums.workerHours.toFixed(0)} worker-hours) in ${seconds()} s, ` +
      `${sums.steps} steps, ${sums.rents} rents, ${sums.destroys} destroys, ${sums.crashes} crashes; ` +
      `the slowest recovery took ${(sums.slowestMs / MINUTE).toFixed(0)} min`,
  );
  return sums.failed > 0;
}

async function simulateCreates(wanted: number): Promise<boolean> {
  let [creates, doubleRents, crashes, failed] = [0, 0, 0, 0];
  for (let seed = first; creates < wanted; seed++) {
    const outcome = await runCreates(seed);
    creates += outcome.creates;
    doubleRents += outcome.doubleRents;
    crashes += outcome.crashes;
    for (const { invariant, detail } of outcome.violations) {
      failed += 1;
      console.log(`FAILED ${invariant}: ${detail}\n  npm run simulate -- --creates 1 --seed ${seed}`);
    }
  }
  console.log(
    `${creates} creates in doubt, ${crashes} crashes: ${doubleRents} double rents, ${failed} failures, in ${seconds()} s`,
  );
  return doubleRents + failed > 0;
}

function seconds(): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

/** Hours, minutes and seconds since the start of the world. */
function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
