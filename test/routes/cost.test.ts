import { describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { CostDocument } from "../../src/routes/cost.ts";
import { aLedgerEntry, HOUR, NOW } from "../db/builders.ts";
import { anOffer } from "../support/builders.ts";
import { aFleet, aWorker, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

function twoFleets(): World {
  return aWorld(
    aFleet("zeb", { workers: [aWorker({ usdPerHour: 0.1 }), aWorker({ usdPerHour: 0.2 })] }),
    aFleet("zeb-large", { workers: [aWorker({ usdPerHour: 0.1 })], spend: { todayUsd: 2, totalUsd: 4.4 } }),
  );
}

async function costOf(world: World, query = ""): Promise<CostDocument> {
  return (await world.ask(`/api/cost${query}`, { token: VIEWER })).json();
}

describe("GET /api/cost", () => {
  it("tells burn, credit, and what was spent by the ledger, deleted fleets included", async () => {
    const world = twoFleets();
    vi.useFakeTimers({ toFake: ["Date"], now: NOW });
    await writeOutbox(world.env.DB, [
      { kind: "ledger", row: aLedgerEntry({ instanceId: 1, usdPerHour: 0.1, startedAtMs: NOW - 30 * HOUR }) },
      {
        kind: "ledger",
        row: aLedgerEntry({ instanceId: 2, fleet: "gone", usdPerHour: 1, startedAtMs: NOW - HOUR, endedAtMs: NOW }),
      },
    ]);
    const cost = await costOf(world);
    vi.useRealTimers();
    expect(cost).toMatchObject({
      usdPerHour: expect.closeTo(0.4),
      usdPerDay: expect.closeTo(9.6),
      usdPerWeek: expect.closeTo(67.2),
      spent: { todayUsd: expect.closeTo(2.8), last7DaysUsd: expect.closeTo(4), totalUsd: expect.closeTo(4) },
      creditUsd: 25,
      creditReadAt: "2026-11-23T18:00:00.000Z",
      accountUsdPerHour: 0.5,
      hoursLeft: 50,
      creditWait: null,
      billingUrl: "https://cloud.vast.ai/billing/",
      estimate: null,
      notes: [],
    });
    expect(cost.fleets.map(({ name, usdPerHour, todayUsd }) => [name, usdPerHour, todayUsd])).toEqual([
      ["gone", 0, expect.closeTo(1)],
      ["zeb", expect.closeTo(0.3), expect.closeTo(1.8)],
      ["zeb-large", expect.closeTo(0.1), 0],
    ]);
    // Runbook §7.
    expect(cost.rulesOfThumb).toEqual([
      { workers: 4, gpu: "RTX 3060 mix", usdPerHour: 0.25, usdPerDay: 6, usdPerWeek: 42, fits: false },
      { workers: 4, gpu: "RTX 3070 mix", usdPerHour: 0.3, usdPerDay: 7.2, usdPerWeek: 50, fits: false },
      { workers: 4, gpu: "RTX 3060 Ti", usdPerHour: 0.22, usdPerDay: 5.28, usdPerWeek: 37, fits: false },
    ]);
  });

  it("while D1 is down the fleets' own sums stand for the ledger, and a note says so", async () => {
    const world = twoFleets();
    world.env = { ...world.env, DB: brokenD1() };
    const cost = await costOf(world);
    expect(cost.spent).toEqual({ todayUsd: expect.closeTo(3.23), last7DaysUsd: null, totalUsd: expect.closeTo(50) });
    expect(cost.notes).toContain("D1 does not answer: what was spent is by the fleets' own count, without the week");
  });

  it("answers without the credit when the account's keeper does not", async () => {
    const world = twoFleets();
    world.credit = new Error("the object is away");
    const cost = await costOf(world);
    expect([cost.creditUsd, cost.hoursLeft]).toEqual([null, null]);
    expect(cost.notes).toContain("the account's keeper does not answer: the credit is not known");
  });

  it("prints a table", async () => {
    const world = twoFleets();
    world.env = { ...world.env, DB: brokenD1() };
    world.offers = {
      ok: true,
      isCapped: false,
      offers: [anOffer({ usdPerHour: 0.07 }), anOffer({ offerId: 5001, usdPerHour: 0.08 })],
    };
    world.credit = {
      creditUsd: 0.12,
      readAtMs: 0,
      usdPerHour: 0.4,
      hoursLeft: 0.3,
      wait: { sinceMs: 0, nextProbeAtMs: 1, why: "$0.12 left" },
    };
    const text = await (
      await world.ask("/api/cost?workers=2&gpu=RTX_3070", { headers: { Accept: "text/plain" } })
    ).text();
    expect(text.split("\n")).toEqual([
      "Now: $0.400/hr, $9.60/day, $67.20/week",
      "Credit: $0.12, 0.3 h at the account's $0.400/hr; waiting for credit ($0.12 left)",
      "Billing: https://cloud.vast.ai/billing/",
      "",
      "Fleet                     $/hr      Today     7 days      Total",
      "-".repeat(63),
      "zeb                      0.300      $1.23          -     $45.60",
      "zeb-large                0.100      $2.00          -      $4.40",
      "Total                    0.400      $3.23          -     $50.00",
      "",
      "Estimate for 2 workers on RTX 3070: $0.150/hr, $3.60/day, $25.20/week",
      "  from 2 offers, $0.070 to $0.080 each, best value first",
      "",
      "Rules of thumb (Feb 2026 pricing)",
      "Workers  Typical GPU        $/hr    $/day   $/week",
      "-".repeat(59),
      "      4  RTX 3060 mix      $0.25    $6.00      $42",
      "      4  RTX 3070 mix      $0.30    $7.20      $50  <- fits",
      "      4  RTX 3060 Ti       $0.22    $5.28      $37",
      "D1 does not answer; the fleets are those the account's keeper knows",
      "D1 does not answer: what was spent is by the fleets' own count, without the week",
      "",
    ]);
  });
});

describe("the estimate", () => {
  const offers = [0.3, 0.06, 0.07, 0.08, 0.09].map((usdPerHour, index) =>
    anOffer({ offerId: 5000 + index, usdPerHour, gpu: "RTX 3060" }),
  );

  it("is of the best offers at any price, for four workers where none are named", async () => {
    const world = aWorld();
    world.offers = { ok: true, offers, isCapped: false };
    const { estimate, rulesOfThumb } = await costOf(world, "?gpu=RTX_3060");
    expect(world.searches).toMatchObject([{ query: { gpus: ["RTX 3060"], maxPriceUsdPerHour: null, diskGb: 15 } }]);
    expect(estimate).toMatchObject({ workers: 4, gpu: "RTX 3060", found: 4, usdPerHour: expect.closeTo(0.3) });
    expect(estimate?.offers.map(({ offerId }) => offerId)).toEqual([5001, 5002, 5003, 5004]);
    expect(estimate).toMatchObject({ usdPerDay: expect.closeTo(7.2), usdPerWeek: expect.closeTo(50.4) });
    expect(rulesOfThumb.map(({ fits }) => fits)).toEqual([true, false, false]);
  });

  it("says when the market has fewer", async () => {
    const world = aWorld();
    world.offers = { ok: true, offers, isCapped: false };
    const { estimate, notes } = await costOf(world, "?workers=1000&gpu=RTX%203060");
    expect([estimate?.found, notes]).toEqual([
      5,
      ["the market has only 5 of 1000 such offers: the estimate is of these"],
    ]);
  });

  it("says when dearer offers have not been read", async () => {
    const world = aWorld();
    world.offers = { ok: true, offers, isCapped: true };
    expect((await costOf(world, "?gpu=RTX_9999")).notes).toContainEqual(
      expect.stringMatching(/^GPU RTX 9999 is not a name that the market is known to show/),
    );
    const { notes } = await costOf(world, "?workers=6&gpu=RTX_3060");
    expect(notes).toEqual(["only the cheapest offers have been read: the estimate is of 5"]);
  });

  it("is missing when the market does not answer, and everything else is there", async () => {
    const world = aWorld();
    world.offers = { ok: false, reason: "no answer from Vast" };
    const { estimate, notes, creditUsd } = await costOf(world, "?workers=4");
    expect([estimate, creditUsd, notes]).toEqual([
      null,
      25,
      ["no estimate, the offer search failed: no answer from Vast"],
    ]);
  });

  it.each([
    ["?workers=0", "workers", "a whole number from 1 to 1000"],
    ["?workers=1001", "workers", "a whole number from 1 to 1000"],
    ["?workers=4.5", "workers", "a whole number from 1 to 1000"],
    ["?workers=", "workers", "a whole number from 1 to 1000"],
    ["?gpu=", "gpu", "the name of a GPU type, such as RTX_3060"],
    ["?gpu=4090", "gpu", "the name of a GPU type, such as RTX_3060"],
    ["?gpu=RTX%3Brm", "gpu", "the name of a GPU type, such as RTX_3060"],
    ["?worker=4", "worker", "no such field; there are format, workers, gpu"],
  ])("%s is refused by name", async (query, field, expected) => {
    const answer = await aWorld().ask(`/api/cost${query}`);
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field, expected }] });
  });
});
