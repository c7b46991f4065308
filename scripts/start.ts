// `npm start`: the whole thing on one machine with nothing to sign up for. Simulated market and Hub, the real Worker on
// workerd with local D1 and objects, cron driven, a demo fleet to watch. Flags: `npm start -- --help`.

import { join } from "node:path";
import { startSim } from "../sim/serve.ts";
import { runDemo } from "./demo.ts";
import { applyMigrations, type Keeper, startKeeper } from "./keeper.ts";
import { readOptions, USAGE } from "./start-options.ts";

const TABLE_EVERY_MS = 2000;
const PARENT_LOOK_MS = 1000;
/** The runtime tells its makers that an alarm ran some milliseconds before its time; it says nothing of the fleets. */
const RUNTIME_NOTE = "NOSENTRY SQLite alarm overdue";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const say = (line: string): void => console.log(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
  applyMigrations(options.stateDir);
  const isSimNeeded = options.marketUrl === null || options.hubUrl === null;
  const sim = isSimNeeded
    ? await startSim({
        port: options.simPort,
        seed: 1,
        speed: options.speed,
        demo: options.isDemo,
        statePath: join(options.stateDir, "market.json"),
      })
    : null;
  const market = options.marketUrl ?? sim?.url ?? "";
  const hub = options.hubUrl ?? sim?.url ?? "";
  const keeper = await startKeeper(options, { market, hub }, (line, level) => {
    // Events are for machines; people read the lines beside them.
    const isForMachines = line.startsWith("{") && level !== "error";
    if (!isForMachines && !line.startsWith(RUNTIME_NOTE)) say(line);
  });
  console.log(`Fleetkeeper   ${keeper.url}`);
  console.log(`Dashboard     ${keeper.url}/  (log in with the token below)`);
  console.log(`Admin token   ${options.adminToken}`);
  console.log(
    `Market        ${market}${options.marketUrl === null ? ` (simulated, speed ${options.speed}; the truth: ${market}/sim/state)` : ""}`,
  );
  console.log(`Hub           ${hub}${options.hubUrl === null ? " (simulated)" : ""}`);
  const missing = ["VAST_API_KEY", "HF_TOKEN"].filter((name) => options.secrets[name] === undefined);
  if (missing.length > 0)
    console.log(
      `Missing       ${missing.join(" and ")}: nothing can be rented; set them in the environment or .dev.vars`,
    );
  console.log(`State         ${options.stateDir}; cron every ${options.tickSeconds} s`);
  console.log(
    `Try           curl -H "Authorization: Bearer ${options.adminToken}" -H "Accept: text/plain" ${keeper.url}/api/status\n`,
  );
  const stopping = new AbortController();
  const lastTable = keepTable(keeper, stopping.signal);
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    console.log(`\n${lastTable()}`);
    await keeper.dispose();
    await sim?.close();
    console.log("Stopped. The fleets stay as they are; the next npm start goes on with them.");
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The runtime's own handlers would end this process before the table is shown.
    process.removeAllListeners(signal);
    process.on(signal, () => void stop());
  }
  endWithNpm(() => void stop());
  if (!options.isDemo) return;
  await runDemo(keeper, market, say, stopping.signal).catch((error: unknown) => {
    // A keeper that is being stopped answers the demo no more.
    if (!stopping.signal.aborted) throw error;
  });
}

/** A signal sent to `npm start` alone ends npm and leaves us running unseen, with a keeper that goes on renting. */
function endWithNpm(stop: () => void): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const npm = process.ppid;
  setInterval(() => {
    if (process.ppid !== npm) stop();
  }, PARENT_LOOK_MS).unref();
}

/** A terminal's Ctrl-C ends the runtime together with us, so the table is kept at hand. */
function keepTable(keeper: Keeper, signal: AbortSignal): () => string {
  let table = "";
  const read = async (): Promise<void> => {
    try {
      const { status, text } = await keeper.call("GET", "/api/status", { accept: "text/plain" });
      if (status === 200 && !signal.aborted) table = text;
    } catch {
      // The last table stands; the cron driver says when the keeper does not answer.
    }
  };
  const timer = setInterval(() => void read(), TABLE_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  return () => table;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof TypeError || (error instanceof Error && error.message.startsWith("--")))
    console.error(`\n${USAGE}`);
  process.exit(1);
}
