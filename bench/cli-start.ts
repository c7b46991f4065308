// How long the command `fleet` takes from the press of the key until its question is at the keeper: Node's own start,
// loading, parsing of the words, the first connection. Promise: at most 300 ms.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { milliseconds, printFigure } from "./print.ts";

const LIMIT_MS = 300;
const STARTS = 21;

const BIN = "cli/bin.mjs";

let askedAtMs: number | null = null;
const server = createServer((_request, response) => {
  askedAtMs = performance.now();
  response.writeHead(200, { "Content-Type": "text/plain" }).end("done\n");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

/** Until the question comes, or until the end where none does. */
async function startOf(args: readonly string[]): Promise<number> {
  askedAtMs = null;
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: { FLEETKEEPER_URL: `http://127.0.0.1:${port}`, FLEETKEEPER_TOKEN: "token-for-the-bench" },
    stdio: "ignore",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code ?? "a signal"}`);
  return (askedAtMs ?? performance.now()) - startedAtMs;
}

async function print(what: string, args: readonly string[], limitMs: number | null): Promise<void> {
  // The first start compiles what the others find compiled.
  await startOf(args);
  const times: number[] = [];
  for (let start = 0; start < STARTS; start++) times.push(await startOf(args));
  const sorted = times.toSorted((a, b) => a - b);
  const ms = sorted[Math.floor(STARTS / 2)] ?? Number.NaN;
  const figure = `${milliseconds(ms)} (${milliseconds(sorted[0] ?? Number.NaN)})`;
  if (limitMs === null) printFigure(what, figure);
  else printFigure(what, figure, `≤ ${limitMs} ms`, ms <= limitMs);
}

console.log("from the start of a process, median (and fastest)");
await print("Node alone, an empty program", ["-e", "0"], null);
await print("fleet --help", [BIN, "--help"], LIMIT_MS);
await print("fleet status, until the keeper is asked", [BIN, "status"], LIMIT_MS);
server.close();
