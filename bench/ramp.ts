// What a ramp to twelve asks of the market, from the order until all twelve are rented: the production code on the
// simulation's clock, with the default spec and the market's documented rate limits. Promise (design §8): at most 20 calls
// without logs, refused ones counted. The script: 144, as each of its twelve launches searches eleven GPU types by itself.

import { parseArgs } from "node:util";
import { ownAlive } from "../test/simulation/truth.ts";
import { HOUR, MINUTE, SECOND, START_MS, World } from "../test/simulation/world.ts";
import { quantile } from "./measure.ts";
import { printFigure } from "./print.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "40" }, seed: { type: "string", default: "1" } },
});
const SEEDS = Number(values.seeds);
const TARGET = 12;
const CALLS_MAX = 20;

/** What the documentation leaves open of a create that comes too early (Vast API reference §8). */
const LIMITS = [
  { what: "without the penalty", createPenaltySeconds: 0 },
  { what: "with the penalty of 12 s", createPenaltySeconds: 12 },
];

interface Ramp {
  readonly calls: number;
  readonly refused: number;
  readonly seconds: number;
}

async function ramp(seed: number, createPenaltySeconds: number): Promise<Ramp> {
  const hosts = { count: 80, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
  const market = { credit: 1000, hosts, listLagMs: [0, 30_000], rateLimits: { createPenaltySeconds } } as const;
  const world = new World({ seed, tickMs: MINUTE, market });
  const counts = { calls: 0, refused: 0 };
  const rented = (): number => world.onMarket(() => ownAlive(world, "zeb").length);
  let wholeAtMs: number | null = null;
  world.onAnswer = (url, _init, status) => {
    if (wholeAtMs !== null || !/\/api\/v[01]\/(?!.*request_logs)/.test(url)) return;
    counts.calls += 1;
    if (status === 429) counts.refused += 1;
    if (rented() >= TARGET) wholeAtMs = world.nowMs;
  };
  const spec = { target: TARGET, preset: "zeb", proveFirst: false, maxPriceUsdPerHour: null };
  void world.door("PUT", "/api/fleets/zeb", spec);
  while (wholeAtMs === null && world.nowMs < START_MS + HOUR)
    await world.platform.schedule.runUntil(world.nowMs + SECOND);
  world.platform.close();
  return { ...counts, seconds: ((wholeAtMs ?? Infinity) - START_MS) / SECOND };
}

console.log(`a ramp to ${TARGET}, until all are rented; ${SEEDS} seeds from ${values.seed} (the script: 144 calls)`);
for (const { what, createPenaltySeconds } of LIMITS) {
  const ramps: Ramp[] = [];
  for (let seed = Number(values.seed); seed < Number(values.seed) + SEEDS; seed++)
    ramps.push(await ramp(seed, createPenaltySeconds));
  const spread = (of: (ramp: Ramp) => number): string =>
    [0.5, 0.95, 1].map((share) => quantile(ramps.map(of), share).toFixed(0)).join(", ");
  const worst = quantile(
    ramps.map(({ calls }) => calls),
    1,
  );
  printFigure(
    `${what}: calls without logs, p50, p95, worst`,
    spread(({ calls }) => calls),
    `≤ ${CALLS_MAX}`,
    worst <= CALLS_MAX,
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
