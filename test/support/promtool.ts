// Prometheus' own judge of metrics and rules. `.ci/run` brings it; without it and outside CI the tests that need it are
// left out, and say so.

import { spawnSync } from "node:child_process";

const promtool = process.env["PROMTOOL"] ?? "promtool";

/** True in CI even where it is missing: there its absence is a failure. */
export const hasPromtool = process.env["CI"] !== undefined || spawnSync(promtool, ["--version"]).status === 0;

/** What it finds fault with; empty: nothing. Throws where it cannot be run. */
export function promtoolComplaints(args: readonly string[], input = ""): string {
  const run = spawnSync(promtool, args, { input, encoding: "utf8" });
  if (run.error !== undefined) throw new Error(`promtool cannot be run (set PROMTOOL): ${run.error.message}`);
  return run.status === 0 ? "" : `${run.status}: ${run.stdout}${run.stderr}`;
}
