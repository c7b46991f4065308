// A fleet's ramp on a market without bad machines, with the documented rate limits and the default spec: what it asks of the
// market from the order until all are rented. Promise (design §8): at most 20 calls for twelve without logs, refused ones
// counted.

import { ownAlive } from "./truth.ts";
import { HOUR, MINUTE, SECOND, START_MS, World } from "./world.ts";

export const RAMP_TARGET = 12;
export const RAMP_CALLS_MAX = 20;

/** What the documentation leaves open of a create that comes too early, in seconds (Vast API reference §8). */
export const CREATE_PENALTIES = [0, 12] as const;

export interface Ramp {
  readonly calls: number;
  readonly refused: number;
  readonly seconds: number;
}

export async function ramp(seed: number, createPenaltySeconds: number): Promise<Ramp> {
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
    if (rented() >= RAMP_TARGET) wholeAtMs = world.nowMs;
  };
  const spec = { target: RAMP_TARGET, preset: "zeb", proveFirst: false, maxPriceUsdPerHour: null };
  void world.door("PUT", "/api/fleets/zeb", spec);
  while (wholeAtMs === null && world.nowMs < START_MS + HOUR)
    await world.platform.schedule.runUntil(world.nowMs + SECOND);
  world.platform.close();
  return { ...counts, seconds: ((wholeAtMs ?? Infinity) - START_MS) / SECOND };
}
