import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { Offer } from "../../src/fleet/offer.ts";
import { anHour, aStrike, HOUR, NOW } from "../db/builders.ts";
import { anOffer } from "../support/builders.ts";
import { aFleet, aWorld, VIEWER, type World } from "./fakes.ts";

interface Shown {
  readonly rank: number | null;
  readonly offerId: number;
  readonly refusal: string | null;
}

interface Offers {
  readonly fleet: string | null;
  readonly terms: { readonly gpus: string[] };
  readonly offers: Shown[];
  readonly refused: Shown[];
  readonly counts: unknown;
  readonly notes: string[];
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await env.DB.batch(["strikes", "hosts", "throughput"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

function aMarket(...offers: Offer[]): World {
  const world = aWorld(aFleet("zeb"));
  world.offers = { ok: true, offers, isCapped: false };
  return world;
}

async function ask(world: World, query = ""): Promise<Offers> {
  const answer = await world.ask(`/api/offers${query}`, { token: VIEWER });
  expect(answer.status).toBe(200);
  return answer.json();
}

const good = anOffer({ offerId: 1, machineId: 11, gpu: "RTX 4070 Ti", usdPerHour: 0.084, reliability: 0.99 });
const fair = anOffer({ offerId: 2, machineId: 12, gpu: "RTX 3070", usdPerHour: 0.072 });
const dear = anOffer({ offerId: 3, machineId: 13, gpu: "RTX 3070", usdPerHour: 0.1 });

describe("GET /api/offers", () => {
  it("ranks by $/game/s and says why the others are refused", async () => {
    const { offers, refused, counts } = await ask(aMarket(dear, fair, good));
    expect(offers.map(({ rank, offerId }) => [rank, offerId])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(offers[0]).toMatchObject({
      machineId: 11,
      gpu: "RTX 4070 Ti",
      usdPerHour: 0.084,
      reliability: 0.99,
      expectedGamesPerSecond: 4.2,
      rateSource: "table",
      usdPerGamePerSecond: expect.closeTo(0.02),
      strikes: 0,
      blocked: false,
      refusal: null,
    });
    expect(refused.map(({ rank, offerId, refusal }) => [rank, offerId, refusal])).toEqual([[null, 3, "price"]]);
    expect(counts).toEqual({ mayBeTaken: 2, refused: 1, byReason: { price: 1 } });
  });

  it("sees what is known of the hosts: their own rate, the type's, strikes and blocks", async () => {
    const struck = ["a", "b", "c"].map((id) => ({ kind: "strike", row: aStrike({ id, machineId: 11 }) }) as const);
    const hour = { hourAtMs: NOW - HOUR, weightsName: "zeb-557k-1m", samples: 10 };
    await writeOutbox(env.DB, [
      ...struck,
      { kind: "throughput", row: anHour({ instanceId: 1, machineId: 12, ...hour, gamesPerSecondSum: 60 }) },
    ]);
    const other = anOffer({ offerId: 4, machineId: 14, gpu: "RTX 3070", usdPerHour: 0.072 });
    const { offers, refused } = await ask(aMarket(good, fair, other));
    expect(offers).toMatchObject([
      { offerId: 2, expectedGamesPerSecond: 6, rateSource: "machine" },
      { offerId: 4, expectedGamesPerSecond: 6, rateSource: "gpu-type" },
    ]);
    expect(refused).toMatchObject([{ offerId: 1, strikes: 3, blocked: true, refusal: "blocked" }]);
  });

  it("looks through the shared search, wider than a CHECK and over fewer pages", async () => {
    const world = aMarket(good);
    await ask(world);
    expect(world.searches).toEqual([
      {
        query: expect.objectContaining({ maxPriceUsdPerHour: 0.1125, excludedMachineIds: [], diskGb: 15 }),
        pagesMax: 3,
      },
    ]);
  });

  it("looks with a fleet's own eyes where one is named", async () => {
    const world = aMarket(good, fair);
    world.offerView = {
      ...world.offerView,
      terms: { ...world.offerView.terms, occupiedMachines: new Set([11]) },
      strikesByMachine: new Map([[12, 1]]),
    };
    const { fleet, offers, refused } = await ask(world, "?fleet=zeb");
    expect(fleet).toBe("zeb");
    expect(offers).toMatchObject([{ offerId: 2, strikes: 1, expectedGamesPerSecond: 1.2 }]);
    expect(refused).toMatchObject([{ offerId: 1, refusal: "taken" }]);
    expect((await world.ask("/api/offers?fleet=nobody")).status).toBe(404);
  });

  it("asks for another GPU type where one is named, in either spelling", async () => {
    const world = aMarket(anOffer({ offerId: 9, gpu: "RTX 5090", usdPerHour: 0.08 }));
    const { terms, offers, notes } = await ask(world, "?gpu=RTX_5090");
    expect(terms.gpus).toEqual(["RTX 5090"]);
    expect(world.searches[0]?.query.gpus).toEqual(["RTX 5090"]);
    expect(offers).toHaveLength(1);
    expect(notes).toEqual(["RTX 5090 is not among the fleet's GPU types"]);
    expect((await ask(world, "?gpu=RTX_3090")).notes.join()).not.toContain("not among");
    expect((await ask(world, "?gpu=RTX_3070_Super")).notes).toContainEqual(
      expect.stringMatching(/^GPU RTX 3070 Super is not a name that the market is known to show; known: RTX 3070/),
    );
    expect(notes.join()).not.toContain("known to show");
  });

  it("says what to loosen where nothing may be taken", async () => {
    expect((await ask(aMarket(dear))).notes).toEqual([
      "no offers: refused: 1 price; to loosen: raise maxPriceUsdPerHour",
    ]);
    const [note] = (await ask(aMarket())).notes;
    expect(note).toContain("raise maxPriceUsdPerHour or add GPU types");
  });

  it("shows as many as it is asked for of either kind", async () => {
    const { offers, refused, counts } = await ask(aMarket(good, fair, dear, { ...dear, offerId: 5 }), "?limit=1");
    expect([offers.length, refused.length]).toEqual([1, 1]);
    expect(counts).toMatchObject({ mayBeTaken: 2, refused: 2 });
    for (const limit of ["0", "101"]) expect((await aMarket().ask(`/api/offers?limit=${limit}`)).status).toBe(422);
  });

  it("says so when there are more offers than were read, and when the market does not answer", async () => {
    const world = aMarket(good);
    world.offers = { ok: true, offers: [good], isCapped: true };
    expect((await ask(world)).notes).toEqual(["only the cheapest offers have been read; there are more above them"]);
    world.offers = { ok: false, reason: "no answer from Vast; api_key=0123456789abcdef" };
    const answer = await world.ask("/api/offers");
    expect(answer.status).toBe(502);
    const text = await answer.text();
    expect(text).toContain("market-unreachable");
    expect(text).not.toContain("0123456789abcdef");
  });

  it("prints a table", async () => {
    const text = await (await aMarket(good, dear).ask("/api/offers?format=text")).text();
    expect(text.split("\n").slice(2, 4)).toEqual([
      "   1  RTX 4070 Ti       0.084      4.2  table       0.0200    0.990        0        11          1  -",
      "   -  RTX 3070          0.100      2.4  table       0.0417    0.990        0        13          3  price",
    ]);
  });
});
