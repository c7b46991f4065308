// A keeper as it is deployed, in a process of its own, beside a market in this one. Its fleets begin whole: their boxes are
// rented under their labels as the old scripts did it, and the first CHECK takes them over (design rule 2).

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ACCOUNT_ID } from "../sim/billing.ts";
import { rentBox } from "../sim/rent.ts";
import { type Sim, startSim } from "../sim/serve.ts";
import { createKeeperProcess, pause } from "../test/chaos/keeper-process.ts";
import { largestOf } from "./runtime-usage.ts";

/** So fast lives the market until every worker plays; from then on in real time. */
const START_SPEED = 60;
const WHOLE_LIMIT_MS = 300_000;
const ASK_EVERY_MS = 500;
const GOOD = { dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };

export interface DeploymentOptions {
  readonly port: number;
  /** Name and target. */
  readonly fleets: ReadonlyMap<string, number>;
  /** Of every fleet, beside the target and what is the same for all. */
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Deployment {
  readonly sim: Sim;
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** The process that runs the Worker. */
  readonly runtime: number;
  readonly stop: () => Promise<void>;
}

export async function deploy({ port, fleets, spec }: DeploymentOptions): Promise<Deployment> {
  const workers = [...fleets.values()].reduce((sum, target) => sum + target, 0);
  const sim = await startSim({
    port: 0,
    speed: START_SPEED,
    credit: 1_000_000,
    hosts: { ...GOOD, count: workers + 20 },
    listLagMs: [0, 0],
    // A hundred workers on one repo would be over the Hub's quota, which is no matter of this measurement.
    commitsPerHour: Number.MAX_SAFE_INTEGER,
  });
  for (const [fleet, target] of fleets) for (let slot = 0; slot < target; slot++) rentAsTheScriptsDid(sim, fleet, slot);
  const stateDir = mkdtempSync(join(tmpdir(), "fleetkeeper-bench-"));
  const keeper = createKeeperProcess({ port, stateDir, marketUrl: sim.url, tickSeconds: 60 });
  const call: Deployment["call"] = async (method, path, body) => {
    const { status, json } = await keeper.call(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path} answers ${status}: ${JSON.stringify(json)}`);
    return json;
  };
  const stop = async (): Promise<void> => {
    await keeper.stop();
    await sim.close();
    rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    await keeper.start();
    for (const [fleet, target] of fleets)
      await call("PUT", `/api/fleets/${fleet}`, { target, maxPriceUsdPerHour: null, proveFirst: false, ...spec });
    await untilWhole(call, fleets);
    sim.market.state.settings = { ...sim.market.state.settings, speed: 1 };
    return { sim, call, runtime: largestOf(keeper.runtimes()), stop };
  } catch (error) {
    console.error(keeper.outputTail());
    await stop();
    throw error;
  }
}

function rentAsTheScriptsDid({ market: { state } }: Sim, fleet: string, slot: number): void {
  const host = [...state.hosts.values()].find(({ offers }) => offers.length > 0);
  const offer = host?.offers[0];
  if (host === undefined || offer === undefined) throw new Error("the market has too few machines");
  rentBox(state, {
    accountId: DEFAULT_ACCOUNT_ID,
    offerId: offer.id,
    host,
    gpuCount: offer.gpuCount,
    image: "pytorch/pytorch:2.6.0-cuda12.6-cudnn9-runtime",
    diskGb: 15,
    label: `${fleet}-worker-vast-${slot}`,
    env: { HF_TOKEN: "hf_BenchToken0123456789", WORKER_ID: `${fleet}-${slot}` },
    onstart: null,
    args: [],
    runtype: "ssh",
    bid: null,
    isStopped: false,
  });
}

async function untilWhole(call: Deployment["call"], fleets: ReadonlyMap<string, number>): Promise<void> {
  const endMs = Date.now() + WHOLE_LIMIT_MS;
  for (const [fleet, target] of fleets) {
    for (;;) {
      const { totals, notes } = (await call("GET", `/api/fleets/${fleet}`)) as {
        totals: { producing: number };
        notes: readonly string[];
      };
      if (totals.producing === target) break;
      if (Date.now() > endMs)
        throw new Error(`${fleet}: ${totals.producing} of ${target} produce: ${notes.join(" / ")}`);
      await pause(ASK_EVERY_MS);
    }
  }
}
