// How fast each route of the market may be called, learnt from its refusals. Pure arithmetic: the account's keeper
// stores the state and owns the clock. The market limits by a minimum interval per route (Vast API reference §8); nothing
// is assumed before the first 429 but the burst the runbook used.

import type { VastRoute } from "../vast/client.ts";

export interface RoutePace {
  /** Milliseconds between two calls; 0 until a refusal taught one. */
  readonly intervalMs: number;
  /** The earliest instant of the next call. */
  readonly nextAtMs: number;
  /** True where a refusal stated the interval; a guess shrinks again, a stated one stays. */
  readonly isStated: boolean;
  /** No call before this instant: the last refusal's wait. A place that was given before is void. Absent: none was refused. */
  readonly restUntilMs?: number;
}

export const FREE_PACE: RoutePace = { intervalMs: 0, nextAtMs: 0, isStated: false };

/** A stated threshold is kept with this margin: clocks differ, and a call that comes too early restarts the wait. */
const MARGIN = 1.05;
/** The other calls of a refused burst are refused a moment later, and each refusal may restart the wait. */
const BURST_SPREAD_MS = 500;
/** An answer that asks for more is odd (a threshold in milliseconds, say); it must not still the account for hours. */
const WAIT_MAX_MS = 120_000;
const GUESS_MAX_MS = 60_000;

interface Manners {
  /** The interval that is taken for the route's where its refusal states none. */
  readonly guessMs: number;
  /** What a call that comes too early adds to the wait, beside the interval. */
  readonly penaltyMs: number;
}

const MANNERS: Manners = { guessMs: 1000, penaltyMs: 0 };
/**
 * Creates are documented at 4.5 s with "penalty 12" (Vast API reference §0, §8). A retry that ignores the penalty is refused
 * and begins it anew, so that a whole launch could come to nothing.
 */
const MANNERS_OF: Readonly<Partial<Record<VastRoute, Manners>>> = {
  rent: { guessMs: 4500 * MARGIN, penaltyMs: 12_000 },
};

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
 * After a 429: the route waits a whole interval from now, and its penalty. Without a stated threshold the guess doubles; once
 * for all calls of a burst, which were sent before the first of their refusals could teach anything.
 */
export function learnRefusal(pace: RoutePace, route: VastRoute, refused: RefusedCall, nowMs: number): RoutePace {
  const { guessMs: firstGuessMs, penaltyMs } = MANNERS_OF[route] ?? MANNERS;
  const isStated = refused.thresholdSeconds !== null || pace.isStated;
  const isSameBurst = nowMs < (pace.restUntilMs ?? 0);
  const guessMs =
    pace.isStated || isSameBurst
      ? pace.intervalMs
      : Math.min(GUESS_MAX_MS, Math.max(firstGuessMs, pace.intervalMs * 2));
  const statedMs = Math.ceil((refused.thresholdSeconds ?? 0) * 1000 * MARGIN);
  const intervalMs = refused.thresholdSeconds === null ? guessMs : Math.min(WAIT_MAX_MS, statedMs);
  const retryMs = Math.min(WAIT_MAX_MS, (refused.retryAfterSeconds ?? 0) * 1000);
  const waitMs = Math.max(intervalMs + penaltyMs + BURST_SPREAD_MS, retryMs);
  // Places that come after the rest stand; those before it are void, and taken anew from its end on.
  const restUntilMs = Math.max(pace.restUntilMs ?? 0, nowMs + waitMs);
  return { intervalMs, nextAtMs: Math.max(pace.nextAtMs, restUntilMs), isStated, restUntilMs };
}

/** False where a refusal has come since the place was given, and the route rests at that time; one of the same burst has not. */
export function isPlaceGood({ restUntilMs = 0 }: RoutePace, startAtMs: number): boolean {
  return startAtMs >= restUntilMs - BURST_SPREAD_MS;
}

/** After a call that was not refused: a guess shrinks, so that one bad minute is forgotten; not by a call of the refused burst. */
export function learnSuccess(pace: RoutePace, nowMs: number): RoutePace {
  if (pace.isStated || pace.intervalMs === 0 || nowMs < (pace.restUntilMs ?? 0)) return pace;
  return { ...pace, intervalMs: pace.intervalMs < 100 ? 0 : Math.floor(pace.intervalMs * 0.9) };
}
