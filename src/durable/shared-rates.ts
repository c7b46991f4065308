// What machines and GPU types have given, read from the history once for all fleets. A reading looks at each hour of each
// worker of a fortnight, rows read are billed (platform reference §2), and a CHECK comes each minute.

import type { ObservedRates, RatesQuery } from "../db/throughput.ts";
import { softly } from "./softly.ts";

/** Observed rates of the last fortnight rank offers; older ones are of other drivers and other prices. */
const RATES_WINDOW_MS = 14 * 86_400_000;
/** A mean over a fortnight changes little meanwhile. */
const KNOWN_MS = 30 * 60_000;
/** A history that has not answered is asked again then. */
const RETRY_MS = 60_000;

export const NO_RATES: ObservedRates = { byMachine: {}, byGpu: {} };

export interface KnownRates {
  readonly rates: ObservedRates;
  readonly goodUntilMs: number;
}

export type SharedRates = (weightsName: string) => Promise<ObservedRates>;

export interface RatesDeps {
  readonly store: {
    rates(weightsName: string): KnownRates | null;
    setRates(weightsName: string, known: KnownRates): void;
  };
  readonly read: (query: RatesQuery) => Promise<ObservedRates>;
  readonly now: () => number;
}

/** Never rejects: without an answer, the last known rates, or none. */
export function createSharedRates({ store, read, now }: RatesDeps): SharedRates {
  const underWay = new Map<string, Promise<ObservedRates>>();
  const readAnew = async (weightsName: string): Promise<ObservedRates> => {
    const answer = await softly("history.rates", read({ weightsName, sinceMs: now() - RATES_WINDOW_MS }));
    const rates = answer ?? store.rates(weightsName)?.rates ?? NO_RATES;
    store.setRates(weightsName, { rates, goodUntilMs: now() + (answer === null ? RETRY_MS : KNOWN_MS) });
    return rates;
  };
  return (weightsName) => {
    const known = store.rates(weightsName);
    if (known !== null && now() < known.goodUntilMs) return Promise.resolve(known.rates);
    const asked = underWay.get(weightsName) ?? readAnew(weightsName).finally(() => underWay.delete(weightsName));
    underWay.set(weightsName, asked);
    return asked;
  };
}
