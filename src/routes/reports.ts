// GET /api/reports/daily: the runbook's morning list, of the last 24 hours or of a stored UTC day.

import { Hono } from "hono";
import { z } from "zod";
import { dailyReportsListDays, dailyReportsRead } from "../db/daily-reports.ts";
import { takeReport } from "../durable/daily-report.ts";
import { isUtcDay, lastHoursWindow } from "../durable/report-window.ts";
import type { Env } from "../env.ts";
import { dailyReportLines } from "../fleet/daily-report-text.ts";
import type { DailyReport } from "../fleet/daily-report.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { fromHistory } from "./history.ts";
import { answer } from "./present.ts";
import { problem, type ProblemResponse } from "./problem.ts";
import { reportSchema } from "./schemas/report.ts";
import { textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

/** So many stored days are named where the one asked for is not there. */
const DAYS_NAMED = 14;

const dailyQuery = formatQuery.extend({
  day: z
    .string()
    .refine(isUtcDay, "a UTC day such as 2026-11-22")
    .optional()
    .meta({ description: "A UTC day", examples: ["2026-11-22"] }),
});

const words = describe("readDailyReport", {
  chapter: "History",
  summary: "The morning list",
  description: "Of the last 24 hours, or of a UTC day as it was kept at 00:05 of the next.",
  answers: { 200: both(reportSchema) },
  refusals: ["no-such-report", "history-unreachable"],
});

export const reports = new Hono<DoorEnv>().get("/daily", words, query(dailyQuery), async (c) => {
  const { day } = c.req.valid("query");
  const report =
    day === undefined ? await takeReport(c.env, lastHoursWindow(Date.now())) : await readStored(c.env, day);
  return report instanceof Response ? report : answer(c, report, () => textOf(dailyReportLines(report)));
});

async function readStored({ DB }: Env, day: string): Promise<DailyReport | ProblemResponse> {
  const stored = await fromHistory(() => dailyReportsRead(DB, day));
  if (stored instanceof Response) return stored;
  // Written by `storeDailyReports` alone, in this shape.
  return stored === null ? notStored(DB, day) : (stored.report as DailyReport);
}

async function notStored(db: D1Database, day: string): Promise<ProblemResponse> {
  const days = await fromHistory(() => dailyReportsListDays(db, DAYS_NAMED));
  if (days instanceof Response) return days;
  return problem({
    code: "no-such-report",
    detail: `no report is stored for ${day}; a day's report is made at the first tick after 00:05 UTC of the next day`,
    hint: days.length === 0 ? "none is stored yet; leave `day` out" : `the newest stored days: ${days.join(", ")}`,
  });
}
