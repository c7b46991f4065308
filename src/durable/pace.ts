// How fast each route of the market may be called, learnt from its refusals. Pure arithmetic: the account's keeper
// stores the state and owns the clock. The market limits by a minimum interval per route (Vast API reference §8); nothing
// is assumed before the first 429 but the burst the runbook used.

export interface RoutePace {
  /** Milliseconds between two calls; 0 until a refusal taught one. */
  readonly intervalMs: number;
  /** The earliest instant of the next call. */
  readonly nextAtMs: number;
  /** True where a refusal stated the interval; a guess shrinks again, a stated one stays. */
  readonly isStated: boolean;
  /** When a refusal last doubled a guess; absent: none has, or an earlier version stored it. */
  readonly guessedAtMs?: number;
}

export const FREE_PACE: RoutePace = { intervalMs: 0, nextAtMs: 0, isStated: false };

/** A stated threshold is kept with this margin: clocks differ, and a call that comes too early restarts the wait. */
const MARGIN = 1.05;
/** The other calls of a refused burst are refused a moment later, and each refusal may restart the wait. */
const BURST_SPREAD_MS = 500;
/** An answer that asks for more is odd (a threshold in milliseconds, say); it must not still the account for hours. */
const WAIT_MAX_MS = 120_000;
const GUESS_MS = 1000;
const GUESS_MAX_MS = 60_000;

/** Takes up to `count` places that begin before `notAfterMs`; answers when each may be used. What is not taken is not booked. */
export function takePlaces(
  pace: RoutePace,
  count: number,
  nowMs: number,
  notAfterMs: number = Number.POSITIVE_INFINITY,
): { readonly pace: RoutePace; readonly startsAtMs: readonly number[] } {
  const first = Math.max(nowMs, pace.nextAtMs);
  const startsAtMs = Array.from({ length: count }, (_, index) => first + index * pace.intervalMs).filter(
    (startAtMs) => startAtMs < notAfterMs,
  );
  return { pace: { ...pace, nextAtMs: first + startsAtMs.length * pace.intervalMs }, startsAtMs };
}

export interface RefusedCall {
  /** The threshold that the 429 stated; `null`: none. */
  readonly thresholdSeconds: number | null;
  readonly retryAfterSeconds: number | null;
}

/**
 * After a 429: the route waits a whole interval from now. Without a stated threshold the guess doubles, 1 to 60 s; once for
 * all calls of a burst, which were sent before the first of their refusals could teach anything.
 */
export function learnRefusal(pace: RoutePace, refused: RefusedCall, nowMs: number): RoutePace {
  const isStated = refused.thresholdSeconds !== null || pace.isStated;
  const isSameBurst = pace.guessedAtMs !== undefined && nowMs - pace.guessedAtMs < pace.intervalMs + BURST_SPREAD_MS;
  const isGuess = !isStated && !isSameBurst;
  const guessMs = isGuess ? Math.min(GUESS_MAX_MS, Math.max(GUESS_MS, pace.intervalMs * 2)) : pace.intervalMs;
  const statedMs = Math.ceil((refused.thresholdSeconds ?? 0) * 1000 * MARGIN);
  const intervalMs = refused.thresholdSeconds === null ? guessMs : Math.min(WAIT_MAX_MS, statedMs);
  const retryMs = Math.min(WAIT_MAX_MS, (refused.retryAfterSeconds ?? 0) * 1000);
  const waitMs = Math.max(intervalMs + BURST_SPREAD_MS, retryMs);
  const nextAtMs = Math.max(pace.nextAtMs, nowMs + waitMs);
  return { ...pace, intervalMs, nextAtMs, isStated, ...(isGuess ? { guessedAtMs: nowMs } : {}) };
}

/** After a call that was not refused: a guess shrinks, so that one bad minute is forgotten. */
export function learnSuccess(pace: RoutePace): RoutePace {
  return pace.isStated || pace.intervalMs === 0
    ? pace
    : { ...pace, intervalMs: pace.intervalMs < 100 ? 0 : Math.floor(pace.intervalMs * 0.9) };
}
