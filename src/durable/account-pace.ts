// How fast the market may be called, for all fleets of the account and for the account itself: what `pace.ts` computes,
// kept in the account's store.

import type { VastFailure, VastRoute } from "../vast/client.ts";
import type { AccountStore } from "./account-store.ts";
import { isPlaceGood, learnRefusal, learnSuccess, type RefusedCall, takePlaces } from "./pace.ts";

/** A page of the list or of a search waits this long for its place, and no longer. */
const PLACE_WAIT_MS = 20_000;

export interface AccountPace {
  /** Places for up to `count` calls of a route, none at or after `notAfterMs`: when each may start. Never holds the caller. */
  reserve(route: VastRoute, count: number, notAfterMs?: number): readonly number[];
  /** A place that has been waited for: itself, or where a refusal has made it void meanwhile, another one. */
  placeNow(route: VastRoute, startAtMs: number): number;
  /** How a call went; `null`: it was not refused for its rate. */
  learn(route: VastRoute, refused: RefusedCall | null): void;
  /** Waits briefly for a place; a longer wait is a refusal, so that no fleet's CHECK is held by a route's pace. */
  waitForPlace(route: VastRoute): Promise<VastFailure | void>;
}

export interface PaceDeps {
  readonly store: Pick<AccountStore, "pace" | "setPace">;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export function createAccountPace({ store, now, sleep }: PaceDeps): AccountPace {
  const reserve: AccountPace["reserve"] = (route, count, notAfterMs) => {
    const taken = takePlaces(store.pace(route), count, now(), notAfterMs);
    store.setPace(route, taken.pace);
    return taken.startsAtMs;
  };
  return {
    reserve,
    placeNow: (route, startAtMs) =>
      isPlaceGood(store.pace(route), startAtMs) ? startAtMs : (reserve(route, 1)[0] ?? startAtMs),
    learn: (route, refused) => {
      const [pace, nowMs] = [store.pace(route), now()];
      store.setPace(route, refused === null ? learnSuccess(pace, nowMs) : learnRefusal(pace, route, refused, nowMs));
    },
    waitForPlace: async (route) => {
      const [startAtMs] = reserve(route, 1, now() + PLACE_WAIT_MS);
      if (startAtMs === undefined) {
        const message = `the pace of this route leaves no place within ${PLACE_WAIT_MS / 1000} s`;
        return { kind: "rate-limited", thresholdSeconds: null, retryAfterSeconds: null, message };
      }
      const waitMs = startAtMs - now();
      if (waitMs > 0) await sleep(waitMs);
    },
  };
}
