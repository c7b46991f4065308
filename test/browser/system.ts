// The whole system as `npm start` runs it, for a browser to look at: the simulated market, the Worker on workerd with the built
// dashboard, cron driven. It is started once for all files; each test makes fleets of its own.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { applyMigrations, startKeeper } from "../../scripts/keeper.ts";
import { startSim } from "../../sim/serve.ts";
import { findChromium } from "./chromium.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly keeperUrl: string;
    readonly marketUrl: string;
  }
}

export const ADMIN = "admin-token-of-the-browser-tests";
export const VIEWER = "viewer-token-of-the-browser-tests";
const TICK_SECONDS = 2;
/** As the demo: a pull takes seconds. */
const SPEED = 20;
/** 120 workers for ten fleets, and offers enough to choose from. */
const HOSTS = { count: 260, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
const CREDIT_USD = 400;

export default async function startSystem(project: TestProject): Promise<() => Promise<void>> {
  // Both are looked for before anything is started, so that what is missing is said first.
  findChromium();
  if (!existsSync(".build/public/index.html")) throw new Error("the dashboard is not built: npm run build");
  const stateDir = await mkdtemp(join(tmpdir(), "fleetkeeper-browser-"));
  const sim = await startSim({ port: 0, seed: 3, speed: SPEED, demo: true, credit: CREDIT_USD, hosts: HOSTS });
  applyMigrations(stateDir);
  const lines: string[] = [];
  const keeper = await startKeeper(
    {
      port: await freePort(),
      simPort: 0,
      stateDir,
      marketUrl: sim.url,
      hubUrl: sim.url,
      isDemo: false,
      tickSeconds: TICK_SECONDS,
      speed: SPEED,
      adminToken: ADMIN,
      secrets: {
        ADMIN_TOKEN: ADMIN,
        VIEWER_TOKEN: VIEWER,
        VAST_API_KEY: "simulated-market-key-0123456789abcdef",
        HF_TOKEN: "hf_SimulatedHubToken0123456789",
      },
    },
    { market: sim.url, hub: sim.url },
    (line) => void lines.push(line),
  );
  project.provide("keeperUrl", keeper.url);
  project.provide("marketUrl", sim.url);
  return async () => {
    if (process.env["KEEPER_LINES"] !== undefined) console.log(lines.join("\n"));
    await keeper.dispose();
    await sim.close();
    await rm(stateDir, { recursive: true, force: true });
  };
}

async function freePort(): Promise<number> {
  const wished = Number(process.env["BROWSER_TEST_PORT"] ?? 0);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(wished, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : wished;
}
