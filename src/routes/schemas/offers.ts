// Live offers and what they would cost, as answers show them.

import { z } from "zod";
import { presetNames } from "../../fleet/preset.ts";
import type { Refusal } from "../../fleet/offer.ts";
import type { CostDocument, CostEstimate, FleetCost } from "../cost.ts";
import type { OfferDocument, OfferPage } from "../offers.ts";
import { instantText, notes, oneOf, partOf, schemaOf } from "./schema-of.ts";
import { specExample } from "./spec.ts";

const refusal = oneOf<Refusal | "same-machine">()(
  "not-a-gpu",
  "rented",
  "gpu-type",
  "gpu-count",
  "gpu-memory",
  "gpu-ran-out-of-memory",
  "reliability",
  "cuda",
  "driver",
  "duration",
  "price",
  "blocked",
  "unknown-machine",
  "disk",
  "taken",
  "refused-lately",
  "ends-soon",
  "download-cost",
  "same-machine",
);

const offerExample: OfferDocument = {
  rank: 1,
  offerId: 20_000_948,
  machineId: 4411,
  operatorId: 77,
  gpu: "RTX 4070 Ti",
  gpuCount: 1,
  gpuRamGb: 12,
  diskGb: 120,
  geolocation: "Sweden, SE",
  usdPerHour: 0.089,
  reliability: 0.995,
  expectedGamesPerSecond: 4.2,
  rateSource: "table",
  usdPerGamePerSecond: 0.0212,
  strikes: 0,
  blocked: false,
  refusal: null,
};

const offerSchema = schemaOf<OfferDocument>()(
  "Offer",
  {
    rank: z.int().nullable().meta({ description: "From 1, best value first; `null`: it may not be taken" }),
    offerId: z.int(),
    machineId: z.int().nullable(),
    operatorId: z.int().nullable(),
    gpu: z.string(),
    gpuCount: z.number(),
    gpuRamGb: z.number().nullable(),
    diskGb: z.number().nullable(),
    geolocation: z.string().nullable(),
    usdPerHour: z.number(),
    reliability: z.number().nullable(),
    expectedGamesPerSecond: z.number(),
    rateSource: oneOf<OfferDocument["rateSource"]>()("machine", "gpu-type", "table", "default"),
    usdPerGamePerSecond: z.number().nullable(),
    strikes: z.int(),
    blocked: z.boolean(),
    refusal: refusal.nullable(),
  },
  { about: "An offer of the market as a CHECK would see it", example: offerExample },
);

const { preset, gpus, maxPriceUsdPerHour, weightsName } = specExample;

export const offerPageSchema = schemaOf<OfferPage>()(
  "OfferPage",
  {
    fleet: z.string().nullable(),
    terms: partOf<OfferPage["terms"]>()({
      preset: z.enum(presetNames),
      gpus: z.array(z.string()),
      maxPriceUsdPerHour: z.number().nullable(),
      minGpuRamGb: z.number().nullable(),
      minReliability: z.number().nullable(),
      minCudaVersion: z.number().nullable(),
      minDriverVersion: z.string().nullable(),
      minDurationDays: z.number().nullable(),
      diskGb: z.number(),
      weightsName: z.string(),
    }),
    offers: z.array(offerSchema),
    refused: z.array(offerSchema),
    counts: partOf<OfferPage["counts"]>()({
      mayBeTaken: z.int(),
      refused: z.int(),
      byReason: z.partialRecord(refusal.exclude(["same-machine"]), z.int()),
    }),
    notes,
  },
  {
    about: "What may be rented now in the order in which it would be, and the others with why not",
    example: {
      fleet: "zeb-large",
      terms: {
        preset,
        gpus,
        maxPriceUsdPerHour,
        minGpuRamGb: null,
        minReliability: null,
        minCudaVersion: null,
        minDriverVersion: null,
        minDurationDays: null,
        diskGb: 15,
        weightsName,
      },
      offers: [offerExample],
      refused: [],
      counts: { mayBeTaken: 1, refused: 0, byReason: {} },
      notes: [],
    },
  },
);

const usd = z.number();

const estimate = partOf<CostEstimate>()({
  usdPerHour: usd,
  usdPerDay: usd,
  usdPerWeek: usd,
  workers: z.int(),
  gpu: z.string().nullable(),
  found: z.int(),
  offers: z.array(
    partOf<CostEstimate["offers"][number]>()({
      offerId: z.int(),
      machineId: z.int().nullable(),
      gpu: z.string(),
      usdPerHour: usd,
    }),
  ),
});

const spent = { todayUsd: usd, last7DaysUsd: usd.nullable(), totalUsd: usd };

export const costSchema = schemaOf<CostDocument>()(
  "Cost",
  {
    usdPerHour: usd,
    usdPerDay: usd,
    usdPerWeek: usd,
    spent: partOf<CostDocument["spent"]>()(spent),
    fleets: z.array(partOf<FleetCost>()({ name: z.string(), usdPerHour: usd, ...spent })),
    creditUsd: usd.nullable(),
    creditReadAt: instantText.nullable(),
    accountUsdPerHour: usd.nullable(),
    hoursLeft: z.number().nullable(),
    creditWait: z.string().nullable().meta({ description: "Why the fleets wait for credit; `null`: they do not" }),
    creditProbeAt: instantText.nullable().meta({ description: "When one of them may try again" }),
    billingUrl: z.string(),
    estimate: estimate.nullable(),
    rulesOfThumb: z.array(
      partOf<CostDocument["rulesOfThumb"][number]>()({
        workers: z.int(),
        gpu: z.string(),
        usdPerHour: usd,
        usdPerDay: usd,
        usdPerWeek: usd,
        fits: z.boolean(),
      }),
    ),
    notes,
  },
  {
    about: "What runs costs, what was spent, how long the credit lasts, and what was asked for would cost",
    example: {
      usdPerHour: 0.58,
      usdPerDay: 13.92,
      usdPerWeek: 97.44,
      spent: { todayUsd: 9.1, last7DaysUsd: 61.3, totalUsd: 240.8 },
      fleets: [{ name: "zeb-large", usdPerHour: 0.58, todayUsd: 9.1, last7DaysUsd: 61.3, totalUsd: 240.8 }],
      creditUsd: 42.1,
      creditReadAt: "2026-11-23T17:59:30.000Z",
      accountUsdPerHour: 0.58,
      hoursLeft: 72.6,
      creditWait: null,
      creditProbeAt: null,
      billingUrl: "https://cloud.vast.ai/billing/",
      estimate: null,
      rulesOfThumb: [{ workers: 4, gpu: "RTX 3060 mix", usdPerHour: 0.25, usdPerDay: 6, usdPerWeek: 42, fits: false }],
      notes: [],
    },
  },
);
