/**
 * The simulated market as a server of Node, by hand (`node sim/serve.ts --port 8788`) or from `npm start`. With a state
 * file it goes on where it stopped, killed or not.
 */
import type { Server } from "node:http";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { createApp } from "./app.ts";
import { createMarket, type Market, type MarketOptions } from "./market.ts";
import { loadState, saveState } from "./persist.ts";

export interface SimOptions extends Omit<MarketOptions, "clock"> {
  readonly port: number;
  /** Where the market is kept; absent: in memory only. */
  readonly statePath?: string;
}

export interface Sim {
  readonly url: string;
  readonly market: Market;
  close(): Promise<void>;
}

/** Changes other than a rent or a destroy are written at the latest this much later. */
const SAVE_DELAY_MS = 1000;

/** Starts the market on the loopback address; port 0 takes a free one. */
export async function startSim(options: SimOptions): Promise<Sim> {
  const { port, statePath, ...marketOptions } = options;
  const market = createMarket(marketOptions);
  const saved = statePath === undefined ? null : loadState(statePath);
  if (saved !== null) {
    market.state = saved;
    saved.settings = { ...saved.settings, speed: options.speed ?? saved.settings.speed };
    // Calls that were open when the server was killed are open no more.
    saved.calls.open = [];
  }
  const saver = statePath === undefined ? null : keepSaved(market, statePath);
  const app = createApp(market);
  const { server, address } = await new Promise<{ server: Server; address: number }>((resolve, reject) => {
    const started = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, (info) => {
      resolve({ server: started as Server, address: info.port });
    });
    started.on("error", reject);
  });
  return {
    url: `http://127.0.0.1:${address}`,
    market,
    close: async () => {
      saver?.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Saves at once after a rent or a destroy, a little later after anything else, and when stopped. */
function keepSaved(market: Market, path: string): { stop(): void } {
  let timer: NodeJS.Timeout | null = null;
  const save = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    saveState(path, market.state);
  };
  market.onChange = (isUrgent) => {
    if (isUrgent) return save();
    timer ??= setTimeout(save, SAVE_DELAY_MS);
  };
  save();
  return { stop: save };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "8788" },
      seed: { type: "string", default: "1" },
      speed: { type: "string", default: "1" },
      credit: { type: "string", default: "25" },
      state: { type: "string" },
      "rate-limits": { type: "boolean", default: false },
      demo: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const sim = await startSim({
    port: numberFlag("port", values.port, 0),
    seed: numberFlag("seed", values.seed, 0),
    speed: numberFlag("speed", values.speed, 0.001),
    credit: numberFlag("credit", values.credit, 0),
    rateLimits: values["rate-limits"],
    demo: values.demo,
    ...(values.state === undefined ? {} : { statePath: values.state }),
  });
  console.log(
    `simulated market at ${sim.url} (seed ${values.seed}, speed ${values.speed}); truth at ${sim.url}/sim/state`,
  );
  const stop = (): void => {
    void sim.close().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}

const USAGE = `npm run sim -- [--port 8788] [--seed 1] [--speed 1] [--credit 25] [--state FILE] [--rate-limits] [--demo]
sim/README.md says what each means.`;

function numberFlag(name: string, value: string, minimum: number): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number) && number >= minimum) return number;
  throw new Error(`--${name} takes a number of at least ${minimum}, got "${value}"`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exit(1);
  }
}
