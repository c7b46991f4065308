// The flags of `npm start` (after `--`), and where its secrets come from.

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { readTokens } from "../src/tokens.ts";
import { openState } from "./state-folder.ts";

export interface StartOptions {
  readonly port: number;
  readonly simPort: number;
  /** Holds the objects, D1, and the simulated market. */
  readonly stateDir: string;
  /** `null`: the built-in simulated market. */
  readonly marketUrl: string | null;
  /** `null`: the built-in simulated Hub. */
  readonly hubUrl: string | null;
  readonly isDemo: boolean;
  readonly tickSeconds: number;
  readonly speed: number;
  readonly secrets: Readonly<Record<string, string>>;
  /** The first of those in ADMIN_TOKEN, for what is asked and printed here. */
  readonly adminToken: string;
}

export const USAGE = `npm start -- [flags]
  --port 8787        where the keeper listens
  --sim-port 8788    where the simulated market listens
  --state DIR        where everything is kept (default .data)
  --fresh            empty the state first
  --market URL|real  use another market than the simulated one; real: console.vast.ai
  --hub URL          use another Hub than the simulated one (with --market real: huggingface.co)
  --no-demo          make no demo fleet
  --tick SECONDS     how often cron is driven (default 60; the demo uses 5)
  --speed X          how fast things happen in the simulated market (the demo uses 20)`;

const REAL = { market: "https://console.vast.ai", hub: "https://huggingface.co" };
const REAL_HOSTS: ReadonlySet<string> = new Set(["console.vast.ai", "cloud.vast.ai", "vast.ai"]);
const DEMO_TICK_SECONDS = 5;
const DEMO_SPEED = 20;

export function readOptions(args: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      port: { type: "string", default: "8787" },
      "sim-port": { type: "string", default: "8788" },
      state: { type: "string", default: ".data" },
      fresh: { type: "boolean", default: false },
      market: { type: "string" },
      hub: { type: "string" },
      demo: { type: "boolean", default: true },
      tick: { type: "string" },
      speed: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const marketUrl = values.market === "real" ? REAL.market : urlFlag("--market", values.market);
  const isReal = marketUrl !== null && REAL_HOSTS.has(new URL(marketUrl).hostname);
  const hubUrl = values.hub === undefined && isReal ? REAL.hub : urlFlag("--hub", values.hub);
  const isDemo = values.demo && marketUrl === null;
  const numbers = {
    port: numberFlag("--port", values.port, 0),
    simPort: numberFlag("--sim-port", values["sim-port"], 0),
    tickSeconds: numberFlag("--tick", values.tick ?? String(isDemo ? DEMO_TICK_SECONDS : 60), 1),
    speed: numberFlag("--speed", values.speed ?? String(isDemo ? DEMO_SPEED : 1), 0.001),
  };
  if (values.fresh && isReal) {
    throw new Error("--fresh with the real market would forget which rented instances are ours: they would bill on");
  }
  openState(values.state, { isFresh: values.fresh, market: marketUrl ?? "simulated" });
  const services = { isSimulatedMarket: marketUrl === null, isSimulatedHub: hubUrl === null };
  const secrets = readSecrets(values.state, services);
  const faults: string[] = [];
  const [admin] = readTokens({ admin: secrets["ADMIN_TOKEN"] ?? null, viewer: null }, faults);
  if (admin === undefined) throw new Error(faults.join("; "));
  return { ...numbers, stateDir: values.state, marketUrl, hubUrl, isDemo, secrets, adminToken: admin.token };
}

function urlFlag(name: string, value: string | undefined): string | null {
  if (value === undefined) return null;
  if (URL.canParse(value)) return value.replace(/\/+$/, "");
  throw new Error(`${name} takes a URL, got "${value}"`);
}

function numberFlag(name: string, value: string, minimum: number): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= minimum) return number;
  throw new Error(`${name} takes a number of at least ${minimum}, got "${value}"`);
}

const SECRET_NAMES = [
  "ADMIN_TOKEN",
  "VIEWER_TOKEN",
  "VAST_API_KEY",
  "HF_TOKEN",
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_FORMAT",
  "ALERT_WEBHOOK_SECRET",
  "VAST_WEBHOOK_SECRET",
  "WANDB_API_KEY",
] as const;

/** From the environment, else from .dev.vars. The simulated services get keys of their own, never a real one. */
function readSecrets(
  stateDir: string,
  services: { isSimulatedMarket: boolean; isSimulatedHub: boolean },
): Record<string, string> {
  const file = existsSync(".dev.vars") ? parseEnv(readFileSync(".dev.vars", "utf8")) : {};
  const given = Object.fromEntries(
    SECRET_NAMES.flatMap((name): [string, string][] => {
      // A learner of the simulated Hub has no run at W&B, so a key that happens to be set is not used.
      if (name === "WANDB_API_KEY" && services.isSimulatedHub) return [];
      const value = process.env[name] ?? file[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  return {
    ...given,
    ...(services.isSimulatedMarket ? { VAST_API_KEY: "simulated-market-key-0123456789abcdef" } : {}),
    ...(services.isSimulatedHub ? { HF_TOKEN: "hf_SimulatedHubToken0123456789" } : {}),
    ADMIN_TOKEN: given["ADMIN_TOKEN"] ?? madeUpToken(join(stateDir, "admin-token")),
  };
}

/** Made once per state folder, so that a restart keeps the token. */
function madeUpToken(path: string): string {
  if (existsSync(path)) return readFileSync(path, "utf8").trim();
  const token = randomBytes(18).toString("base64url");
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}
