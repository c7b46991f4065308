import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { spendingByDay, spendingByFleet, spendingSettle } from "../../src/db/spending.ts";
import type { LedgerEntry } from "../../src/fleet/event.ts";
import { must } from "../support/builders.ts";
import { aLedgerEntry, DAY, HOUR, NOW } from "./builders.ts";

async function keep(...entries: LedgerEntry[]): Promise<void> {
  await writeOutbox(
    env.DB,
    entries.map((row) => ({ kind: "ledger", row })),
  );
}

it("sums price × time by fleet: of today, of the last seven days and in all, what lives until now", async () => {
  const usdPerHour = 0.1;
  await keep(
    aLedgerEntry({ instanceId: 1, usdPerHour, startedAtMs: NOW - 30 * DAY, endedAtMs: NOW - 29 * DAY }),
    aLedgerEntry({ instanceId: 2, usdPerHour, startedAtMs: NOW - 8 * DAY, endedAtMs: NOW - 6 * DAY }),
    aLedgerEntry({ instanceId: 3, usdPerHour, startedAtMs: NOW - 20 * HOUR }),
    aLedgerEntry({ instanceId: 4, usdPerHour: null, startedAtMs: NOW - DAY }),
    aLedgerEntry({ instanceId: 5, usdPerHour, startedAtMs: NOW + HOUR }),
    aLedgerEntry({ instanceId: 6, usdPerHour, fleet: "zeb-large", startedAtMs: NOW - HOUR, endedAtMs: NOW + HOUR }),
  );
  const spent = await spendingByFleet(env.DB, { nowMs: NOW, dayAtMs: NOW - 18 * HOUR, weekAtMs: NOW - 7 * DAY });
  expect(spent).toEqual([
    {
      fleet: "zeb",
      todayUsd: expect.closeTo(1.8),
      last7DaysUsd: expect.closeTo(2.4 + 2),
      totalUsd: expect.closeTo(2.4 + 4.8 + 2),
    },
    {
      fleet: "zeb-large",
      todayUsd: expect.closeTo(0.1),
      last7DaysUsd: expect.closeTo(0.1),
      totalUsd: expect.closeTo(0.1),
    },
  ]);
});

describe("sums of all time", () => {
  /** A fleet of two for ten days: each box lives half a day; one of a deleted fleet before them. */
  const ledger = [
    aLedgerEntry({
      instanceId: 500,
      fleet: "gone",
      usdPerHour: 1,
      startedAtMs: NOW - 40 * DAY,
      endedAtMs: NOW - 39 * DAY,
    }),
    aLedgerEntry({ instanceId: 501, fleet: "steady", usdPerHour: 0.1, startedAtMs: NOW - 20 * DAY }),
    ...Array.from({ length: 40 }, (_, box) =>
      aLedgerEntry({
        instanceId: 600 + box,
        usdPerHour: 0.1,
        startedAtMs: NOW - 10 * DAY + box * 6 * HOUR,
        endedAtMs: NOW - 10 * DAY + box * 6 * HOUR + 12 * HOUR,
      }),
    ),
  ];
  const query = { nowMs: NOW, dayAtMs: NOW - 18 * HOUR, weekAtMs: NOW - 7 * DAY };

  beforeEach(async () => {
    await env.DB.batch(["instances", "spending_before"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
    await keep(...ledger);
  });

  it("are the same however often, and whenever, the settled days were summed up", async () => {
    const plain = await spendingByFleet(env.DB, query);
    for (const nowMs of [NOW - 9 * DAY, NOW - 9 * DAY, NOW - 3 * DAY, NOW - 5 * DAY, NOW, NOW]) {
      await spendingSettle(env.DB, nowMs);
      const settled = await spendingByFleet(env.DB, query);
      expect(settled.map(({ fleet }) => fleet)).toEqual(["gone", "steady", "zeb"]);
      settled.forEach((row, index) => {
        for (const field of ["todayUsd", "last7DaysUsd", "totalUsd"] as const)
          expect(row[field]).toBeCloseTo(must(plain[index])[field], 9);
      });
    }
  });

  it("count a row that reaches D1 within two days of its time", async () => {
    await spendingSettle(env.DB, NOW);
    await keep(
      aLedgerEntry({ instanceId: 900, usdPerHour: 2, startedAtMs: NOW - 2 * DAY, endedAtMs: NOW - 47 * HOUR }),
    );
    const [, , zeb] = await spendingByFleet(env.DB, query);
    expect(must(zeb).totalUsd).toBeCloseTo(40 * 1.2 + 2 - (6 + 0) * 0.1 * 1, 9);
  });

  it("do not read the ledger of long ago", async () => {
    for (let from = 0; from < 2000; from += 200) {
      await keep(
        ...Array.from({ length: 200 }, (_, box) =>
          aLedgerEntry({
            instanceId: 10_000 + from + box,
            startedAtMs: NOW - 300 * DAY,
            endedAtMs: NOW - 299 * DAY,
          }),
        ),
      );
    }
    const rowsRead = async (ask: (db: D1Database) => Promise<unknown>): Promise<number> => {
      let rows = 0;
      const count = (result: D1Result): void => void (rows += result.meta.rows_read ?? 0);
      const counting = new Proxy(env.DB, {
        get: (db, name: keyof D1Database) =>
          name === "batch"
            ? async (statements: D1PreparedStatement[]) => {
                const results = await db.batch(statements);
                results.forEach(count);
                return results;
              }
            : db[name].bind(db),
      });
      await ask(counting);
      return rows;
    };
    expect(await rowsRead((db) => spendingByFleet(db, query))).toBeGreaterThan(2000);
    await spendingSettle(env.DB, NOW);
    expect(await rowsRead((db) => spendingByFleet(db, query))).toBeLessThan(200);
    expect(await rowsRead((db) => spendingSettle(db, NOW))).toBeLessThan(200);
  });

  it("by day add up to the same, each hour on its own UTC day, today until now", async () => {
    const fromMs = NOW - 18 * HOUR - 13 * DAY;
    const days = await spendingByDay(env.DB, { fromMs, toMs: NOW });
    const steady = days.filter(({ fleet }) => fleet === "steady");
    expect(steady.map(({ dayAtMs }) => dayAtMs)).toEqual(Array.from({ length: 14 }, (_, day) => fromMs + day * DAY));
    expect(steady.map(({ usd }) => Math.round(usd * 1000) / 1000)).toEqual([...Array(13).fill(2.4), 1.8]);
    const zeb = days.filter(({ fleet }) => fleet === "zeb").reduce((sum, { usd }) => sum + usd, 0);
    expect(zeb).toBeCloseTo(must((await spendingByFleet(env.DB, query))[2]).totalUsd, 9);
    expect(days.some(({ fleet }) => fleet === "gone")).toBe(false);
  });
});
