import { describe, expect, it } from "vitest";
import { listOffers, wideOfferQuery } from "../../src/fleet/offer-list.ts";
import { rankOffers } from "../../src/fleet/offer.ts";
import { anOffer, aSpec, throughput } from "../support/builders.ts";

const terms = {
  spec: aSpec({ maxPriceUsdPerHour: 0.09 }),
  diskGb: 15,
  blocked: new Set([66]),
  excludedGpus: new Set<string>(),
  occupiedMachines: new Set([77]),
  passedOver: [],
};
const nobody = new Map<number, number>();

describe("the list of offers", () => {
  const offers = [
    anOffer({ offerId: 1, machineId: 1, usdPerHour: 0.08 }),
    anOffer({ offerId: 2, machineId: 1, usdPerHour: 0.07 }),
    anOffer({ offerId: 3, machineId: 3, usdPerHour: 0.06 }),
    anOffer({ offerId: 4, machineId: 66, usdPerHour: 0.05 }),
    anOffer({ offerId: 5, machineId: 77, usdPerHour: 0.05 }),
    anOffer({ offerId: 6, machineId: 6, usdPerHour: 0.095 }),
  ];
  const list = listOffers(offers, terms, throughput, new Map([[66, 3]]));

  it("ranks exactly as a CHECK does", () => {
    const { ranked, refused } = rankOffers(offers, terms, throughput, new Map([[66, 3]]));
    expect(list.ranked.map(({ offer }) => offer)).toEqual(ranked.map(({ offer }) => offer));
    expect(list.ranked.map(({ offer, refusal }) => [offer.offerId, refusal])).toEqual([
      [3, null],
      [2, null],
    ]);
    expect(list.refusedCounts).toEqual(refused);
  });

  it("names why each of the others is refused, best value first", () => {
    expect(list.refused.map(({ offer, refusal }) => [offer.offerId, refusal])).toEqual([
      [5, "taken"],
      [1, "same-machine"],
      [6, "price"],
      [4, "blocked"],
    ]);
  });

  it("shows strikes and block, and expects less of a struck host", () => {
    const [, , , blocked] = list.refused;
    expect(blocked).toMatchObject({ strikes: 3, isBlocked: true });
    expect(blocked?.expectedGamesPerSecond).toBe((list.ranked[0]?.expectedGamesPerSecond ?? 0) / 4);
  });

  it("says where the expected rate comes from", () => {
    const known = { ...throughput, observedByMachine: new Map([[3, 9]]) };
    const [first, second] = listOffers(offers, terms, known, nobody).ranked;
    expect([first?.rateSource, first?.expectedGamesPerSecond, second?.rateSource]).toEqual(["machine", 9, "table"]);
  });
});

it("looks a quarter above the cap and leaves blocked machines in, so that they can be shown", () => {
  expect(wideOfferQuery(terms.spec, 15)).toMatchObject({
    maxPriceUsdPerHour: 0.1125,
    excludedMachineIds: [],
    diskGb: 15,
  });
  expect(wideOfferQuery(aSpec({ maxPriceUsdPerHour: null }), 15).maxPriceUsdPerHour).toBeNull();
  const choosy = aSpec({ minReliability: 0.99, minCudaVersion: 12.4, minDriverVersion: "550", minDurationDays: 9 });
  expect(wideOfferQuery(choosy, 15)).toMatchObject({ minReliability: null, minDurationSeconds: null });
});
