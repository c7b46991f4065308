// Searches of the market, shared: fleets that want the same offers at nearly the same time cost one search.

import type { OfferQuery } from "../fleet/offer.ts";
import { describeFailure, type VastClient } from "../vast/client.ts";
import type { SearchAnswer } from "./account-words.ts";

/** A search answers every fleet that asks the same within this time (design §2). */
const SEARCH_SHARED_MS = 30_000;

export type SharedSearch = (query: OfferQuery, pagesMax?: number) => Promise<SearchAnswer>;

export function createSharedSearches(vast: Pick<VastClient, "searchPriced">): SharedSearch {
  const searches = new Map<string, { readonly atMs: number; readonly answer: Promise<SearchAnswer> }>();
  return async (query, pagesMax) => {
    const key = JSON.stringify([query, pagesMax]);
    const nowMs = Date.now();
    const shared = searches.get(key);
    if (shared !== undefined && nowMs - shared.atMs < SEARCH_SHARED_MS) return shared.answer;
    for (const [old, { atMs }] of searches) if (nowMs - atMs >= SEARCH_SHARED_MS) searches.delete(old);
    const answer = vast
      .searchPriced(query, pagesMax)
      .then((found): SearchAnswer =>
        found.ok
          ? { ok: true, offers: found.value.offers, isCapped: found.value.isCapped || found.value.failure !== null }
          : { ok: false, reason: describeFailure(found.error) },
      );
    searches.set(key, { atMs: nowMs, answer });
    const settled = await answer;
    if (!settled.ok) searches.delete(key);
    return settled;
  };
}
