// The games/s of one worker over the last hours, few enough to live in its row: a picture, not a measurement. Statistics
// come from the hours in D1.

/** As many as a small picture has room for. */
export const RATES_MAX = 24;
/** 24 of them are six hours. */
const STEP_MAX_MS = 15 * 60_000;

export interface RateHistory {
  /** A rate sooner than this after the newest one is left out. */
  readonly stepMs: number;
  /** Oldest first. */
  readonly rates: readonly { readonly atMs: number; readonly gamesPerSecond: number }[];
}

export const NO_RATES: RateHistory = { stepMs: 0, rates: [] };

/**
 * With one more rate. A young worker keeps every batch; where there is no more room, every second one goes and the step
 * grows, up to a quarter of an hour; from then on the oldest goes.
 */
export function addRate({ stepMs, rates }: RateHistory, atMs: number, gamesPerSecond: number): RateHistory {
  const newest = rates.at(-1);
  if (newest !== undefined && atMs - newest.atMs < stepMs) return { stepMs, rates };
  const all = [...rates, { atMs, gamesPerSecond }];
  const [oldest] = all;
  if (all.length <= RATES_MAX || oldest === undefined) return { stepMs, rates: all };
  if (stepMs >= STEP_MAX_MS) return { stepMs, rates: all.slice(1) };
  const meanMs = (atMs - oldest.atMs) / (all.length - 1);
  return {
    stepMs: Math.min(STEP_MAX_MS, Math.max(stepMs, meanMs) * 2),
    rates: all.filter((_, index) => (all.length - 1 - index) % 2 === 0),
  };
}
