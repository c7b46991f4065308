import { describe, expect, it } from "vitest";
import { expectedRate, isOverCap, offerQueryOf, rankOffers, refusalOf, roundPrice } from "../../src/fleet/offer.ts";
import { anOffer, aSpec, throughput } from "../support/builders.ts";

const terms = {
  spec: aSpec({ maxPriceUsdPerHour: 0.09, minGpuRamGb: 8 }),
  diskGb: 15,
  blocked: new Set([66]),
  excludedGpus: new Set(["RTX 3080"]),
  occupiedMachines: new Set([77]),
  passedOver: [{ offerId: 881, machineId: 88 }],
};
const nobody = new Map<number, number>();
const ids = (ranking: ReturnType<typeof rankOffers>): number[] => ranking.ranked.map(({ offer }) => offer.offerId);

describe("an offer", () => {
  it.each<[string, Parameters<typeof anOffer>[0], string | null]>([
    ["that fits", {}, null],
    ["at the cap", { usdPerHour: 0.09 }, null],
    ["that rounds to the cap", { usdPerHour: 0.0904 }, null],
    ["that rounds above the cap", { usdPerHour: 0.0905 }, "price"],
    ["of no GPU", { gpuCount: 0 }, "not-a-gpu"],
    ["of two GPUs", { gpuCount: 2 }, "gpu-count"],
    ["of another GPU type", { gpu: "RTX 5090" }, "gpu-type"],
    ["of a type that ran out of memory with these weights", { gpu: "RTX 3080" }, "gpu-ran-out-of-memory"],
    ["of its larger sister", { gpu: "RTX 3080 Ti" }, null],
    ["that is rented", { isRented: true }, "rented"],
    ["that cannot be rented", { isRentable: false }, "rented"],
    ["with the 7.44 GB that an 8 GB card may report", { gpuRamGb: 7.44 }, null],
    ["with less memory", { gpuRamGb: 7.43 }, "gpu-memory"],
    ["that does not say its memory", { gpuRamGb: null }, null],
    ["on a blocked machine", { machineId: 66 }, "blocked"],
    ["on a machine that the fleet is on", { machineId: 77 }, "taken"],
    ["on a machine that nobody names", { machineId: null }, "unknown-machine"],
    ["with just the disk", { diskGb: 15 }, null],
    ["with less disk", { diskGb: 14.9 }, "disk"],
    ["that does not say its disk", { diskGb: null }, null],
    ["that was refused a while ago", { offerId: 881 }, "refused-lately"],
    ["of the machine of such an offer", { machineId: 88 }, "refused-lately"],
    ["whose host takes it back within two hours", { durationSeconds: 7199 }, "ends-soon"],
    ["that does not say how long it stays", { durationSeconds: null }, null],
    ["whose start costs three hours of its rent to download", { usdPerHour: 0.08, downloadUsdPerGb: 0.024 }, null],
    ["whose start costs more than that", { usdPerHour: 0.08, downloadUsdPerGb: 0.0241 }, "download-cost"],
    ["that does not say what a download costs", { downloadUsdPerGb: null }, null],
  ])("%s", (_words, changes, refusal) => {
    expect(refusalOf(anOffer(changes), terms)).toBe(refusal);
  });

  const wants = (changes: Parameters<typeof aSpec>[0]) => ({
    ...terms,
    spec: aSpec({ gpus: ["RTX 3070"], ...changes }),
  });

  it.each<[string, Parameters<typeof aSpec>[0], Parameters<typeof anOffer>[0], string | null]>([
    ["as reliable as wanted", { minReliability: 0.98 }, { reliability: 0.98 }, null],
    ["less reliable", { minReliability: 0.98 }, { reliability: 0.9799 }, "reliability"],
    ["that does not say its reliability", { minReliability: 0.98 }, { reliability: null }, null],
    ["with the CUDA wanted", { minCudaVersion: 12.4 }, { cudaMax: 12.4 }, null],
    ["with an older CUDA", { minCudaVersion: 12.4 }, { cudaMax: 12.2 }, "cuda"],
    ["with the driver wanted", { minDriverVersion: "535.0" }, { driverVersion: "535.86.05" }, null],
    ["with just that driver", { minDriverVersion: "535.86.05" }, { driverVersion: "535.86.05" }, null],
    ["with an older driver", { minDriverVersion: "535.86.06" }, { driverVersion: "535.86.05" }, "driver"],
    [
      "with a driver that is older by number and not by text",
      { minDriverVersion: "1000" },
      { driverVersion: "570.1" },
      "driver",
    ],
    ["whose driver cannot be read", { minDriverVersion: "535" }, { driverVersion: "unknown" }, null],
    ["promised for long enough", { minDurationDays: 2 }, { durationSeconds: 172_800 }, null],
    ["taken back too soon", { minDurationDays: 2 }, { durationSeconds: 172_799 }, "duration"],
  ])("%s, where a minimum is set", (_words, spec, offer, refusal) => {
    expect(refusalOf(anOffer(offer), wants(spec))).toBe(refusal);
  });

  it("has no price to refuse where there is no cap", () => {
    const spec = aSpec({ maxPriceUsdPerHour: null });
    expect(refusalOf(anOffer({ usdPerHour: 900 }), { ...terms, spec })).toBeNull();
  });
});

it.each([
  [0.0904, 0.09],
  [0.0906, 0.091],
  [0.1, 0.1],
  [0, 0],
])("prices are compared at three decimals: %d is %d", (price, rounded) => {
  expect(roundPrice(price)).toBe(rounded);
});

it.each([
  ["under the cap", 0.0895, 0.09, false],
  ["at the cap", 0.09, 0.09, false],
  ["above it, and no more at three decimals", 0.0904, 0.09, false],
  ["above it at three decimals", 0.0905, 0.09, true],
  ["at a cap of four decimals, though it rounds above", 0.0905, 0.0905, false],
  ["under a cap of four decimals, though it rounds above", 0.0906, 0.0908, false],
  ["above a cap of four decimals, and rounds above", 0.0907, 0.0905, true],
  ["above a cap of four decimals, and rounds below", 0.0904, 0.0902, false],
])("a price %s: %d against %d is over: %s", (_words, price, cap, isOver) => {
  expect(isOverCap(price, cap)).toBe(isOver);
});

it("asks the market for its types up to the cap, with the real disk, without the blocked machines", () => {
  expect(offerQueryOf(terms.spec, 15, new Set([9, 3]))).toEqual({
    gpus: terms.spec.gpus,
    maxPriceUsdPerHour: 0.09,
    diskGb: 15,
    minGpuRamGb: 8,
    minReliability: null,
    minCudaVersion: null,
    minDriverVersion: null,
    minDurationSeconds: null,
    excludedMachineIds: [3, 9],
  });
});

describe("the expected rate", () => {
  const known = {
    ...throughput,
    observedByMachine: new Map([[1, 9]]),
    observedByGpu: new Map([["RTX 3060", 7]]),
  };
  it.each([
    ["the machine's own", { machineId: 1, gpu: "RTX 3060" }, 9, "machine"],
    ["else the type's", { machineId: 2, gpu: "RTX 3060" }, 7, "gpu-type"],
    ["else the type's where the machine is unknown", { machineId: null, gpu: "RTX 3060" }, 7, "gpu-type"],
    ["else the table's", { machineId: 2, gpu: "RTX 4070 Ti" }, 4.2, "table"],
    ["else 1.8", { machineId: 2, gpu: "RTX 9999" }, 1.8, "default"],
    ["else 1.8, also for a name that every object has", { machineId: 2, gpu: "constructor" }, 1.8, "default"],
  ])("is %s", (_words, offer, gamesPerSecond, source) => {
    expect(expectedRate(offer, known)).toEqual({ gamesPerSecond, source });
  });
});

describe("ranking", () => {
  it("puts the best value first, not the lowest price", () => {
    const cheap = anOffer({ offerId: 5001, gpu: "RTX 3060", usdPerHour: 0.06 });
    const good = anOffer({ offerId: 5002, gpu: "RTX 4070 Ti", usdPerHour: 0.08 });
    expect(rankOffers([cheap, good], terms, throughput, nobody)).toEqual({
      ranked: [
        { offer: good, expectedGamesPerSecond: 4.2, usdPerGamePerSecond: 0.08 / 4.2 },
        { offer: cheap, expectedGamesPerSecond: 1.8, usdPerGamePerSecond: 0.06 / 1.8 },
      ],
      refused: {},
    });
  });

  it("takes one offer per machine, its best", () => {
    const offers = [
      anOffer({ offerId: 5001, machineId: 1, usdPerHour: 0.08 }),
      anOffer({ offerId: 5002, machineId: 1 }),
    ];
    expect(ids(rankOffers(offers, terms, throughput, nobody))).toEqual([5002]);
  });

  it("gives ties to the lower offer id, in whatever order they come", () => {
    const offers = [anOffer({ offerId: 5003 }), anOffer({ offerId: 5001 }), anOffer({ offerId: 5002 })];
    expect(ids(rankOffers(offers, terms, throughput, nobody))).toEqual([5001, 5002, 5003]);
  });

  it("expects less of a host with strikes", () => {
    const offers = [anOffer({ offerId: 5001, usdPerHour: 0.06 }), anOffer({ offerId: 5002, usdPerHour: 0.08 })];
    expect(ids(rankOffers(offers, terms, throughput, new Map([[501, 1]])))).toEqual([5002, 5001]);
  });

  it("ranks an offer with a rate of zero last", () => {
    const offers = [anOffer({ offerId: 5001 }), anOffer({ offerId: 5002 })];
    const none = { ...throughput, observedByMachine: new Map([[501, 0]]) };
    expect(ids(rankOffers(offers, terms, none, nobody))).toEqual([5002, 5001]);
  });

  it("counts what it refuses, by reason", () => {
    const offers = [anOffer({ gpuCount: 2 }), anOffer({ machineId: 66 }), anOffer({ offerId: 1, machineId: 66 })];
    expect(rankOffers(offers, terms, throughput, nobody)).toEqual({
      ranked: [],
      refused: { "gpu-count": 1, blocked: 2 },
    });
  });
});
