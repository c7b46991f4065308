// Searching offers: one page, or all pages by price with the missing GPU types asked for again (design §4, rule 18).

import type { Offer, OfferQuery } from "../fleet/offer.ts";
import { ok, type Result } from "../fleet/result.ts";
import type { VastCaller } from "./call.ts";
import { toOffer } from "./convert.ts";
import type { VastFailure } from "./errors.ts";
import { SEARCH_ROWS_MAX, searchBody, type SearchPage } from "./query.ts";
import { offerPageSchema } from "./schema.ts";

/** One shared search must stay well under the route's ten calls a minute (Vast API reference §0). */
const PAGES_MAX_DEFAULT = 6;

export interface OfferPage {
  /** Cheapest first, as they came. Rows that are no GPU offer are left out. */
  readonly offers: readonly Offer[];
  /** True where the answer was full, so that dearer offers may exist beyond it. */
  readonly isCapped: boolean;
}

export interface PricedOffers extends OfferPage {
  /** Calls sent. */
  readonly calls: number;
  /** Wanted types that no row named, each of them asked for by itself unless a call failed first. */
  readonly missingGpus: readonly string[];
  /** What ended the search early. The offers read before are good; `null`: nothing did. */
  readonly failure: VastFailure | null;
}

export async function searchPage(
  caller: VastCaller,
  query: OfferQuery,
  page: SearchPage = {},
): Promise<Result<OfferPage, VastFailure>> {
  const call = { route: "search", method: "POST", path: "/api/v0/bundles/", body: searchBody(query, page) } as const;
  const answer = await caller.read(call, offerPageSchema);
  if (!answer.ok) return answer;
  const rows = answer.value.offers;
  const offers = rows.map(toOffer).filter((offer) => offer !== null);
  return ok({ offers, isCapped: rows.length >= SEARCH_ROWS_MAX });
}

/**
 * All offers up to the price cap: each page starts at the last price of the one before. Then the wanted GPU types
 * without a row are asked for by themselves, in one call: a full market hides the dearer types behind the cap on rows
 * (docs/decisions/0003). Fails only where the first page does.
 */
export async function searchPriced(
  caller: VastCaller,
  query: OfferQuery,
  pagesMax: number = PAGES_MAX_DEFAULT,
): Promise<Result<PricedOffers, VastFailure>> {
  const first = await searchPage(caller, query);
  if (!first.ok) return first;
  const offers = new Map<number, Offer>();
  let fresh = addNew(offers, first.value.offers);
  let { isCapped } = first.value;
  let calls = 1;
  const result = (failure: VastFailure | null): Result<PricedOffers, VastFailure> => {
    const found = [...offers.values()].toSorted((a, b) => a.usdPerHour - b.usdPerHour);
    return ok({ offers: found, isCapped, calls, missingGpus: missingGpus(query, offers), failure });
  };

  while (isCapped && fresh > 0 && calls < pagesMax) {
    const fromUsdPerHour = Math.max(...[...offers.values()].map((offer) => offer.usdPerHour));
    const page = await searchPage(caller, query, { fromUsdPerHour });
    calls += 1;
    if (!page.ok) return result(page.error);
    fresh = addNew(offers, page.value.offers);
    isCapped = page.value.isCapped;
  }
  // Nothing new to ask where no wanted type had a row: that was the first question.
  const again = missingGpus(query, offers);
  if (again.length > 0 && again.length < query.gpus.length) {
    const page = await searchPage(caller, query, { gpus: again });
    calls += 1;
    if (!page.ok) return result(page.error);
    addNew(offers, page.value.offers);
  }
  return result(null);
}

/** How many of the rows were not there yet. */
function addNew(offers: Map<number, Offer>, rows: readonly Offer[]): number {
  const before = offers.size;
  for (const row of rows) {
    if (!offers.has(row.offerId)) offers.set(row.offerId, row);
  }
  return offers.size - before;
}

function missingGpus(query: OfferQuery, offers: ReadonlyMap<number, Offer>): readonly string[] {
  const seen = new Set([...offers.values()].map((offer) => offer.gpu));
  return query.gpus.filter((gpu) => !seen.has(gpu));
}
