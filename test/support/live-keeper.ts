// The whole thing as `npm start` runs it, in a process of its own, for tests that come in from outside over HTTP.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ADMIN = "admin-token-for-live-tests";
export const VIEWER = "viewer-token-for-live-tests";

export interface LiveKeeper {
  readonly url: string;
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

const START_MS = 90_000;

/** Cron comes every second, and the market lives sixty times as fast. */
export async function startLiveKeeper(): Promise<LiveKeeper> {
  const [port, simPort] = [await freePort(), await freePort()];
  const state = mkdtempSync(join(tmpdir(), "fleetkeeper-live-"));
  const flags = { port, "sim-port": simPort, state, tick: 1, speed: 60 };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn(process.execPath, ["scripts/start.ts", ...args, "--no-demo"], {
    env: { ...process.env, ADMIN_TOKEN: ADMIN, VIEWER_TOKEN: VIEWER },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = `http://127.0.0.1:${port}`;
  await isReady(child);
  return {
    url,
    ask: (method, path, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${ADMIN}`, ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** Waits for the line that comes last; what was printed until then tells why it does not come. */
function isReady(child: ChildProcess): Promise<void> {
  let printed = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`npm start ${why}:\n${printed}`));
    const timer = setTimeout(() => {
      child.kill("SIGTERM");
      fail("was not ready in time");
    }, START_MS);
    child.once("exit", (code) => fail(`ended with ${code}`));
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        printed += chunk.toString();
        if (!/^Try /m.test(printed)) return;
        clearTimeout(timer);
        resolve();
      });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
