/**
 * Rate limits per route and method, with the documented numbers (Vast API reference §0, §8). Whether a refused call
 * restarts the interval and whether an id has its own bucket is unknown of the real server, so both can be had.
 */
import type { MarketState } from "./state.ts";

export interface LimitSettings {
  readonly isOn: boolean;
  /** A refused call starts the interval anew. */
  readonly refusedRestarts: boolean;
  /** Seconds that an early repeat of a create adds to the wait; 0 for none, 12 as documented. */
  readonly createPenaltySeconds: number;
  /** One bucket per route and id instead of one per route. */
  readonly isPerId: boolean;
  /** Intervals in seconds by route, on top of the documented ones. */
  readonly intervals: Readonly<Record<string, number>>;
}

export interface LimitState {
  /** When the next call of a bucket is allowed. */
  nextAllowedMs: Record<string, number>;
  /** Arrivals of the last minute, for the search's ten per minute. */
  searchArrivalsMs: number[];
  /** Refusals so far: they choose the shape of the next 429. */
  refused: number;
}

export const LIMITS_OFF: LimitSettings = {
  isOn: false,
  refusedRestarts: true,
  createPenaltySeconds: 0,
  isPerId: false,
  intervals: {},
};

/** Minimum seconds between calls; a route that is not named has no documented limit. */
const INTERVAL_SECONDS: Readonly<Record<string, number>> = {
  "PUT /api/v0/asks/{id}/": 4.5,
  "GET /api/v1/instances/": 1,
  "GET /api/v0/instances/{id}/": 2,
  "PUT /api/v0/instances/{id}/": 1,
  "DELETE /api/v0/instances/{id}/": 3,
  "PUT /api/v0/instances/reboot/{id}/": 1,
  "PUT /api/v0/instances/recycle/{id}/": 1,
  "PUT /api/v0/instances/bid_price/{id}/": 5.5,
  "PUT /api/v0/instances/command/{id}/": 1.5,
  "GET /api/v0/charges/": 1,
  "GET /api/v1/invoices/": 3,
  "GET /api/v0/secrets/": 5,
  "POST /api/v0/secrets/": 3,
  "PUT /api/v0/secrets/": 3,
  "DELETE /api/v0/secrets/": 3,
  "GET /api/v0/ssh/": 1,
  "POST /api/v0/ssh/": 1,
  "DELETE /api/v0/instances/{id}/ssh/{key}/": 2,
};
const CREATE = "PUT /api/v0/asks/{id}/";
const SEARCH = "POST /api/v0/bundles/";
const SEARCHES_PER_MINUTE = 10;

/** The threshold in seconds that refuses this call now, or null when it may pass. Counts the call either way. */
export function refusesCall(state: MarketState, route: string, id: string | null): number | null {
  const { limits: settings } = state.settings;
  if (!settings.isOn) return null;
  if (route === SEARCH) return refusesSearch(state);
  const seconds = settings.intervals[route] ?? INTERVAL_SECONDS[route];
  if (seconds === undefined) return null;
  const bucket = settings.isPerId && id !== null ? `${route} ${id}` : route;
  const allowedMs = state.limits.nextAllowedMs[bucket] ?? 0;
  const isRefused = state.nowMs < allowedMs;
  if (!isRefused) {
    state.limits.nextAllowedMs[bucket] = state.nowMs + seconds * 1000;
    return null;
  }
  const penaltyMs = route === CREATE ? settings.createPenaltySeconds * 1000 : 0;
  if (settings.refusedRestarts) state.limits.nextAllowedMs[bucket] = state.nowMs + seconds * 1000 + penaltyMs;
  return seconds;
}

function refusesSearch(state: MarketState): number | null {
  const recent = state.limits.searchArrivalsMs.filter((atMs) => atMs > state.nowMs - 60_000);
  const isRefused = recent.length >= SEARCHES_PER_MINUTE;
  if (!isRefused) recent.push(state.nowMs);
  state.limits.searchArrivalsMs = recent;
  return isRefused ? 60 / SEARCHES_PER_MINUTE : null;
}
