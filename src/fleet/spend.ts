// What a fleet has spent, as a running sum: price × time of every box it pays for (design rule 22). Counted from charges
// that overlap neither each other nor what was counted before, so that looking more or less often changes nothing.

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/**
 * A clock that was set back by less is waited for, which counts every hour once. Set back by more, counting begins anew:
 * hours counted twice cost less than a budget that watches nothing.
 */
const CLOCK_SLACK_MS = HOUR_MS;

export interface Spend {
  /** Midnight UTC of the day that `dayUsd` is of. */
  readonly dayAtMs: number;
  readonly dayUsd: number;
  readonly totalUsd: number;
  /** Everything up to this instant is in the sums. */
  readonly atMs: number;
}

/** One box at one price from one instant to another. */
export interface Charge {
  readonly usdPerHour: number | null;
  readonly fromMs: number;
  readonly toMs: number;
}

export function beginSpend(nowMs: number): Spend {
  return { dayAtMs: utcDay(nowMs), dayUsd: 0, totalUsd: 0, atMs: nowMs };
}

/** Midnight UTC before an instant. */
export function utcDay(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

export function nextUtcDay(atMs: number): number {
  return utcDay(atMs) + DAY_MS;
}

/** From when a box that has been paid for all along is charged next. */
export function countedUntil(spend: Spend, nowMs: number): number {
  return spend.atMs - nowMs > CLOCK_SLACK_MS ? nowMs : spend.atMs;
}

export function addCharges(spend: Spend, charges: readonly Charge[], nowMs: number): Spend {
  const untilMs = countedUntil(spend, nowMs);
  const isSetBack = untilMs < spend.atMs;
  const today = utcDay(nowMs);
  const dayAtMs = isSetBack ? today : Math.max(spend.dayAtMs, today);
  return {
    dayAtMs,
    dayUsd: (dayAtMs === spend.dayAtMs ? spend.dayUsd : 0) + costSince(charges, dayAtMs),
    totalUsd: spend.totalUsd + costSince(charges, Number.NEGATIVE_INFINITY),
    atMs: Math.max(untilMs, nowMs),
  };
}

/** A price that the market does not tell is not counted. */
function costSince(charges: readonly Charge[], sinceMs: number): number {
  return charges.reduce((sum, { usdPerHour, fromMs, toMs }) => {
    const hours = Math.max(0, toMs - Math.max(fromMs, sinceMs)) / HOUR_MS;
    return sum + (usdPerHour ?? 0) * hours;
  }, 0);
}
