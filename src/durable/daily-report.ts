// The report of a window: looked at, and put together.

import type { Env } from "../env.ts";
import { buildDailyReport, type DailyReport } from "../fleet/daily-report.ts";
import type { ReportWindow } from "../fleet/daily-facts.ts";
import { observeDay, observePastDay } from "./daily-observation.ts";

/** So long after its end a day's report is kept as it is: what D1 has not told by then it may never tell. */
const HISTORY_WAIT_MS = 3_600_000;

/** With fleets, Hub and account as they are now. */
export async function takeReport(env: Env, window: ReportWindow): Promise<DailyReport> {
  return buildDailyReport(await observeDay(env, window), isoTime);
}

/**
 * Of a day that has ended, to be kept: where nobody watched the end of it, its history alone. `null`: D1 has told only a
 * part of it, and may tell the rest soon.
 */
export async function takeReportToKeep(
  env: Env,
  window: ReportWindow,
  { isWatched }: { readonly isWatched: boolean },
): Promise<DailyReport | null> {
  const facts = await (isWatched ? observeDay : observePastDay)(env, window);
  const isWhole = [facts.ended, facts.events, facts.spend, facts.games, facts.earlier].every(({ ok }) => ok);
  return isWhole || window.takenAtMs >= window.toMs + HISTORY_WAIT_MS ? buildDailyReport(facts, isoTime) : null;
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
