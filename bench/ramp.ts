// What a ramp to twelve asks of the market, from the order until all twelve are rented: the production code on the
// simulation's clock (`test/simulation/ramp.ts`). The script: 144 calls, as each of its twelve launches searches eleven GPU
// types by itself.

import { parseArgs } from "node:util";
import { CREATE_PENALTIES, type Ramp, ramp, RAMP_CALLS_MAX, RAMP_TARGET } from "../test/simulation/ramp.ts";
import { quantile } from "./measure.ts";
import { printFigure } from "./print.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "40" }, seed: { type: "string", default: "1" } },
});
const SEEDS = Number(values.seeds);

console.log(
  `a ramp to ${RAMP_TARGET}, until all are rented; ${SEEDS} seeds from ${values.seed} (the script: 144 calls)`,
);
for (const penaltySeconds of CREATE_PENALTIES) {
  const ramps: Ramp[] = [];
  for (let seed = Number(values.seed); seed < Number(values.seed) + SEEDS; seed++)
    ramps.push(await ramp(seed, penaltySeconds));
  const spread = (of: (ramp: Ramp) => number): string =>
    [0.5, 0.95, 1].map((share) => quantile(ramps.map(of), share).toFixed(0)).join(", ");
  const worst = quantile(
    ramps.map(({ calls }) => calls),
    1,
  );
  printFigure(
    `with a penalty of ${penaltySeconds} s: calls without logs, p50, p95, worst`,
    spread(({ calls }) => calls),
    `≤ ${RAMP_CALLS_MAX}`,
    worst <= RAMP_CALLS_MAX,
  );
  printFigure(
    "  of these refused for their rate",
    spread(({ refused }) => refused),
  );
  printFigure(
    "  seconds until all are rented",
    spread(({ seconds }) => seconds),
  );
}
