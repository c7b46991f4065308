import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { dailyReportsInsert } from "../../src/db/daily-reports.ts";
import { buildDailyReport, type DailyReport } from "../../src/fleet/daily-report.ts";
import { aDay, isoTime } from "../support/day.ts";
import { aFleet, aWorker, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

const stored = buildDailyReport(aDay(), isoTime);

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

async function reportOf(world: World): Promise<DailyReport> {
  const response = await world.ask("/api/reports/daily", { token: VIEWER });
  expect(response.status).toBe(200);
  return response.json();
}

describe("GET /api/reports/daily", () => {
  it("tells the viewer of the last 24 hours, and changes nothing", async () => {
    const world = aWorld(aFleet("zeb", { notes: ["3 missing"] }));
    const report = await reportOf(world);
    expect(report).toMatchObject({
      day: null,
      isAllRunning: false,
      fleets: [{ name: "zeb", target: 4, live: 1, producing: 1, note: "3 missing" }],
      ended: { total: 0 },
      launches: { launched: 0 },
      cost: { spentUsd: 0, games: 0, creditUsd: 25, usdPerHour: expect.closeTo(0.102) },
    });
    expect(Date.parse(report.to) - Date.parse(report.from)).toBeGreaterThanOrEqual(24 * 3_600_000);
    expect(world.calls.map(({ method }) => method)).toEqual(["describe"]);
  });

  it("asks the Hub nothing for a workload that has nothing to do with it", async () => {
    const report = await reportOf(aWorld(aFleet("zeb", { hub: { readsWeights: false, writesExamples: false } })));
    expect(report).toMatchObject({ examples: [], learners: [], notMeasured: [] });
  });

  it("prints it as lines", async () => {
    const world = aWorld(aFleet("zeb"));
    const text = await (await world.ask("/api/reports/daily", { headers: { Accept: "text/plain" } })).text();
    expect(text).toMatch(/^The last 24 hours: /);
    expect(text).toContain("\nWorkers       NOT all run\n  zeb: 1/1 up, target 4, steady\n");
  });

  it("takes what D1 would tell as not measured while D1 is down, and tells the rest", async () => {
    const world = aWorld(aFleet("zeb"));
    world.env = { ...world.env, DB: brokenD1() };
    const report = await reportOf(world);
    expect(report).toMatchObject({
      fleets: [{ name: "zeb" }],
      ended: null,
      launches: null,
      hosts: null,
      cost: { spentUsd: null, games: null, usdPerHour: expect.closeTo(0.102), creditUsd: 25 },
    });
    expect(report.notMeasured).toEqual(
      expect.arrayContaining(["ended instances: D1 does not answer", "spent: D1 does not answer"]),
    );
  });

  it("masks what the market and the machines have said", async () => {
    const secret = "hf_abcdefghijklmnop0123456789";
    const world = aWorld(
      aFleet("zeb", { notes: [`token=${secret}`], workers: [aWorker({ verdict: "failed", detail: `401 ${secret}` })] }),
    );
    const text = await (await world.ask("/api/reports/daily")).text();
    expect(text).toContain("401 hf_…");
    expect(text).not.toContain(secret);
  });

  it("reads a stored day back as it was", async () => {
    await dailyReportsInsert(env.DB, { day: "2026-11-22", atMs: 5, report: stored });
    const world = aWorld(aFleet("zeb-large"));
    expect(await (await world.ask("/api/reports/daily?day=2026-11-22")).json()).toEqual(stored);
    const text = await (await world.ask("/api/reports/daily?day=2026-11-22&format=text")).text();
    expect(text).toContain("  zeb: 4/4 up, target 4, steady\n");
    expect(world.calls).toEqual([]);
  });

  it("names the days that are stored where the one asked for is not", async () => {
    const world = aWorld();
    const empty = await world.ask("/api/reports/daily?day=2026-11-22");
    expect(empty.status).toBe(404);
    expect(await empty.json()).toMatchObject({
      code: "no-such-report",
      hint: expect.stringContaining("none is stored"),
    });
    await dailyReportsInsert(env.DB, { day: "2026-11-20", atMs: 5, report: stored });
    const other = await world.ask("/api/reports/daily?day=2026-11-22");
    expect(await other.json()).toMatchObject({ hint: "the newest stored days: 2026-11-20" });
  });

  it.each(["2026-02-30", "yesterday", ""])("refuses the day %j by name", async (day) => {
    const response = await aWorld().ask(`/api/reports/daily?day=${day}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ field: "day", expected: "a UTC day such as 2026-11-22" }],
    });
  });

  it("answers 503 for a stored day while D1 is down", async () => {
    const world = aWorld();
    world.env = { ...world.env, DB: brokenD1() };
    const response = await world.ask("/api/reports/daily?day=2026-11-22");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "history-unreachable" });
  });

  it("is closed without a token", async () => {
    expect((await aWorld().ask("/api/reports/daily", { token: null })).status).toBe(401);
  });
});
