// `npm start`: the whole thing on one machine with nothing to sign up for. Simulated market and Hub, the real Worker on
// workerd with local D1 and objects, cron driven, a demo fleet to watch. Flags: `npm start -- --help`.

import { join } from "node:path";
import { startSim } from "../sim/serve.ts";
import { runDemo } from "./demo.ts";
import { applyMigrations, startKeeper } from "./keeper.ts";
import { readOptions, USAGE } from "./start-options.ts";

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
    if (!line.startsWith("{") || level === "error") say(line);
  });
  console.log(`Fleetkeeper   ${keeper.url}`);
  console.log(`Admin token   ${options.secrets["ADMIN_TOKEN"] ?? ""}`);
  console.log(
    `Market        ${market}${options.marketUrl === null ? ` (simulated, speed ${options.speed}; the truth: ${market}/sim/state)` : ""}`,
  );
  console.log(`Hub           ${hub}${options.hubUrl === null ? " (simulated)" : ""}`);
  console.log(`State         ${options.stateDir}; cron every ${options.tickSeconds} s`);
  console.log(
    `Try           curl -H "Authorization: Bearer ${options.secrets["ADMIN_TOKEN"] ?? ""}" -H "Accept: text/plain" ${keeper.url}/api/status\n`,
  );
  const stopping = new AbortController();
  const stop = async (): Promise<void> => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    try {
      const table = await keeper.call("GET", "/api/status", { accept: "text/plain" });
      console.log(`\n${table.text}`);
    } finally {
      await keeper.dispose();
      await sim?.close();
    }
    console.log("Stopped. The fleet stays as it is; npm start goes on with it.");
    process.exit(0);
  };
  process.on("SIGINT", () => void stop());
  process.on("SIGTERM", () => void stop());
  if (options.isDemo) await runDemo(keeper, market, say, stopping.signal);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof TypeError || (error instanceof Error && error.message.startsWith("--")))
    console.error(`\n${USAGE}`);
  process.exit(1);
}
