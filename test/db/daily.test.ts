// What a daily report asks of D1: the window's ends, spend, games, events, and the stored reports.

import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import {
  dailyReportsInsert,
  dailyReportsListDays,
  dailyReportsRead,
  dailyReportsReadLatest,
} from "../../src/db/daily-reports.ts";
import { eventsCountByKind } from "../../src/db/events.ts";
import { instancesSumSpend } from "../../src/db/instances.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { throughputSumGames } from "../../src/db/throughput.ts";
import type { FleetEvent, HourlyThroughput, LedgerEntry } from "../../src/fleet/event.ts";
import { aLedgerEntry, anEvent, anHour, DAY, HOUR, NOW } from "./builders.ts";

const window = { fromMs: NOW - DAY, toMs: NOW };

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

async function ledger(...rows: LedgerEntry[]): Promise<void> {
  await writeOutbox(
    env.DB,
    rows.map((row) => ({ kind: "ledger", row })),
  );
}

async function events(...rows: FleetEvent[]): Promise<void> {
  await writeOutbox(
    env.DB,
    rows.map((row) => ({ kind: "event", row })),
  );
}

async function hours(...rows: HourlyThroughput[]): Promise<void> {
  await writeOutbox(
    env.DB,
    rows.map((row) => ({ kind: "throughput", row })),
  );
}

describe("what was spent", () => {
  it("is the part of each instance's life that lies in the window, by fleet", async () => {
    await ledger(
      // Within: 3 h at $0.10.
      aLedgerEntry({
        instanceId: 1,
        usdPerHour: 0.1,
        startedAtMs: NOW - 5 * HOUR,
        endedAtMs: NOW - 2 * HOUR,
        costUsd: 0.3,
      }),
      // Half of it: from two days before to the middle of the window.
      aLedgerEntry({
        instanceId: 2,
        usdPerHour: 0.1,
        startedAtMs: NOW - 36 * HOUR,
        endedAtMs: NOW - 12 * HOUR,
        costUsd: 2.4,
      }),
      // Lives on: 1 h at $0.50, and longer than the window at $0.10.
      aLedgerEntry({ instanceId: 3, usdPerHour: 0.5, startedAtMs: NOW - HOUR }),
      aLedgerEntry({ instanceId: 4, fleet: "zeb-large", usdPerHour: 0.1, startedAtMs: NOW - 30 * DAY }),
      // Outside.
      aLedgerEntry({ instanceId: 5, startedAtMs: NOW - 3 * DAY, endedAtMs: window.fromMs, costUsd: 9 }),
      aLedgerEntry({ instanceId: 6, startedAtMs: NOW }),
    );
    expect(await instancesSumSpend(env.DB, window)).toEqual([
      { fleet: "zeb", usd: expect.closeTo(0.3 + 1.2 + 0.5, 9), unpriced: 0 },
      { fleet: "zeb-large", usd: expect.closeTo(2.4, 9), unpriced: 0 },
    ]);
  });

  it("is what an instance did cost, where its price was not always the same", async () => {
    await ledger(
      aLedgerEntry({
        instanceId: 1,
        usdPerHour: 0.1,
        startedAtMs: NOW - 4 * HOUR,
        endedAtMs: NOW - 2 * HOUR,
        costUsd: 0.5,
      }),
    );
    expect(await instancesSumSpend(env.DB, window)).toMatchObject([{ usd: expect.closeTo(0.5, 9) }]);
  });

  it("counts an instance without a price, and does not sum it", async () => {
    await ledger(
      aLedgerEntry({ instanceId: 1, usdPerHour: null, startedAtMs: NOW - HOUR }),
      aLedgerEntry({ instanceId: 2, usdPerHour: 0.2, startedAtMs: NOW - HOUR }),
      aLedgerEntry({ instanceId: 3, fleet: "zeb-large", usdPerHour: null, startedAtMs: NOW - HOUR }),
    );
    expect(await instancesSumSpend(env.DB, window)).toEqual([
      { fleet: "zeb", usd: expect.closeTo(0.2, 9), unpriced: 1 },
      { fleet: "zeb-large", usd: 0, unpriced: 1 },
    ]);
  });
});

it("sums the games of the hours that begin in the window, by fleet", async () => {
  await hours(
    anHour({ instanceId: 1, hourAtMs: window.fromMs - HOUR, games: 1 }),
    anHour({ instanceId: 1, hourAtMs: window.fromMs, games: 10 }),
    anHour({ instanceId: 2, hourAtMs: NOW - HOUR, games: 20 }),
    anHour({ instanceId: 2, hourAtMs: NOW, games: 40 }),
    anHour({ instanceId: 3, hourAtMs: NOW - HOUR, fleet: "zeb-large", games: 5 }),
  );
  expect(await throughputSumGames(env.DB, window)).toEqual([
    { fleet: "zeb", games: 30 },
    { fleet: "zeb-large", games: 5 },
  ]);
});

it("counts events of the kinds asked for, within the window", async () => {
  await events(
    anEvent({ id: "a", kind: "launch", atMs: window.fromMs }),
    anEvent({ id: "b", kind: "launch", atMs: NOW - 1, fleet: "zeb-large" }),
    anEvent({ id: "c", kind: "strike", atMs: NOW - HOUR }),
    anEvent({ id: "d", kind: "blacklist", atMs: NOW - 2 * HOUR }),
    anEvent({ id: "e", kind: "launch", atMs: NOW }),
    anEvent({ id: "f", kind: "launch", atMs: window.fromMs - 1 }),
    anEvent({ id: "g", kind: "state", atMs: NOW - 1 }),
  );
  const kinds = ["launch", "launch-refused", "strike"] as const;
  const counts = await eventsCountByKind(env.DB, { kinds, sinceMs: window.fromMs, untilMs: window.toMs });
  expect(counts).toEqual({ launch: 2, strike: 1 });
});

it("keeps the first report of a day, and finds the newest", async () => {
  expect(await dailyReportsReadLatest(env.DB)).toBeNull();
  await dailyReportsInsert(env.DB, { day: "2026-11-30", atMs: 3, report: { of: "the 30th" } });
  await dailyReportsInsert(env.DB, { day: "2026-11-22", atMs: 1, report: { of: "the 22nd" } });
  await dailyReportsInsert(env.DB, { day: "2026-11-22", atMs: 2, report: { of: "a second look" } });
  expect(await dailyReportsRead(env.DB, "2026-11-22")).toEqual({
    day: "2026-11-22",
    atMs: 1,
    report: { of: "the 22nd" },
  });
  expect(await dailyReportsRead(env.DB, "2026-11-23")).toBeNull();
  expect(await dailyReportsReadLatest(env.DB)).toMatchObject({ day: "2026-11-30" });
  expect(await dailyReportsListDays(env.DB, 10)).toEqual(["2026-11-30", "2026-11-22"]);
  expect(await dailyReportsListDays(env.DB, 1)).toEqual(["2026-11-30"]);
});
