// `npm run bench`: every part in turn, whatever the one before it showed; fails where any has.

import { spawnSync } from "node:child_process";

const SIMULATED = ["--import", "./test/simulation/hooks.ts"];
const PARTS: readonly (readonly [command: string, ...args: string[]])[] = [
  ["node", "bench/decide.ts"],
  ["node", "bench/read-log.ts"],
  ["node", "bench/cli-start.ts"],
  ["node", ...SIMULATED, "bench/reaction.ts"],
  ["node", ...SIMULATED, "bench/ramp.ts"],
  ["vitest", "run", "--config", "vitest.bench.config.mts"],
  ["node", "bench/check.ts"],
  ["node", "bench/fleets.ts"],
];

const broken = PARTS.filter(([command, ...args]) => {
  console.log(`\n== ${[command, ...args].join(" ")}`);
  // npm puts the project's own Node and vitest first on the PATH.
  return spawnSync(command, args, { stdio: "inherit" }).status !== 0;
});
for (const part of broken) console.log(`BROKEN or failed: ${part.join(" ")}`);
process.exitCode = broken.length > 0 ? 1 : 0;
