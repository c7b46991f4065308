// The keeper as a process of its own, as `npm start` runs it against a market elsewhere: it can be killed in the middle of
// anything and started again on the same state.

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const START_LIMIT_MS = 150_000;
const ASK_EVERY_MS = 200;
const CALL_LIMIT_MS = 30_000;

export interface KeeperProcess {
  readonly start: () => Promise<void>;
  /** `process`: all at once; `runtime`: workerd dies first, under a Node process that notices nothing for a second. */
  readonly kill: (what: "process" | "runtime") => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly call: (method: string, path: string, body?: unknown) => Promise<{ status: number; json: unknown }>;
  readonly outputTail: () => string;
  /** Where a secret stood in what the keeper printed or answered; empty: nowhere. */
  readonly leaks: () => readonly string[];
  /** The runtimes of this keeper: the development server's proxy, and the one that runs the Worker. */
  readonly runtimes: () => readonly number[];
}

export interface KeeperProcessOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly marketUrl: string;
  readonly tickSeconds: number;
}

const TOKEN = "chaos-admin-token-0123456789";
const MARKET_KEY = "chaos-market-key-0123456789";
const HUB_TOKEN = "hf_ChaosToken0123456789";

export function createKeeperProcess(options: KeeperProcessOptions): KeeperProcess {
  const url = `http://127.0.0.1:${options.port}`;
  let child: ChildProcess | null = null;
  let output = "";
  const leaks: string[] = [];

  const lookForSecrets = (text: string, where: string): void => {
    const found = [MARKET_KEY, HUB_TOKEN].find((secret) => text.includes(secret));
    if (found !== undefined) leaks.push(`${where}: ${found.slice(0, 8)}…`);
  };

  const call: KeeperProcess["call"] = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(CALL_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    lookForSecrets(text, `${method} ${path}`);
    return { status: answer.status, json: parse(text) };
  };

  const start = async (): Promise<void> => {
    const args = ["scripts/start.ts", "--no-demo", "--port", String(options.port), "--state", options.stateDir];
    args.push("--market", options.marketUrl, "--hub", options.marketUrl, "--tick", String(options.tickSeconds));
    const secrets = {
      ADMIN_TOKEN: TOKEN,
      VAST_API_KEY: MARKET_KEY,
      HF_TOKEN: HUB_TOKEN,
    };
    const begun = spawn(process.execPath, args, { env: { ...process.env, ...secrets } });
    child = begun;
    const keep = (chunk: Buffer): void => {
      const text = chunk.toString();
      // The start prints the admin's token, as it should.
      lookForSecrets(text, "output");
      output = (output + text).slice(-20_000);
    };
    begun.stdout.on("data", keep);
    begun.stderr.on("data", keep);
    const endMs = Date.now() + START_LIMIT_MS;
    while (Date.now() < endMs) {
      if (begun.exitCode !== null) throw new Error(`the keeper did not start:\n${output.slice(-3000)}`);
      const answer = await call("GET", "/healthz").catch(() => null);
      if (answer?.status === 200) return;
      await pause(ASK_EVERY_MS);
    }
    throw new Error(`the keeper does not answer:\n${output.slice(-3000)}`);
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
    ending.kill(signal);
    await ended;
  };

  const kill: KeeperProcess["kill"] = async (what) => {
    if (what === "runtime") {
      for (const pid of runtimesUnder(child?.pid ?? -1)) process.kill(pid, "SIGKILL");
      await pause(1000);
    }
    await end("SIGKILL");
  };

  return {
    start,
    kill,
    stop: () => end("SIGTERM"),
    call,
    outputTail: () => output.slice(-3000),
    leaks: () => leaks,
    runtimes: () => runtimesUnder(child?.pid ?? -1),
  };
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The runtimes that this process has started, and nobody else's. */
function runtimesUnder(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const parentPid = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        return parentPid === parent && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("workerd");
      } catch {
        // It ended while we looked.
        return false;
      }
    });
}
