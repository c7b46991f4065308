// The report of a window: looked at, and put together.

import type { Env } from "../env.ts";
import { buildDailyReport, type DailyReport } from "../fleet/daily-report.ts";
import type { ReportWindow } from "../fleet/daily-facts.ts";
import { observeDay, observePastDay } from "./daily-observation.ts";

/** With fleets, Hub and account as they are now. */
export async function takeReport(env: Env, window: ReportWindow): Promise<DailyReport> {
  return buildDailyReport(await observeDay(env, window), isoTime);
}

/** Of a day that nobody watched the end of: its history alone. */
export async function takePastReport(env: Env, window: ReportWindow): Promise<DailyReport> {
  return buildDailyReport(await observePastDay(env, window), isoTime);
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
