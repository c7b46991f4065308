// What the account's keeper tells those who watch figures, from its own rows.

import { type AccountStore, existingFleets } from "./account-store.ts";
import { viewCredit } from "./credit-watch.ts";
import type { AccountMetrics } from "./rpc.ts";
import { strayDocuments, strayTotal } from "./strays.ts";

export function accountMetricsOf(store: AccountStore, listReadAtMs: number | null, nowMs: number): AccountMetrics {
  const { creditUsd, hoursLeft, usdPerHour, wait } = viewCredit(store, nowMs);
  return {
    fleets: existingFleets(store),
    creditUsd,
    hoursLeft,
    usdPerHour,
    isWaitingForCredit: wait !== null,
    strays: strayTotal(strayDocuments(store, nowMs)),
    listAgeMs: listReadAtMs === null ? null : Math.max(0, nowMs - listReadAtMs),
    calls: store.calls(),
  };
}
