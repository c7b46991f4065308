// Many fleets in workerd on this machine: 100 of 100 workers as they would be deployed, ten to a deployment, because one
// account's list ends near 1,000 boxes (design §8). Prints how long CHECKs take, and the memory and processor of the runtimes.

import { parseArgs } from "node:util";
import { deploy, type Deployment } from "./deployment.ts";
import { quantile } from "./measure.ts";
import { printFigure } from "./print.ts";
import { pause } from "../test/chaos/keeper-process.ts";
import { usageOf } from "./runtime-usage.ts";

const LIMIT_MS = 2000;
const FLEETS_EACH = 10;
/** So long the runtimes are watched as they keep their fleets by themselves: cron, sweeps, logs. */
const WATCH_MS = 60_000;

const { values } = parseArgs({
  options: {
    deployments: { type: "string", default: "10" },
    workers: { type: "string", default: "100" },
    port: { type: "string", default: "8900" },
  },
});
const WORKERS = Number(values.workers);
const names = Array.from({ length: FLEETS_EACH }, (_, index) => `bench-${index}`);

interface Check {
  readonly wallMs: number;
  /** All but the waiting for the market and the other objects. */
  readonly ownMs: number;
}

const deployments: Deployment[] = [];
try {
  for (let index = 0; index < Number(values.deployments); index++) {
    const fleets = new Map(names.map((name) => [name, WORKERS]));
    deployments.push(await deploy({ port: Number(values.port) + index, fleets, spec: {} }));
  }
  await print(deployments);
} finally {
  for (const { stop } of deployments) await stop();
}

async function print(all: readonly Deployment[]): Promise<void> {
  const before = all.map(({ runtime }) => usageOf(runtime).cpuMs);
  await pause(WATCH_MS);
  const cpuMs = all.reduce((sum, { runtime }, index) => sum + usageOf(runtime).cpuMs - (before[index] ?? 0), 0);
  const checks: Check[] = [];
  for (const deployment of all) for (const name of names) checks.push(await check(deployment, name));
  const usages = all.map(({ runtime }) => usageOf(runtime));
  const spread = (of: (one: Check) => number): string =>
    [0.5, 0.95, 1].map((share) => quantile(checks.map(of), share).toFixed(0)).join(", ");
  const p95 = quantile(
    checks.map(({ ownMs }) => ownMs),
    0.95,
  );
  console.log(
    `${all.length * FLEETS_EACH} fleets × ${WORKERS} workers in ${all.length} deployments, default spec, logs read`,
  );
  printFigure(
    "a CHECK, p50, p95, worst: wall, ms",
    spread(({ wallMs }) => wallMs),
  );
  printFigure(
    "  of this decide + record, ms",
    spread(({ ownMs }) => ownMs),
    `p95 ≤ ${LIMIT_MS} ms`,
    p95 <= LIMIT_MS,
  );
  const megabytes = (of: (usage: (typeof usages)[number]) => number): string =>
    `${Math.max(...usages.map(of)).toFixed(0)} MB, ${usages.reduce((sum, usage) => sum + of(usage), 0).toFixed(0)} MB`;
  printFigure(
    "memory of a runtime: the largest, all",
    megabytes(({ residentMb }) => residentMb),
  );
  printFigure(
    "  at its most",
    megabytes(({ peakMb }) => peakMb),
  );
  printFigure("processor of all runtimes, share of one core", `${((100 * cpuMs) / WATCH_MS).toFixed(0)} %`);
}

async function check({ call }: Deployment, name: string): Promise<Check> {
  const beganMs = performance.now();
  await call("POST", `/api/fleets/${name}/check`);
  const wallMs = performance.now() - beganMs;
  // Its row reaches D1 a moment later.
  await pause(300);
  const page = (await call("GET", `/api/checks?fleet=${name}&limit=1`)) as { checks: readonly { apiMs: number }[] };
  return { wallMs, ownMs: wallMs - (page.checks[0]?.apiMs ?? 0) };
}
