import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type OutboxRow, writeOutbox } from "../../src/db/outbox-writer.ts";
import { historyPrune, KEEP_DAYS } from "../../src/db/retention.ts";
import { dailyReports, lastLogs } from "../../src/db/schema.ts";
import { connect } from "../../src/db/statements.ts";
import { figure } from "../support/world.ts";
import { aCheck, aFleetCopy, aLedgerEntry, anEvent, anHour, aStrike, DAY, NOW } from "./builders.ts";

const TABLES = [
  "events",
  "checks",
  "last_logs",
  "strikes",
  "strike_refunds",
  "throughput",
  "daily_reports",
  "instances",
];

beforeEach(async () => {
  await env.DB.batch([...TABLES, "fleets"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

async function counts(): Promise<Record<string, number>> {
  const answers = await env.DB.batch<{ n: number }>(
    TABLES.map((table) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`)),
  );
  return Object.fromEntries(TABLES.map((table, index) => [table, answers[index]?.results[0]?.n ?? -1]));
}

function daysAgo(days: number): number {
  return NOW - days * DAY;
}

/** One row of each table, `days` old in the sense of that table's rule. */
async function rowsOfAge(offsetMs: number): Promise<void> {
  const at = (days: number): number => daysAgo(days) + offsetMs;
  const id = `at ${offsetMs}`;
  const number = 1000 + offsetMs;
  const rows: OutboxRow[] = [
    { kind: "event", row: anEvent({ id, atMs: at(KEEP_DAYS.events) }) },
    { kind: "check", row: aCheck({ atMs: at(KEEP_DAYS.checks) }) },
    { kind: "strike", row: aStrike({ id, atMs: at(430), expiresAtMs: at(KEEP_DAYS.strikes) }) },
    { kind: "refund", row: { strikeId: id, atMs: at(429), reason: "the image was broken" } },
    { kind: "throughput", row: anHour({ instanceId: number, hourAtMs: at(KEEP_DAYS.throughput) }) },
    { kind: "ledger", row: aLedgerEntry({ instanceId: number, startedAtMs: at(900), endedAtMs: at(890) }) },
    { kind: "fleet", row: aFleetCopy({ name: "zeb" }) },
  ];
  await writeOutbox(env.DB, rows);
  const log = { instanceId: number, fleet: "zeb", readAtMs: at(31), text: "Batch 1" };
  await connect(env.DB)
    .insert(lastLogs)
    .values({ ...log, atMs: at(KEEP_DAYS.lastLogs) });
}

describe("historyPrune", () => {
  it("keeps a row until the instant at which it is as old as its rule says, and the ledger for good", async () => {
    for (const offsetMs of [-1, 0]) await rowsOfAge(offsetMs);
    const { removed } = await historyPrune(env.DB, NOW, 100);
    expect(removed).toEqual({
      events: 1,
      checks: 1,
      lastLogs: 1,
      strikes: 1,
      strikeRefunds: 1,
      throughput: 1,
      dailyReports: 0,
    });
    expect(await counts()).toEqual({
      events: 1,
      checks: 1,
      last_logs: 1,
      strikes: 1,
      strike_refunds: 1,
      throughput: 1,
      daily_reports: 0,
      instances: 2,
    });
    expect(await env.DB.prepare("SELECT id FROM events").first<string>("id")).toBe("at 0");
    expect(await env.DB.prepare("SELECT id FROM strikes").first<string>("id")).toBe("at 0");
    expect((await historyPrune(env.DB, NOW, 100)).removed).toMatchObject({ events: 0, checks: 0, strikes: 0 });
    expect((await historyPrune(env.DB, NOW + 1, 100)).removed).toMatchObject({ events: 1, checks: 1, strikes: 1 });
  });

  it("keeps the report of a day for 400 days", async () => {
    const days = [401, 400].map((age) => new Date(daysAgo(age)).toISOString().slice(0, 10));
    await connect(env.DB)
      .insert(dailyReports)
      .values(days.map((day) => ({ day, atMs: NOW, report: {} })));
    expect((await historyPrune(env.DB, NOW, 100)).removed.dailyReports).toBe(1);
    expect(await env.DB.prepare("SELECT day FROM daily_reports").first<string>("day")).toBe(days[1]);
  });

  it("removes the oldest first, no more than it is told, and a strike only with its refund", async () => {
    const ages = [401, 403, 402];
    await writeOutbox(env.DB, [
      ...ages.map((days): OutboxRow => ({ kind: "event", row: anEvent({ id: `${days}`, atMs: daysAgo(days) }) })),
      ...ages.map((days): OutboxRow => ({
        kind: "strike",
        row: aStrike({ id: `${days}`, expiresAtMs: daysAgo(days) }),
      })),
      { kind: "refund", row: { strikeId: "401", atMs: NOW, reason: "pardoned" } },
      { kind: "refund", row: { strikeId: "403", atMs: NOW, reason: "pardoned" } },
    ]);
    expect((await historyPrune(env.DB, NOW, 2)).removed).toMatchObject({ events: 2, strikes: 2, strikeRefunds: 1 });
    expect(await env.DB.prepare("SELECT id FROM events").first<string>("id")).toBe("401");
    expect(await env.DB.prepare("SELECT strike_id FROM strike_refunds").first<string>("strike_id")).toBe("401");
    expect((await historyPrune(env.DB, NOW, 2)).removed).toMatchObject({ events: 1, strikes: 1, strikeRefunds: 1 });
  });

  it("removes CHECKs of every fleet, deleted ones too", async () => {
    await writeOutbox(env.DB, [
      ...["zeb", "gone"].flatMap((fleet): OutboxRow[] => [
        { kind: "check", row: aCheck({ fleet, atMs: daysAgo(31) }) },
        { kind: "fleet", row: aFleetCopy({ name: fleet }) },
      ]),
      { kind: "fleet-removed", row: { name: "gone", atMs: NOW + 1 } },
    ]);
    expect((await historyPrune(env.DB, NOW, 100)).removed.checks).toBe(2);
  });

  it("finds its rows by their indexes: what is kept is not read", async () => {
    const kept = 2_000;
    const old = 20;
    const at = (index: number): number => (index < kept ? NOW - index : daysAgo(500) - index);
    const rows = Array.from({ length: kept + old }, (_, index): OutboxRow[] => [
      { kind: "event", row: anEvent({ id: `${index}`, atMs: at(index) }) },
      { kind: "check", row: aCheck({ atMs: at(index) }) },
      { kind: "throughput", row: anHour({ instanceId: index, hourAtMs: at(index) }) },
      { kind: "strike", row: aStrike({ id: `${index}`, expiresAtMs: at(index) }) },
    ]).flat();
    rows.push({ kind: "fleet", row: aFleetCopy({ name: "zeb" }) });
    for (let from = 0; from < rows.length; from += 1_000) await writeOutbox(env.DB, rows.slice(from, from + 1_000));
    const { removed, rowsRead, rowsWritten } = await historyPrune(env.DB, NOW, 2_500);
    expect(removed).toMatchObject({ events: old, checks: old, throughput: old, strikes: old });
    figure(
      `retention: ${4 * old} rows of four tables removed beside 8000 kept: ${rowsRead} rows read, ${rowsWritten} written`,
    );
    expect(rowsRead).toBeLessThan(kept / 2);
    const idle = await historyPrune(env.DB, NOW, 2_500);
    figure(`retention with nothing to remove: ${idle.rowsRead} rows read, ${idle.rowsWritten} written`);
    expect(idle.rowsRead).toBeLessThan(50);
    expect(idle.rowsWritten).toBe(0);
  });
});
