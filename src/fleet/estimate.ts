// What so many workers would cost now: the best offers that a fleet would rent, whatever their price.

import { type Offer, type RankedOffer, rankOffers, type Throughput } from "./offer.ts";
import type { FleetSpec } from "./spec.ts";

export interface Rates {
  readonly usdPerHour: number;
  readonly usdPerDay: number;
  readonly usdPerWeek: number;
}

export interface Estimate extends Rates {
  readonly workers: number;
  /** Fewer than `workers` where the market has no more; the rates are of these. */
  readonly offers: readonly RankedOffer[];
}

export function ratesOf(usdPerHour: number): Rates {
  return { usdPerHour, usdPerDay: usdPerHour * 24, usdPerWeek: usdPerHour * 24 * 7 };
}

export function estimateCost(
  offers: readonly Offer[],
  wish: {
    readonly workers: number;
    readonly spec: FleetSpec;
    readonly diskGb: number;
    readonly throughput: Throughput;
  },
): Estimate {
  const { workers, spec, diskGb, throughput } = wish;
  const none = new Set<never>();
  const terms = { spec, diskGb, blocked: none, excludedGpus: none, occupiedMachines: none, passedOver: [] };
  const best = rankOffers(offers, terms, throughput, new Map()).ranked.slice(0, workers);
  return { workers, offers: best, ...ratesOf(best.reduce((sum, { offer }) => sum + offer.usdPerHour, 0)) };
}
