// Once a day: keeps the report of the UTC day that has ended. Every tick asks whether one is due, so a tick that was missed
// is made up by the next; a report that is there already stays as it is.

import { dailyReportsInsert, dailyReportsListDays } from "../db/daily-reports.ts";
import { withDeadline } from "../deadline.ts";
import { takeReportToKeep } from "../durable/daily-report.ts";
import { dayWindow, daysDue } from "../durable/report-window.ts";
import type { Env } from "../env.ts";
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
      await withDeadline(dailyReportsInsert(env.DB, { day, atMs: window.takenAtMs, report }));
      logEvent({ event: "report.stored", outcome: "ok", day, notMeasured: report.notMeasured });
    }
  } catch (error) {
    // The next tick tries again.
    logEvent({ event: "cron.report", outcome: "failed", detail: String(error) });
  }
}
