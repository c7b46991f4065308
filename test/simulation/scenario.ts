// What happens in one world, drawn from a seed as plain data: the market, the fleets, and acts with their times. A world
// takes part of the kinds of trouble only, so that seeds differ in character; leaving one act out changes no other.

import type { MarketOptions } from "../../sim/market.ts";
import type { FaultMatch, FaultName } from "../../sim/faults.ts";
import { Chance } from "./platform/chance.ts";
import type { D1Trouble } from "./platform/d1.ts";
import { budgetOf, crashes, KINDS } from "./trouble.ts";
import { HOUR, MINUTE } from "./world.ts";

export type Mode = "safety" | "liveness";
/** What a seed is drawn for: "both" is trouble first, with every invariant at every step, and then peace. */
export type DrawnMode = Mode | "both";

/** Times are counted from the start of the world. */
export type Act = { readonly atMs: number } & (
  | {
      readonly kind: "fault";
      readonly name: FaultName;
      readonly match?: FaultMatch;
      readonly times?: number;
      readonly value?: unknown;
      readonly forMs?: number;
    }
  | { readonly kind: "door"; readonly method: string; readonly path: string; readonly body: unknown }
  | { readonly kind: "credit"; readonly usd: number }
  /** A person rents at the market: under a fleet's label, as the old scripts did, or under none. */
  | { readonly kind: "human-rent"; readonly label: string | null; readonly count: number }
  | { readonly kind: "human-destroy"; readonly label: string }
  /** The clock is set forward. */
  | { readonly kind: "clock-jump"; readonly ms: number }
  | { readonly kind: "crash"; readonly object: string; readonly afterSteps: number; readonly losesStep: boolean }
  | { readonly kind: "evict"; readonly object: string }
  | { readonly kind: "cron-silent"; readonly forMs: number }
  | { readonly kind: "tick-late"; readonly ms: number }
  | { readonly kind: "tick-twice" }
  | { readonly kind: "alarm-late"; readonly object: string; readonly ms: number }
  | { readonly kind: "alarm-lost"; readonly object: string }
  | { readonly kind: "d1"; readonly trouble: D1Trouble; readonly forMs: number }
  | {
      readonly kind: "call";
      readonly what: "answer-lost" | "late" | "twice";
      readonly method: string;
      readonly ms: number;
      readonly times: number;
    }
  | {
      readonly kind: "net";
      readonly what: "request-lost" | "answer-lost";
      readonly method: string;
      readonly path: string;
      readonly isSilent: boolean;
      readonly times: number;
    }
);

export interface FleetPlan {
  readonly name: string;
  readonly target: number;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly seed: number;
  readonly mode: Mode;
  readonly market: Omit<MarketOptions, "seed" | "clock">;
  readonly tickMs: number;
  readonly fleets: readonly FleetPlan[];
  /** Faults happen until then. */
  readonly troubledMs: number;
  /** The world runs at least this long. */
  readonly totalMs: number;
  readonly acts: readonly Act[];
}

const TOTAL_MS = 3 * HOUR;
/** Three fleet-hours, as with one fleet: a seed is that at least. */
const TWO_FLEETS_TOTAL_MS = 1.5 * HOUR;

interface Size {
  /** Most fleets have so many workers at most; the others have twelve. */
  readonly workersMax: number;
  readonly twelveShare: number;
  readonly fastShare: number;
}

/** Of the guards' worlds, whose seeds are kept. */
const LARGE: Size = { workersMax: 6, twelveShare: 0.1, fastShare: 0.08 };
/** Most worlds that once failed have small fleets, and a worker costs a tenth of a world (decisions 0060, 0063). */
const SIZES: Readonly<Record<DrawnMode, Size>> = {
  both: { workersMax: 3, twelveShare: 0.04, fastShare: 0.03 },
  safety: LARGE,
  liveness: LARGE,
};

export function drawScenario(seed: number, drawn: DrawnMode): Scenario {
  const chance = new Chance(seed, `scenario ${drawn}`);
  const fleets = drawFleets(chance, SIZES[drawn]);
  const totalMs = drawn === "both" && fleets.length > 1 ? TWO_FLEETS_TOTAL_MS : TOTAL_MS;
  const troubledMs = drawn === "safety" ? totalMs : Math.round(chance.between(0.6, 0.75) * totalMs);
  const kinds = Object.values(KINDS).filter(() => chance.happens(0.4));
  const count = chance.integer(4, 16);
  const acts = Array.from({ length: count }, (): readonly Act[] => {
    const draw = kinds[chance.integer(0, Math.max(0, kinds.length - 1))] ?? crashes;
    // Half of it while the fleet is still being launched.
    const atMs = Math.round(
      chance.happens(0.5) ? chance.between(0, 20 * MINUTE) : chance.between(0, troubledMs * 0.95),
    );
    return draw(chance, { fleets, atMs });
  });
  // After some trouble no peace comes within a day: it goes on to the end then.
  const mode = drawn === "both" ? (acts.flat().some(lastsADay) ? "safety" : "liveness") : drawn;
  return {
    seed,
    mode,
    tickMs: MINUTE,
    fleets,
    troubledMs: mode === "safety" ? totalMs : troubledMs,
    totalMs,
    market: {
      credit: 500,
      hosts: {
        count: Math.max(chance.integer(40, 90), machinesNeeded(fleets, acts.flat())),
        dudShare: chance.pick([0, 0.1, 0.2, 0.3]),
        crashShare: chance.pick([0, 0.03, 0.1]),
        slowShare: chance.pick([0, 0.05]),
        flakyShare: chance.pick([0, 0.05]),
      },
      listLagMs: chance.pick<readonly [number, number]>([
        [0, 0],
        [0, 5000],
        [0, 30_000],
        [0, 110_000],
      ]),
      logDelayMs: chance.pick([500, 2000, 6000]),
      rateLimits: chance.happens(0.25),
    },
    acts: acts
      .flat()
      .filter((act) => mode === "safety" || !lastsADay(act))
      .toSorted((a, b) => a.atMs - b.atMs),
  };
}

/** Peace must find enough: for each worker three machines that turned out bad, and what people hold besides. */
function machinesNeeded(fleets: readonly FleetPlan[], acts: readonly Act[]): number {
  const workers = fleets.reduce((sum, { target }) => sum + target, 0);
  const held = acts.reduce((sum, act) => sum + (act.kind === "human-rent" ? act.count : 0), 0);
  return 4 * workers + held;
}

/** A GPU type that ran out of memory is left out for a day (design rule 18): no fleet is whole again before that. */
const lastsADay = (act: Act): boolean => act.kind === "fault" && act.name === "weights-too-big";

function drawFleets(chance: Chance, { workersMax, twelveShare, fastShare }: Size): readonly FleetPlan[] {
  const names = chance.happens(0.25) ? (["zeb", "zeb-large"] as const) : (["zeb"] as const);
  return names.map((name) => {
    const target = chance.happens(twelveShare) ? 12 : chance.integer(1, workersMax);
    const spec = {
      preset: "zeb",
      maxPriceUsdPerHour: chance.pick([null, 0.14, 0.1]),
      proveFirst: chance.happens(0.7),
      launchBatch: chance.pick([4, 4, 2, 8]),
      ...chance.pick([{}, { cadenceSeconds: { logPoll: 90, logPollSteady: 300 } }]),
      ...(chance.happens(fastShare) && target <= FAST_WORKERS_MAX ? FAST : {}),
      ...(chance.happens(0.1) ? budgetOf(chance) : {}),
    };
    return { name, target, spec };
  });
}

/** Many workers, or the fast cadence: such a world takes as long as three or four of the others. */
export function isHeavy({ fleets }: Pick<Scenario, "fleets">): boolean {
  const workers = fleets.reduce((sum, { target }) => sum + target, 0);
  return workers >= HEAVY_WORKERS || fleets.some(({ spec }) => spec["cadenceSeconds"] === FAST.cadenceSeconds);
}

const HEAVY_WORKERS = 6;
/** At that cadence a world of twelve workers costs as much as ten others (decision 0059). */
const FAST_WORKERS_MAX = 3;
/** The cadence of demonstrations, with the time-outs as they are: a box needs minutes to start whatever the cadence. */
const FAST = { cadenceSeconds: { ramp: 5, steady: 30, logPoll: 10, logPollSteady: 20, creditProbe: 30 } };
