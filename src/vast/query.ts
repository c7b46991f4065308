// What a fleet looks for, as the body of an offer search (Vast API reference §2). The server does not always honour its
// filters, so every row is judged again in fleet/offer.ts; here they only keep the pages short.

import { driverNumber } from "../fleet/driver-version.ts";
import type { OfferQuery } from "../fleet/offer.ts";

/** Rows that one search can bring, whatever is asked; there is no cursor (§2, observed twice). */
export const SEARCH_ROWS_MAX = 64;
/** A longer list of machines makes the body heavy; the rest are refused on the rows. */
const EXCLUSIONS_MAX = 200;
/** `gpu_ram` is usable memory, a little under the card's name: an L4 of 24 GB says 22.5 (§2). */
const GPU_RAM_MARGIN = 0.9;
/** Prices are compared after rounding to three decimals, so half a thousandth above the cap may still pass. */
const PRICE_ROUNDING_USD = 0.0005;

export interface SearchPage {
  /** Only offers at this price or above: the start of the next page. */
  readonly fromUsdPerHour?: number;
  /** In place of the query's own types. */
  readonly gpus?: readonly string[];
}

/**
 * The search body: verified, rentable, not rented, one GPU, on demand, cheapest first. These filters are the official client's
 * defaults, which a REST caller must send itself (§2).
 */
export function searchBody(query: OfferQuery, page: SearchPage = {}): Readonly<Record<string, unknown>> {
  const price = {
    ...(page.fromUsdPerHour === undefined ? {} : { gte: page.fromUsdPerHour }),
    ...(query.maxPriceUsdPerHour === null ? {} : { lte: query.maxPriceUsdPerHour + PRICE_ROUNDING_USD }),
  };
  const { minGpuRamGb } = query;
  return {
    verified: { eq: true },
    external: { eq: false },
    rentable: { eq: true },
    rented: { eq: false },
    gpu_name: { in: page.gpus ?? query.gpus },
    num_gpus: { eq: 1 },
    ...(Object.keys(price).length === 0 ? {} : { dph_total: price }),
    ...(minGpuRamGb === null ? {} : { gpu_ram: { gte: Math.floor(minGpuRamGb * 1000 * GPU_RAM_MARGIN) } }),
    ...atLeast("reliability", query.minReliability),
    ...atLeast("cuda_max_good", query.minCudaVersion),
    ...atLeast("driver_version", query.minDriverVersion === null ? null : driverNumber(query.minDriverVersion)),
    ...atLeast("duration", query.minDurationSeconds),
    disk_space: { gte: query.diskGb },
    ...exclusion(query.excludedMachineIds),
    type: "on-demand",
    order: [["dph_total", "asc"]],
    limit: SEARCH_ROWS_MAX,
    allocated_storage: query.diskGb,
  };
}

function atLeast(field: string, minimum: number | null): Readonly<Record<string, unknown>> {
  return minimum === null ? {} : { [field]: { gte: minimum } };
}

function exclusion(machineIds: readonly number[]): Readonly<Record<string, unknown>> {
  return machineIds.length === 0 ? {} : { machine_id: { notin: machineIds.slice(0, EXCLUSIONS_MAX) } };
}
