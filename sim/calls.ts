/**
 * The record of calls that reached the server: per route and status, per minute, and how many were open at once.
 */
import type { MarketState } from "./state.ts";

export interface CallStats {
  byRoute: Record<string, { total: number; byStatus: Record<string, number> }>;
  byMinute: { minute: string; total: number; byRoute: Record<string, number> }[];
  /** Log reads that carried an Authorization header: the key must never go to the log store. */
  authorizationToLogs: number;
  open: OpenCall[];
  openMost: number;
  openLogsMost: number;
  openRentsMost: number;
}

/** A call that has not been answered. */
interface OpenCall {
  readonly isLog: boolean;
  readonly isRent: boolean;
  /** Real time at which a hanging call is over; in workerd nobody is told that its caller has left. */
  hangsUntilMs: number | null;
}

const MINUTES_KEPT = 1440;

export function makeCallStats(): CallStats {
  return {
    byRoute: {},
    byMinute: [],
    authorizationToLogs: 0,
    open: [],
    openMost: 0,
    openLogsMost: 0,
    openRentsMost: 0,
  };
}

/** Whether the route belongs to the two steps of reading a log. */
function isLogRoute(route: string): boolean {
  return route.includes("request_logs") || route.includes("instance_logs");
}

const openCalls = new WeakMap<Request, OpenCall>();

/** Counts a call as open; the returned function closes it. */
export function openCall(state: MarketState, route: string, request: Request): () => void {
  const { calls } = state;
  const call: OpenCall = { isLog: isLogRoute(route), isRent: route.includes("/asks/"), hangsUntilMs: null };
  openCalls.set(request, call);
  calls.open.push(call);
  const now = countOpen(state);
  calls.openMost = Math.max(calls.openMost, now.all);
  calls.openLogsMost = Math.max(calls.openLogsMost, now.logs);
  calls.openRentsMost = Math.max(calls.openRentsMost, now.rents);
  return () => {
    calls.open = calls.open.filter((one) => one !== call);
  };
}

/** Notes that the call hangs for this long in real time. */
export function noteHang(request: Request, ms: number): void {
  const call = openCalls.get(request);
  if (call !== undefined) call.hangsUntilMs = Date.now() + ms;
}

/** Calls open at this moment, and how many of them read logs or rent. */
export function countOpen(state: MarketState): { all: number; logs: number; rents: number } {
  const open = state.calls.open.filter((call) => call.hangsUntilMs === null || Date.now() < call.hangsUntilMs);
  const count = (kind: "isLog" | "isRent"): number => open.filter((call) => call[kind]).length;
  return { all: open.length, logs: count("isLog"), rents: count("isRent") };
}

let lastMinute = { startsAtMs: Number.NaN, name: "" };

/** Most calls arrive in the minute of the one before. */
function minuteOf(nowMs: number): string {
  const startsAtMs = Math.floor(nowMs / 60_000) * 60_000;
  if (startsAtMs !== lastMinute.startsAtMs)
    lastMinute = { startsAtMs, name: new Date(startsAtMs).toISOString().slice(0, 16) };
  return lastMinute.name;
}

/** Counts an arriving call, in all and in the timeline of market minutes. */
export function countArrival(state: MarketState, route: string): void {
  entryOf(state, route).total += 1;
  const minute = minuteOf(state.nowMs);
  const { byMinute } = state.calls;
  let entry = byMinute.at(-1);
  if (entry?.minute !== minute) {
    entry = { minute, total: 0, byRoute: {} };
    byMinute.push(entry);
    if (byMinute.length > MINUTES_KEPT) byMinute.shift();
  }
  entry.total += 1;
  entry.byRoute[route] = (entry.byRoute[route] ?? 0) + 1;
}

export function countAnswer(state: MarketState, route: string, status: number | "aborted"): void {
  const { byStatus } = entryOf(state, route);
  byStatus[status] = (byStatus[status] ?? 0) + 1;
}

function entryOf(state: MarketState, route: string): { total: number; byStatus: Record<string, number> } {
  return (state.calls.byRoute[route] ??= { total: 0, byStatus: {} });
}
