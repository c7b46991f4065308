// Once a day: keeps the report of the UTC day that has ended. Every tick asks whether one is due, so a tick that was missed
// is made up by the next; a report that is there already stays as it is.

import { dailyReportsInsert, dailyReportsListDays } from "../db/daily-reports.ts";
import { withDeadline } from "../deadline.ts";
import { takeReportToKeep } from "../durable/daily-report.ts";
import { dayWindow, daysDue } from "../durable/report-window.ts";
import { accountStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { dailyReportLines } from "../fleet/daily-report-text.ts";
import type { DailyReport } from "../fleet/daily-report.ts";
import { logEvent } from "../log.ts";

export async function storeDailyReports(env: Env, scheduledAtMs: number): Promise<void> {
  try {
    const [newest] = await withDeadline(dailyReportsListDays(env.DB, 1));
    const due = daysDue(newest ?? null, scheduledAtMs);
    for (const day of due) {
      const window = dayWindow(day, Date.now());
      // Of days before the last one only their history can still be told.
      const report = await takeReportToKeep(env, window, { isWatched: day === due.at(-1) });
      if (report === null) throw new Error(`D1 tells only a part of ${day}`);
      // Before it is kept: what fails after this is made up by the next tick, and the keeper sends a day's report once.
      if (day === due.at(-1)) await sendReport(env, day, report);
      await withDeadline(dailyReportsInsert(env.DB, { day, atMs: window.takenAtMs, report }));
      logEvent({ event: "report.stored", outcome: "ok", day, notMeasured: report.notMeasured });
    }
  } catch (error) {
    // The next tick tries again.
    logEvent({ event: "cron.report", outcome: "failed", detail: String(error) });
  }
}

/** Into the outbox of the account's keeper. The report is kept even where that does not answer. */
async function sendReport(env: Env, day: string, report: DailyReport): Promise<void> {
  // Of a day before the first fleet there is nothing to tell.
  if (report.fleets?.length === 0 && report.ended?.total === 0) return;
  try {
    await accountStub(env).takeReport(day, dailyReportLines(report));
  } catch (error) {
    logEvent({ event: "report.sent", outcome: "failed", day, detail: String(error) });
  }
}
