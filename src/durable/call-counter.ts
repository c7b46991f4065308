// Calls of the market's API that an object has made and not yet written down: what acts on their outcome writes its row
// in the same step and takes the counts along.

import { addCall, addCalls, type CallCounts, statusClassOf } from "../fleet/tally.ts";
import type { VastRoute } from "../vast/client.ts";
import type { FleetStore } from "./fleet-store.ts";

export interface CallCounter {
  count(route: VastRoute, status: number | "lost"): void;
  /** What was counted since it was taken last. */
  take(): CallCounts;
}

export function createCallCounter(): CallCounter {
  let calls: CallCounts = {};
  return {
    count: (route, status) => {
      calls = addCall(calls, route, statusClassOf(status));
    },
    take: () => {
      const taken = calls;
      calls = {};
      return taken;
    },
  };
}

/** The fleet's counters with the calls made since the last row. */
export function countersWithCalls(store: FleetStore, counter: Pick<CallCounter, "take">) {
  const counters = store.counters();
  return { ...counters, calls: addCalls(counters.calls, counter.take()) };
}
