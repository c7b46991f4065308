import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";
import type { CostDaysDocument } from "../../src/routes/cost-days.ts";
import { aLedgerEntry, DAY, HOUR, NOW } from "../db/builders.ts";
import { aFleet, aWorker, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

async function daysOf(world: World, query = ""): Promise<CostDaysDocument> {
  const response = await world.ask(`/api/cost/days${query}`, { token: VIEWER });
  expect(response.status).toBe(200);
  return response.json();
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await env.DB.batch(["instances", "fleets"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

function withBudget(budget: object): World {
  return aWorld(
    aFleet("zeb", {
      workers: [aWorker({ usdPerHour: 0.5 })],
      spec: resolveSpec("zeb", budget, null),
      spend: { todayUsd: 3, totalUsd: 40 },
    }),
  );
}

describe("GET /api/cost/days", () => {
  it("gives every UTC day, oldest first, today until now, deleted fleets included", async () => {
    await writeOutbox(env.DB, [
      { kind: "ledger", row: aLedgerEntry({ instanceId: 1, usdPerHour: 0.1, startedAtMs: NOW - 30 * HOUR }) },
      {
        kind: "ledger",
        row: aLedgerEntry({
          instanceId: 2,
          fleet: "gone",
          usdPerHour: 1,
          startedAtMs: NOW - 2 * DAY,
          endedAtMs: NOW - 2 * DAY + 2 * HOUR,
        }),
      },
    ]);
    const { days, since, until } = await daysOf(aWorld(), "?days=4");
    expect([since, until]).toEqual(["2026-11-20T00:00:00.000Z", "2026-11-23T18:00:00.000Z"]);
    expect(days).toEqual([
      { day: "2026-11-20", usd: 0, fleets: [] },
      { day: "2026-11-21", usd: expect.closeTo(2), fleets: [{ fleet: "gone", usd: expect.closeTo(2) }] },
      { day: "2026-11-22", usd: expect.closeTo(1.2), fleets: [{ fleet: "zeb", usd: expect.closeTo(1.2) }] },
      { day: "2026-11-23", usd: expect.closeTo(1.8), fleets: [{ fleet: "zeb", usd: expect.closeTo(1.8) }] },
    ]);
    expect((await daysOf(aWorld())).days).toHaveLength(14);
  });

  it.each([
    [{ budgetUsdPerDay: 4 }, null, "2026-11-23T20:00:00.000Z"],
    [{ budgetUsdPerDay: 10 }, null, "2026-11-24T20:00:00.000Z"],
    [{ budgetUsdTotal: 45 }, null, "2026-11-24T04:00:00.000Z"],
    [{ budgetUsdPerDay: 3 }, "budget reached: $3.00 of $3.00 today (UTC)", "2026-11-24T00:00:00.000Z"],
    [{ budgetUsdTotal: 40 }, "budget reached: $40.00 of $40.00 in total", null],
    [{ stopAt: "2026-11-23T19:00:00Z", budgetUsdTotal: 45 }, null, "2026-11-23T19:00:00.000Z"],
    [{}, null, null],
  ])("says of %o what is reached and when the next limit comes", async (budget, reached, nextLimitAt) => {
    const { fleets } = await daysOf(withBudget(budget));
    expect(fleets).toMatchObject([{ fleet: "zeb", todayUsd: 3, totalUsd: 40, reached, nextLimitAt, ...budget }]);
  });

  it("says until when the credit lasts, and that it is not known where it is not", async () => {
    const world = withBudget({});
    expect(await daysOf(world)).toMatchObject({
      creditUsd: 25,
      hoursLeft: 50,
      creditEndsAt: "2026-11-25T20:00:00.000Z",
    });
    world.credit = new Error("the object is away");
    expect(await daysOf(world)).toMatchObject({
      creditUsd: null,
      creditEndsAt: null,
      notes: expect.arrayContaining(["the account's keeper does not answer: the credit is not known"]),
    });
  });

  it("says so while D1 is silent, and refuses days it cannot give", async () => {
    const world = aWorld();
    expect((await world.ask("/api/cost/days?days=91")).status).toBe(422);
    world.env = { ...world.env, DB: brokenD1() };
    expect((await world.ask("/api/cost/days")).status).toBe(503);
  });

  it("is a table for a terminal, with a balance below nothing as people write it", async () => {
    const world = withBudget({ budgetUsdPerDay: 4 });
    world.credit = { creditUsd: -0.001, readAtMs: 0, usdPerHour: 0.5, hoursLeft: 0, wait: null };
    const text = await (await world.ask("/api/cost/days?format=text&days=1")).text();
    expect(text.split("\n")).toEqual([
      "Day (UTC)           $  By fleet",
      "-".repeat(31),
      "2026-11-23    $0.0000",
      "",
      expect.stringMatching(/^Fleet +\$\/hr +Today +of +Total +of {2}Next limit/),
      expect.any(String),
      expect.stringMatching(/^zeb +0\.500 +\$3\.00 +\$4\.00 +\$40\.00 +- {2}2026-11-23T20:00:00Z/),
      "Credit: $0.00, 0.0 h, until 2026-11-23T18:00:00Z",
      expect.any(String),
    ]);
  });
});
