import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { storeDailyReports } from "../../src/cron/daily-report.ts";
import { dailyReportsListDays, dailyReportsRead } from "../../src/db/daily-reports.ts";
import type { DailyReport } from "../../src/fleet/daily-report.ts";
import { must } from "../support/builders.ts";
import { putFleet } from "../support/doors.ts";
import { fault } from "../support/market.ts";
import { beginWorld, cronTick, MINUTE, moveTo, pass } from "../support/world.ts";

const MIDNIGHT = Date.parse("2031-05-02T00:00:00Z");
const DAY = 24 * 60 * MINUTE;

async function reportOf(day: string): Promise<DailyReport> {
  return must(await dailyReportsRead(env.DB, day), `a report of ${day}`).report as DailyReport;
}

/** A fleet in its last minutes of 1 May 2031, with the report of the day before stored. */
async function aFleetBeforeMidnight(): Promise<void> {
  await beginWorld({ nowMs: MIDNIGHT - 10 * MINUTE });
  await moveTo(MIDNIGHT - 10 * MINUTE);
  await putFleet("zeb", { target: 1 });
  await pass(2 * MINUTE);
}

it("keeps one report of a day, at the first tick after five past midnight UTC", async () => {
  await aFleetBeforeMidnight();
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-04-30"]);
  await pass(12 * MINUTE);
  expect(Date.now()).toBe(MIDNIGHT + 4 * MINUTE);
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-04-30"]);

  await pass(2 * MINUTE);
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-05-01", "2031-04-30"]);
  const report = await reportOf("2031-05-01");
  expect(report).toMatchObject({
    day: "2031-05-01",
    from: "2031-05-01T00:00:00.000Z",
    to: "2031-05-02T00:00:00.000Z",
    isAllRunning: true,
    fleets: [{ name: "zeb", live: 1, producing: 1 }],
    notMeasured: [],
  });
  expect(Date.parse(report.takenAt)).toBeGreaterThanOrEqual(MIDNIGHT + 5 * MINUTE);
  expect(Date.parse(report.takenAt)).toBeLessThan(MIDNIGHT + 6 * MINUTE);

  await pass(5 * MINUTE);
  expect(await reportOf("2031-05-01")).toEqual(report);
});

it("is stored once when two ticks come together", async () => {
  await aFleetBeforeMidnight();
  await moveTo(MIDNIGHT + 5 * MINUTE);
  await Promise.all([storeDailyReports(env, Date.now()), storeDailyReports(env, Date.now())]);
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-05-01", "2031-04-30"]);
});

it("makes up for a night in which cron slept, and tells of older days what only their history knows", async () => {
  await aFleetBeforeMidnight();
  await moveTo(MIDNIGHT + 2 * DAY + 9 * 60 * MINUTE);
  await cronTick();
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-05-03", "2031-05-02", "2031-05-01", "2031-04-30"]);
  const missed = await reportOf("2031-05-01");
  expect(missed).toMatchObject({ fleets: null, isAllRunning: null, launches: { launched: 1 }, learners: [] });
  expect(missed.notMeasured).toContain("fleets: nobody looked when the day ended");
  expect(await reportOf("2031-05-03")).toMatchObject({ fleets: [{ name: "zeb" }], launches: { launched: 0 } });
});

it("keeps the report without the Hub's part while the Hub is down", async () => {
  await aFleetBeforeMidnight();
  await fault("hub-down");
  await pass(15 * MINUTE);
  const report = await reportOf("2031-05-01");
  expect(report).toMatchObject({ fleets: [{ name: "zeb" }], examples: [], learners: [] });
  expect(report.notMeasured).toEqual([
    "examples jasonyandell/zeb-42-examples zeb-557k-1m: no answer from the Hub: the Hub answered 503",
    "learner jasonyandell/zeb-42 zeb-557k-1m: no answer from the Hub: the Hub answered 503",
  ]);
});

it("waits an hour for what D1 does not tell of a day, because a stored report stays as it is", async () => {
  await aFleetBeforeMidnight();
  await moveTo(MIDNIGHT + 5 * MINUTE);
  const silent = { bind: () => ({ raw: () => Promise.reject(new Error("D1_ERROR")) }) };
  const partlySilentD1 = {
    prepare: (sql: string) => (sql.includes('from "instances"') ? silent : env.DB.prepare(sql)),
  };
  const ill = { ...env, DB: partlySilentD1 as unknown as D1Database };
  await storeDailyReports(ill, Date.now());
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-04-30"]);
  await moveTo(MIDNIGHT + 61 * MINUTE);
  await storeDailyReports(ill, Date.now());
  expect((await reportOf("2031-05-01")).notMeasured).toContain("ended instances: D1 does not answer");
});

it("stores nothing while D1 is down, and does so with the first tick after", async () => {
  await aFleetBeforeMidnight();
  await moveTo(MIDNIGHT + 5 * MINUTE);
  const silentD1 = { prepare: () => ({ bind: () => ({ raw: () => Promise.reject(new Error("D1_ERROR")) }) }) };
  await storeDailyReports({ ...env, DB: silentD1 as unknown as D1Database }, Date.now());
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-04-30"]);
  await storeDailyReports(env, Date.now());
  expect(await dailyReportsListDays(env.DB, 9)).toEqual(["2031-05-01", "2031-04-30"]);
});
