// Live offers as a person wants to see them: those that may be taken in the order in which they would be, and the others
// with the reason why not.

import {
  expectedRate,
  type Offer,
  type OfferQuery,
  offerQueryOf,
  type OfferTerms,
  rankOffers,
  type Ranking,
  type RateSource,
  type Refusal,
  refusalOf,
  type Throughput,
  valueOffer,
} from "./offer.ts";
import type { FleetSpec } from "./spec.ts";

/** A quarter above the cap: what a little more money would bring is seen, and the pages stay few. */
const CAP_MARGIN = 1.25;

export interface ListedOffer {
  readonly offer: Offer;
  /** What the ranking counts with: less on a host with strikes. */
  readonly expectedGamesPerSecond: number;
  readonly rateSource: RateSource;
  readonly usdPerGamePerSecond: number;
  readonly strikes: number;
  readonly isBlocked: boolean;
  /** `same-machine`: a better offer of that machine is in the list. `null`: it may be taken. */
  readonly refusal: Refusal | "same-machine" | null;
}

export interface OfferList {
  /** Best value first, as a CHECK would take them. */
  readonly ranked: readonly ListedOffer[];
  /** Best value first. */
  readonly refused: readonly ListedOffer[];
  readonly refusedCounts: Ranking["refused"];
}

/** Of what a machine must be like: its offer is shown with its refusal. */
const NO_MINIMUMS = { minReliability: null, minCudaVersion: null, minDriverVersion: null, minDurationSeconds: null };

/** Wider than what a CHECK asks for: blocked and unfit machines and somewhat dearer offers are shown with their refusal. */
export function wideOfferQuery(spec: FleetSpec, diskGb: number): OfferQuery {
  const query = offerQueryOf(spec, diskGb, new Set());
  const cap = query.maxPriceUsdPerHour;
  const maxPriceUsdPerHour = cap === null ? null : Math.round(cap * CAP_MARGIN * 10_000) / 10_000;
  return { ...query, ...NO_MINIMUMS, maxPriceUsdPerHour };
}

export function listOffers(
  offers: readonly Offer[],
  terms: OfferTerms,
  throughput: Throughput,
  strikesByMachine: ReadonlyMap<number, number>,
): OfferList {
  const { ranked, refused } = rankOffers(offers, terms, throughput, strikesByMachine);
  const taken = new Set(ranked.map(({ offer }) => offer));
  const listed = (offer: Offer, refusal: ListedOffer["refusal"]): ListedOffer => ({
    ...valueOffer(offer, throughput, strikesByMachine),
    rateSource: expectedRate(offer, throughput).source,
    strikes: offer.machineId === null ? 0 : (strikesByMachine.get(offer.machineId) ?? 0),
    isBlocked: offer.machineId !== null && terms.blocked.has(offer.machineId),
    refusal,
  });
  return {
    ranked: ranked.map(({ offer }) => listed(offer, null)),
    refused: offers
      .filter((offer) => !taken.has(offer))
      .map((offer) => listed(offer, refusalOf(offer, terms) ?? "same-machine"))
      .toSorted((a, b) => a.usdPerGamePerSecond - b.usdPerGamePerSecond || a.offer.offerId - b.offer.offerId),
    refusedCounts: refused,
  };
}
