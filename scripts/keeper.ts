// The Worker on workerd with local objects and a local D1, and its cron trigger driven from here, because a local
// runtime never fires one (platform reference §5).

import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { unstable_startWorker } from "wrangler";
import { endChildrenWithUs } from "./reaper.ts";
import type { StartOptions } from "./start-options.ts";

export interface Keeper {
  readonly url: string;
  call(
    method: string,
    path: string,
    init?: { body?: unknown; accept?: string },
  ): Promise<{ status: number; text: string }>;
  dispose(): Promise<void>;
}

/** A tick awaits the CHECKs it starts, paced launches included; a hung one must not end the ticking. */
const TICK_LIMIT_MS = 120_000;

const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  NO_UPDATE_NOTIFIER: "1",
};

/** Brings the local D1 up to date. Safe to repeat. */
export function applyMigrations(stateDir: string): void {
  const wrangler = join("node_modules", ".bin", "wrangler");
  const run = spawnSync(wrangler, ["d1", "migrations", "apply", "DB", "--local", "--persist-to", stateDir], {
    env: { ...process.env, ...QUIET, CI: "true" },
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`the local database could not be prepared:\n${run.stdout}\n${run.stderr}`);
}

export async function startKeeper(
  options: StartOptions,
  urls: { market: string; hub: string },
  onLine: (line: string, level: string) => void,
): Promise<Keeper> {
  Object.assign(process.env, QUIET);
  // The runtime wants the folder of the static assets, built or not.
  mkdirSync(join(".build", "public"), { recursive: true });
  await provePortFree(options.port);
  endChildrenWithUs();
  const text = (value: string): { type: "plain_text"; value: string } => ({ type: "plain_text", value });
  const secrets = Object.entries(options.secrets).map(([name, value]) => [
    name,
    { type: "secret_text" as const, value },
  ]);
  const worker = await unstable_startWorker({
    config: "wrangler.toml",
    // Secrets were read from .dev.vars by start-options.ts; an empty list keeps wrangler from reading it again.
    envFiles: [],
    bindings: { VAST_URL: text(urls.market), HUB_URL: text(urls.hub), ...Object.fromEntries(secrets) },
    dev: {
      server: { hostname: "127.0.0.1", port: options.port },
      inspector: false,
      watch: false,
      liveReload: false,
      persist: options.stateDir,
      logLevel: "warn",
      structuredLogsHandler: ({ message, level }: { message: string; level: string }) => onLine(message, level),
    },
  });
  await worker.ready;
  const url = (await worker.url).origin;
  const stopCron = driveCron(url, options.tickSeconds * 1000);
  return {
    url,
    call: async (method, path, { body, accept = "application/json" } = {}) => {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          Authorization: `Bearer ${options.adminToken}`,
          Accept: accept,
          "Content-Type": "application/json",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    },
    dispose: async () => {
      stopCron();
      await worker.dispose();
    },
  };
}

/** The runtime waits silently for a port that another program has. */
async function provePortFree(port: number): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once("error", (error) =>
      reject(new Error(`port ${port} cannot be used (${error.message}): choose another with --port`)),
    );
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve()));
  });
}

/** One tick per interval, counted in scheduled time; a tick that is still running makes the next one wait its turn. */
function driveCron(url: string, everyMs: number): () => void {
  const startedAtMs = Date.now();
  let isRunning = false;
  const tick = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    const scheduledAtMs = startedAtMs + Math.round((Date.now() - startedAtMs) / everyMs) * everyMs;
    try {
      const answer = await fetch(`${url}/cdn-cgi/local/scheduled?cron=*+*+*+*+*&time=${scheduledAtMs}`, {
        signal: AbortSignal.timeout(TICK_LIMIT_MS),
      });
      await answer.body?.cancel();
    } catch (error) {
      console.error(`cron tick failed: ${String(error)}`);
    } finally {
      isRunning = false;
    }
  };
  void tick();
  const timer = setInterval(() => void tick(), everyMs);
  return () => clearInterval(timer);
}
