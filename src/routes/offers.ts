// GET /api/offers: what the market has now, ranked as a CHECK would, and why the rest may not be taken.

import { Hono } from "hono";
import { z } from "zod";
import { newFleetOfferView } from "../durable/offer-view.ts";
import { accountStub, fleetStub } from "../durable/stubs.ts";
import { unknownGpuNotes } from "../fleet/gpu-names.ts";
import { type ListedOffer, listOffers, type OfferList, wideOfferQuery } from "../fleet/offer-list.ts";
import type { RateSource } from "../fleet/offer.ts";
import { whyNone } from "../fleet/replenish.ts";
import { type FleetSpec, normaliseGpu } from "../fleet/spec.ts";
import { maskSecrets } from "../log.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { fromHistory, knownFleet, wholeNumber } from "./history.ts";
import { answer } from "./present.ts";
import { fleetNotFound, problem } from "./problem.ts";
import { offerPageSchema } from "./schemas/offers.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

/** The runbook's `--limit 10`. */
const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 100;
/** A look must leave most of the route's ten calls a minute to the CHECKs (Vast API reference §0). */
const PAGES_MAX = 3;

const offersQuery = formatQuery.extend({
  /** Left out: as a new fleet of preset `zeb` would see them. */
  fleet: knownFleet.optional().meta({ description: "By the terms of this fleet; left out: of a new one" }),
  gpu: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .transform(normaliseGpu)
    .optional()
    .meta({ description: "Only this GPU type", examples: ["RTX_3090"] }),
  /** Of those that may be taken, and as many of the others. */
  limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_DEFAULT),
});

export interface OfferPage {
  readonly fleet: string | null;
  readonly terms: { readonly diskGb: number } & Pick<
    FleetSpec,
    | "preset"
    | "gpus"
    | "maxPriceUsdPerHour"
    | "minGpuRamGb"
    | "minReliability"
    | "minCudaVersion"
    | "minDriverVersion"
    | "minDurationDays"
    | "weightsName"
  >;
  readonly offers: readonly OfferDocument[];
  readonly refused: readonly OfferDocument[];
  readonly counts: {
    readonly mayBeTaken: number;
    readonly refused: number;
    readonly byReason: OfferList["refusedCounts"];
  };
  readonly notes: readonly string[];
}

const columns: readonly Column[] = [
  { head: "Rank", width: 4, align: "right" },
  { head: "GPU", width: 15 },
  { head: "$/hr", width: 6, align: "right" },
  { head: "games/s", width: 7, align: "right" },
  { head: "from", width: 8 },
  { head: "$/game/s", width: 8, align: "right" },
  { head: "Reliab.", width: 7, align: "right" },
  { head: "Strikes", width: 7, align: "right" },
  { head: "Machine", width: 8, align: "right" },
  { head: "Offer", width: 9, align: "right" },
  { head: "Refused", width: 7 },
];

const words = describe("searchOffers", {
  chapter: "Market",
  summary: "Live offers, ranked as a CHECK would, and why the rest may not be taken",
  answers: { 200: both(offerPageSchema) },
  refusals: ["fleet-not-found", "market-unreachable", "history-unreachable"],
});

export const offers = new Hono<DoorEnv>().get("/", words, query(offersQuery), async (c) => {
  const { fleet, gpu, limit } = c.req.valid("query");
  const view =
    fleet === undefined
      ? await fromHistory(() => newFleetOfferView(c.env.DB, accountStub(c.env), Date.now()))
      : ((await fleetStub(c.env, fleet).offerView()) ?? fleetNotFound(fleet));
  if (view instanceof Response) return view;
  const { terms: own, throughput, strikesByMachine } = view;
  const spec = gpu === undefined ? own.spec : { ...own.spec, gpus: [gpu] };
  const found = await accountStub(c.env).search(wideOfferQuery(spec, own.diskGb), PAGES_MAX);
  if (!found.ok) {
    return problem({
      code: "market-unreachable",
      detail: `the offer search failed: ${maskSecrets(found.reason)}`,
      hint: "ask again in a minute; the workers go on without the market",
    });
  }
  const list = listOffers(found.offers, { ...own, spec }, throughput, strikesByMachine);
  const notes = [
    ...(list.ranked.length === 0 ? [`no offers: ${whyNone({ spec }, { refused: list.refusedCounts })}`] : []),
    ...(gpu === undefined ? [] : unknownGpuNotes([gpu], throughput.byGpu)),
    ...(own.spec.gpus.includes(gpu ?? spec.gpus[0] ?? "") ? [] : [`${gpu} is not among the fleet's GPU types`]),
    ...(found.isCapped ? ["only the cheapest offers have been read; there are more above them"] : []),
  ];
  const body: OfferPage = {
    fleet: fleet ?? null,
    terms: {
      preset: spec.preset,
      gpus: spec.gpus,
      maxPriceUsdPerHour: spec.maxPriceUsdPerHour,
      minGpuRamGb: spec.minGpuRamGb,
      minReliability: spec.minReliability,
      minCudaVersion: spec.minCudaVersion,
      minDriverVersion: spec.minDriverVersion,
      minDurationDays: spec.minDurationDays,
      diskGb: own.diskGb,
      weightsName: spec.weightsName,
    },
    offers: list.ranked.slice(0, limit).map((offer, index) => offerDocument(offer, index + 1)),
    refused: list.refused.slice(0, limit).map((offer) => offerDocument(offer, null)),
    counts: { mayBeTaken: list.ranked.length, refused: list.refused.length, byReason: list.refusedCounts },
    notes,
  };
  return answer(c, body, () =>
    textOf([...tableLines(columns, [...body.offers, ...body.refused].map(cells)), ...notes]),
  );
});

export type OfferDocument = ReturnType<typeof offerDocument>;

function offerDocument({ offer, ...judged }: ListedOffer, rank: number | null) {
  return {
    rank,
    offerId: offer.offerId,
    machineId: offer.machineId,
    operatorId: offer.operatorId,
    gpu: offer.gpu,
    gpuCount: offer.gpuCount,
    gpuRamGb: offer.gpuRamGb,
    diskGb: offer.diskGb,
    geolocation: offer.geolocation,
    usdPerHour: offer.usdPerHour,
    reliability: offer.reliability,
    expectedGamesPerSecond: judged.expectedGamesPerSecond,
    rateSource: judged.rateSource,
    usdPerGamePerSecond: Number.isFinite(judged.usdPerGamePerSecond) ? judged.usdPerGamePerSecond : null,
    strikes: judged.strikes,
    blocked: judged.isBlocked,
    refusal: judged.refusal,
  };
}

const sourceWords: Readonly<Record<RateSource, string>> = {
  machine: "machine",
  "gpu-type": "type",
  table: "table",
  default: "default",
};

function cells(offer: OfferDocument): string[] {
  return [
    offer.rank === null ? "-" : String(offer.rank),
    offer.gpu,
    offer.usdPerHour.toFixed(3),
    offer.expectedGamesPerSecond.toFixed(1),
    sourceWords[offer.rateSource],
    offer.usdPerGamePerSecond?.toFixed(4) ?? "-",
    offer.reliability?.toFixed(3) ?? "-",
    String(offer.strikes),
    String(offer.machineId ?? "-"),
    String(offer.offerId),
    offer.refusal ?? "-",
  ];
}
