// `npm run simulate -- --seeds 100`: plays seeds on all cores, trouble and then peace, and prints what did not hold, with
// the line that plays it again and the least that still fails. `--mode safety` and `--mode liveness` draw other worlds.
// `--creates 10000` counts double rents among creates in doubt instead.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { playSeeds } from "./pool.ts";
import type { DrawnMode } from "./scenario.ts";
import type { Played, SeedJob, SeedResult } from "./seed-worker.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
    mode: { type: "string", default: "both" },
    creates: { type: "string" },
    days: { type: "string" },
    /** Shows the last so many lines that the keeper printed. */
    lines: { type: "string", default: "0" },
    "no-shrink": { type: "boolean", default: false },
    threads: { type: "string" },
    /** Says how far it has come after so many seeds. */
    every: { type: "string", default: "1000" },
  },
});
const MINUTE = 60_000;
const first = Number(values.seed);
const began = performance.now();
const play = join(import.meta.dirname, "seed-worker.ts");
const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
const hasFailed =
  values.days !== undefined
    ? await simulateDays(Number(values.days))
    : values.creates !== undefined
      ? await simulateCreates(Number(values.creates))
      : await simulateSeeds();
process.exitCode = hasFailed ? 1 : 0;

async function simulateSeeds(): Promise<boolean> {
  const mode = modeOf(values.mode);
  const count = Number(values.seeds);
  const job: SeedJob = { kind: "world", mode, lines: Number(values.lines), isShrunk: !values["no-shrink"] };
  const sums = {
    held: 0,
    failed: 0,
    fleetHours: 0,
    workerHours: 0,
    rents: 0,
    destroys: 0,
    crashes: 0,
    steps: 0,
    slowestMs: 0,
  };
  const excuses = new Map<string, number>();
  const add = (seed: number, world: Played): void => {
    for (const [why, times] of world.excuses) excuses.set(why, (excuses.get(why) ?? 0) + times);
    sums.fleetHours += world.fleetHours;
    sums.workerHours += world.workerHours;
    sums.rents += world.rents;
    sums.destroys += world.destroys;
    sums.crashes += world.crashes;
    sums.steps += world.steps;
    sums.slowestMs = Math.max(sums.slowestMs, world.convergedMs ?? 0);
    for (const line of world.lines) console.log(line);
    const [violation] = world.violations;
    if (violation === undefined) {
      sums.held += 1;
      return;
    }
    sums.failed += 1;
    console.log(`FAILED ${violation.invariant} at ${clockOf(violation.atMs)}: ${violation.detail}`);
    console.log(`  npm run simulate -- --seed ${seed}${mode === "both" ? "" : ` --mode ${mode}`}`);
    if (world.least !== null) console.log(`  ${world.least}`);
  };
  const summary = (): string =>
    `${sums.held} worlds held, ${sums.failed} failed; ` +
    `${sums.fleetHours.toFixed(0)} fleet-hours (${sums.workerHours.toFixed(0)} worker-hours) in ${seconds()} s (${cpuSeconds()} s of CPU), ` +
    `${sums.steps} steps, ${sums.rents} rents, ${sums.destroys} destroys, ${sums.crashes} crashes; ` +
    `the slowest recovery took ${(sums.slowestMs / MINUTE).toFixed(0)} min`;
  let played = 0;
  await playSeeds<SeedJob, SeedResult>(play, { job, first, end: first + count, ...threads }, (seed, result) => {
    if (result.kind === "world") add(seed, result.world);
    played += 1;
    if (played % Number(values.every) === 0 && played < count) console.log(`… ${played} seeds: ${summary()}`);
    return false;
  });
  console.log(`${count} seeds × ${mode}: ${summary()}`);
  const excused = [...excuses].toSorted(([, a], [, b]) => b - a).map(([why, times]) => `  ${times} × ${why}`);
  if (excused.length > 0)
    console.log(["ended while they played, or rented beside what was hidden:", ...excused].join("\n"));
  return sums.failed > 0;
}

async function simulateCreates(wanted: number): Promise<boolean> {
  let [creates, doubleRents, crashes, failed, worlds] = [0, 0, 0, 0, 0];
  const summary = (): string =>
    `${creates} creates in doubt, ${crashes} crashes: ${doubleRents} double rents, ${failed} failures, ` +
    `in ${seconds()} s (${cpuSeconds()} s of CPU)`;
  const end = first + wanted;
  await playSeeds<SeedJob, SeedResult>(play, { job: { kind: "creates" }, first, end, ...threads }, (seed, result) => {
    if (result.kind !== "creates") return false;
    creates += result.outcome.creates;
    doubleRents += result.outcome.doubleRents;
    crashes += result.outcome.crashes;
    for (const { invariant, detail } of result.outcome.violations) {
      failed += 1;
      console.log(`FAILED ${invariant}: ${detail}\n  npm run simulate -- --creates 1 --seed ${seed}`);
    }
    worlds += 1;
    if (worlds % Number(values.every) === 0) console.log(`… ${worlds} worlds: ${summary()}`);
    return creates >= wanted;
  });
  console.log(summary());
  return doubleRents + failed > 0;
}

/** One after the other: what a day costs is told in CPU time. */
async function simulateDays(count: number): Promise<boolean> {
  let hasProblem = false;
  const job: SeedJob = { kind: "day" };
  await playSeeds<SeedJob, SeedResult>(play, { job, first, end: first + count, threads: 1 }, (seed, result) => {
    if (result.kind !== "day") return false;
    const { cpuSeconds: used, steps, problems } = result.day;
    console.log(`seed ${seed}: a fleet-day of 12 workers in ${used.toFixed(2)} s of CPU, ${steps} steps${problems}`);
    hasProblem ||= problems !== "";
    return false;
  });
  return hasProblem;
}

function modeOf(text: string): DrawnMode {
  if (text === "both" || text === "safety" || text === "liveness") return text;
  throw new Error(`--mode is both, safety or liveness, not ${text}`);
}

function seconds(): string {
  return ((performance.now() - began) / 1000).toFixed(1);
}

/** Of all threads. */
function cpuSeconds(): string {
  const { user, system } = process.cpuUsage();
  return ((user + system) / 1e6).toFixed(1);
}

/** Hours, minutes and seconds since the start of the world. */
function clockOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
