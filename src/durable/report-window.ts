// Which hours a daily report is about. Days are UTC days; a report of "now" begins with a whole hour, because games are kept
// by the hour.

import type { ReportWindow } from "../fleet/daily-facts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A day's report is made this long after midnight: what its last CHECKs had to say has reached D1 by then. */
const SETTLE_MS = 5 * 60_000;
/** After a longer silence of cron the oldest days are left out. */
const CATCH_UP_DAYS = 7;

export function lastHoursWindow(nowMs: number): ReportWindow {
  return { day: null, fromMs: Math.floor((nowMs - DAY_MS) / HOUR_MS) * HOUR_MS, toMs: nowMs, takenAtMs: nowMs };
}

export function dayWindow(day: string, takenAtMs: number): ReportWindow {
  const fromMs = Date.parse(`${day}T00:00:00Z`);
  return { day, fromMs, toMs: fromMs + DAY_MS, takenAtMs };
}

/** A day that the calendar has, written "2026-11-22". */
export function isUtcDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && utcDay(atMs) === text;
}

/**
 * The days whose report is due, oldest first: the one that ended last, and those that were missed since the newest stored
 * one (`null`: none is stored, so none was missed).
 */
export function daysDue(newestStored: string | null, nowMs: number): readonly string[] {
  const lastMs = Math.floor((nowMs - SETTLE_MS) / DAY_MS) * DAY_MS - DAY_MS;
  const firstMs = newestStored === null ? lastMs : dayWindow(newestStored, 0).toMs;
  const fromMs = Math.max(firstMs, lastMs - (CATCH_UP_DAYS - 1) * DAY_MS);
  const count = Math.max(0, (lastMs - fromMs) / DAY_MS + 1);
  return Array.from({ length: count }, (_, index) => utcDay(fromMs + index * DAY_MS));
}

function utcDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}
