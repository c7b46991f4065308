// What goes wrong, drawn from a seed: one thing after the other, a few seconds apart, each for a while.

import type { FaultName } from "../../sim/faults.ts";

/** As `POST /sim/faults` takes it. */
export type FaultOrder = Readonly<Record<string, unknown>> & { readonly name: FaultName };

export type Trouble =
  | { readonly kind: "fault"; readonly fault: FaultOrder }
  | { readonly kind: "kill"; readonly what: "process" | "runtime" }
  | { readonly kind: "scale"; readonly fleet: string; readonly target: number }
  | { readonly kind: "credit"; readonly usd: number }
  /** No fault for a while: a keeper that is blind all the time does nothing wrong, and nothing else. */
  | { readonly kind: "lull"; readonly forMs: number };

/** Fleets with their targets; one name is the beginning of another's. */
export const FLEETS: Readonly<Record<string, number>> = { chaos: 6, "chaos-a": 4, storm: 5 };
const MOST_TARGET = 8;

type Chance = () => number;

/** Market routes that answer wrongly for some seconds. */
const CALL_FAULTS: readonly FaultName[] = [
  "list-fails",
  "list-partial",
  "list-hangs",
  "list-410",
  "list-other-account",
  "list-garbage",
  "create-taken",
  "create-timeout-but-rented",
  "create-error-but-rented",
  "create-error-with-contract",
  "create-error",
  "create-hangs",
  "create-429",
  "create-success-false-200",
  "destroy-500",
  "destroy-stays",
  "destroy-504",
  "destroy-hangs",
  "log-hangs",
  "log-never-ready",
  "log-empty",
  "log-cut",
  "log-ansi",
  "log-stale",
  "log-request-fails",
  "search-fails",
  "search-empty",
  "search-hangs",
  "search-unfiltered",
  "search-stale",
  "account-fails",
  "account-hangs",
  "rate-limit",
  "slow-api",
  "api-down",
  "api-hangs",
  "bad-key",
  "hub-down",
  "hub-hangs",
  "commit-quota",
];
const HOST_FAULTS: readonly FaultName[] = ["next-rent-dud", "list-late", "create-stopped", "offer-sold-twice"];
const BOX_FAULTS: readonly FaultName[] = [
  "host-crash",
  "box-vanish",
  "box-exited",
  "box-offline",
  "box-frozen-log",
  "box-comes-back",
  "box-slows",
  "price-rise",
];

/** How long a call that never answers is kept open: longer than the keeper waits. */
const HANG_MS = 40_000;
/** Long enough for what was lost to be replaced and to play. */
const LULL_MS = { least: 15_000, most: 35_000 } as const;

/** mulberry32: small, and the same everywhere. */
export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function drawTrouble(chance: Chance): Trouble {
  const kind = chance();
  if (kind < 0.12) return { kind: "kill", what: chance() < 0.7 ? "process" : "runtime" };
  if (kind < 0.2) return { kind: "scale", fleet: pick(chance, Object.keys(FLEETS)), target: upTo(chance, MOST_TARGET) };
  if (kind < 0.23) return { kind: "credit", usd: chance() < 0.5 ? 0 : 25 };
  if (kind < 0.33) return { kind: "lull", forMs: LULL_MS.least + upTo(chance, LULL_MS.most - LULL_MS.least) };
  return { kind: "fault", fault: drawFault(chance) };
}

function drawFault(chance: Chance): FaultOrder {
  const kind = chance();
  if (kind < 0.55) {
    const name = pick(chance, CALL_FAULTS);
    const isHanging = name.endsWith("-hangs") || name.includes("timeout");
    const value = isHanging && name !== "log-hangs" ? { value: HANG_MS } : {};
    return { name, ...value, forMs: 2000 + upTo(chance, 15_000) };
  }
  if (kind < 0.7) return { name: pick(chance, HOST_FAULTS), times: upTo(chance, 3), forMs: 30_000 };
  const match = { label: `${pick(chance, Object.keys(FLEETS))}-worker-vast-${upTo(chance, MOST_TARGET) - 1}` };
  return { name: pick(chance, BOX_FAULTS), match, times: 1, forMs: 20_000 };
}

function pick<T>(chance: Chance, from: readonly T[]): T {
  return from[Math.floor(chance() * from.length)] as T;
}

/** 1 to `most`. */
function upTo(chance: Chance, most: number): number {
  return 1 + Math.floor(chance() * most);
}
