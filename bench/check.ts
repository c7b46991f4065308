// How long a CHECK takes, as it is deployed: the Worker in a process of its own, the market over HTTP. Promise (design §8):
// decide + record at most 2 s at 4, 12, 100 and 1,000 workers, log calls hung or not, API time apart.

import { parseArgs } from "node:util";
import { countOpen } from "../sim/calls.ts";
import { switchOn } from "../sim/faults.ts";
import { pause } from "../test/chaos/keeper-process.ts";
import { deploy, type Deployment } from "./deployment.ts";
import { median, quantile } from "./measure.ts";
import { brokenPromise } from "./print.ts";
import { usageOf } from "./runtime-usage.ts";

const LIMIT_MS = 2000;
const HUNG_SHARES = [0, 0.05, 0.2];
const CHECKS = 9;
/** Between two CHECKs, so that each reads the list anew: with a cadence of a second a list is good for 0.7 s. */
const BETWEEN_MS = 1000;
const CADENCE = { ramp: 1, rampFor: 1, steady: 1 };
/** So long the runtime is watched without a CHECK: what its log rounds use is taken off. */
const IDLE_MS = 8000;
const HANG_LIMIT_MS = 90_000;

const { values } = parseArgs({
  options: { workers: { type: "string", default: "4,12,100,1000" }, port: { type: "string", default: "8893" } },
});

console.log(
  `a CHECK as deployed, medians of ${CHECKS}; the clock and the processor from outside, the rest from the CHECK's own record`,
);
console.log(
  "processor: of the whole runtime for one CHECK (objects, D1, the doors), what it uses without CHECKs taken off",
);
console.log(
  `promise: decide + record ≤ ${LIMIT_MS} ms (the script: a CHECK waits 5 s for each hung log, 10 s after a launch)`,
);
console.log(
  row(["workers", "logs that hang", "open just now", "wall ms", "API ms", "decide + record ms", "worst", "CPU ms"]),
);
for (const workers of values.workers.split(",").map(Number)) {
  const deployment = await deploy({
    port: Number(values.port),
    fleets: new Map([["bench", workers]]),
    spec: specOf(workers),
  });
  try {
    for (const share of HUNG_SHARES) await printChecks(deployment, workers, share);
  } finally {
    await deployment.stop();
  }
}

/** Logs are read more often than deployed, so that there are calls that hang; of a thousand workers as deployed. */
function specOf(workers: number): Record<string, unknown> {
  const logs = workers > 100 ? { logPoll: 45, logPollSteady: 150 } : { logPoll: 10, logPollSteady: 20 };
  return { cadenceSeconds: { ...CADENCE, ...logs } };
}

async function printChecks(deployment: Deployment, workers: number, share: number): Promise<void> {
  const hung = Math.ceil(workers * share);
  await hangLogs(deployment, hung);
  const { wallMs, apiMs, cpuMs, open } = await measureChecks(deployment);
  const ownMs = wallMs.map((ms, index) => ms - (apiMs[index] ?? Number.NaN));
  const worst = quantile(ownMs, 1);
  const isKept = worst <= LIMIT_MS;
  if (!isKept) brokenPromise();
  const share100 = `${hung} (${(share * 100).toFixed(0)} %)`;
  const times = [median(wallMs), median(apiMs), median(ownMs), worst].map((ms) => ms.toFixed(0));
  console.log(
    `${row([String(workers), share100, String(open), ...times, cpuMs.toFixed(1)])}${isKept ? "" : "  BROKEN"}`,
  );
}

/** The logs of the first `count` boxes hang from now on, until the calls of a quarter of them are open. */
async function hangLogs({ sim }: Deployment, count: number): Promise<void> {
  const { state } = sim.market;
  state.faults = [];
  if (count === 0) return;
  for (const { id } of [...state.boxes.values()].slice(0, count)) {
    const wish = { name: "log-hangs", match: { instance: id }, times: null, value: "request" } as const;
    switchOn(state, { ...wish, fromMs: state.nowMs, untilMs: null });
  }
  const endMs = Date.now() + HANG_LIMIT_MS;
  while (countOpen(state).logs < count / 4 && Date.now() < endMs) await pause(200);
}

interface Measured {
  readonly wallMs: readonly number[];
  /** From a CHECK's start to its decision. */
  readonly apiMs: readonly number[];
  /** Of one CHECK. */
  readonly cpuMs: number;
  /** The most log calls that were open at the start of one of the CHECKs. */
  readonly open: number;
}

async function measureChecks({ call, runtime, sim }: Deployment): Promise<Measured> {
  const idleFrom = usageOf(runtime).cpuMs;
  await pause(IDLE_MS);
  const idleShare = (usageOf(runtime).cpuMs - idleFrom) / IDLE_MS;
  const [fromMs, cpuFrom] = [performance.now(), usageOf(runtime).cpuMs];
  const wallMs: number[] = [];
  let open = 0;
  for (let run = 0; run < CHECKS; run++) {
    await pause(BETWEEN_MS);
    open = Math.max(open, countOpen(sim.market.state).logs);
    const beganMs = performance.now();
    await call("POST", "/api/fleets/bench/check");
    wallMs.push(performance.now() - beganMs);
  }
  const cpuMs = (usageOf(runtime).cpuMs - cpuFrom - idleShare * (performance.now() - fromMs)) / CHECKS;
  return { wallMs, apiMs: await apiTimes(call), cpuMs, open };
}

/** Of the last CHECKs, the oldest first; their rows reach D1 a moment later. */
async function apiTimes(call: Deployment["call"]): Promise<readonly number[]> {
  await pause(BETWEEN_MS);
  const page = (await call("GET", `/api/checks?fleet=bench&limit=${CHECKS}`)) as {
    checks: readonly { apiMs: number }[];
  };
  return page.checks.map(({ apiMs }) => apiMs).toReversed();
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => cell.padStart(index === 0 ? 8 : Math.max(10, cell.length + 2, 15))).join("");
}
