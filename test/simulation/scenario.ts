// What happens in one world, drawn from a seed as plain data: the market, the fleets, and acts with their times. A world
// takes part of the kinds of trouble only, so that seeds differ in character; leaving one act out changes no other.

import type { MarketOptions } from "../../sim/market.ts";
import type { FaultMatch, FaultName } from "../../sim/faults.ts";
import { Chance } from "./platform/chance.ts";
import type { D1Trouble } from "./platform/d1.ts";
import { HOUR, MINUTE, SECOND, SECRETS, START_MS } from "./world.ts";

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
/** Most worlds that once failed have small fleets, and a worker costs a tenth of a world (decision 0060). */
const SIZES: Readonly<Record<DrawnMode, Size>> = {
  both: { workersMax: 3, twelveShare: 0.04, fastShare: 0.03 },
  safety: LARGE,
  liveness: LARGE,
};

type Draw = (
  chance: Chance,
  around: { readonly fleets: readonly FleetPlan[]; readonly atMs: number },
) => readonly Act[];

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

/** Peace lifts what orders have set. */
export const NO_BUDGET = { budgetUsdPerDay: null, budgetUsdTotal: null, stopAt: null, onBudget: "hold" } as const;

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

/** At that cadence a world of twelve workers costs as much as ten others (decision 0059). */
const FAST_WORKERS_MAX = 3;
/** The cadence of demonstrations, with the time-outs as they are: a box needs minutes to start whatever the cadence. */
const FAST = { cadenceSeconds: { ramp: 5, steady: 30, logPoll: 10, logPollSteady: 20, creditProbe: 30 } };

function budgetOf(chance: Chance): Readonly<Record<string, unknown>> {
  const onBudget = chance.pick(["hold", "down"]);
  return chance.pick<Readonly<Record<string, unknown>>>([
    { budgetUsdPerDay: chance.pick([0.05, 0.3, 2]), onBudget },
    { budgetUsdTotal: chance.pick([0.05, 0.3, 2]), onBudget },
    { stopAt: new Date(START_MS + minutes(chance, 20, 150)).toISOString(), onBudget },
  ]);
}

function minutes(chance: Chance, low: number, high: number): number {
  return Math.round(chance.between(low, high) * MINUTE);
}

function labelOf(chance: Chance, fleets: readonly FleetPlan[]): string {
  const fleet = fleets[chance.integer(0, fleets.length - 1)];
  return `${fleet?.name}-worker-vast-${chance.integer(0, Math.max(0, (fleet?.target ?? 1) - 1))}`;
}

function objectOf(chance: Chance, fleets: readonly FleetPlan[]): string {
  return chance.happens(0.3) ? "account" : (fleets[chance.integer(0, fleets.length - 1)]?.name ?? "account");
}

function fleetOf(chance: Chance, fleets: readonly FleetPlan[]): FleetPlan {
  return fleets[chance.integer(0, fleets.length - 1)] ?? { name: "zeb", target: 1, spec: {} };
}

const crashes: Draw = (chance, { atMs, fleets }) =>
  Array.from({ length: chance.integer(1, 4) }, () => ({
    atMs: atMs + chance.integer(0, 3 * MINUTE),
    kind: "crash",
    object: objectOf(chance, fleets),
    afterSteps: chance.integer(1, 60),
    losesStep: chance.happens(0.5),
  }));

/** The kinds of trouble. */
const KINDS: Readonly<Record<string, Draw>> = {
  lists: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick([
        "list-fails",
        "list-empty",
        "list-partial",
        "list-hangs",
        "list-410",
        "list-other-account",
        "list-page-fails",
        "list-garbage",
      ]),
      forMs: minutes(chance, 0.5, 25),
      ...(chance.happens(0.3) ? { times: chance.integer(1, 4) } : {}),
    },
  ],
  lateList: (chance, { atMs }) => [
    { atMs, kind: "fault", name: "list-late", value: chance.integer(0, 110_000), forMs: minutes(chance, 5, 40) },
  ],
  account: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["account-fails", "account-hangs", "bad-key"]),
      forMs: minutes(chance, 0.5, 20),
    },
  ],
  creates: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick([
        "create-taken",
        "create-timeout-but-rented",
        "create-timeout-but-rented",
        "create-error-but-rented",
        "create-error",
        "create-hangs",
        "create-429",
        "create-success-false-200",
        "create-stopped",
      ]),
      times: chance.integer(1, 5),
    },
  ],
  destroys: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["destroy-500", "destroy-stays", "destroy-504", "destroy-hangs"]),
      forMs: minutes(chance, 1, 30),
    },
  ],
  logs: (chance, { atMs, fleets }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["log-hangs", "log-never-ready", "log-stale", "log-request-fails", "log-wrong-host"]),
      forMs: minutes(chance, 1, 40),
      ...(chance.happens(0.6) ? { match: { label: labelOf(chance, fleets) } } : {}),
      ...(chance.happens(0.2) ? { value: "request" } : {}),
    },
  ],
  searches: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["search-fails", "search-hangs", "search-empty", "search-unfiltered", "search-stale"]),
      forMs: minutes(chance, 1, 20),
    },
  ],
  outage: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["api-down", "api-hangs", "rate-limit", "slow-api"]),
      forMs: minutes(chance, 1, 60),
      ...(chance.happens(0.4) ? { times: chance.integer(1, 20) } : {}),
    },
  ],
  hosts: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: "next-rent-dud",
      times: chance.integer(1, 4),
      value: chance.pick(["loading", "no-container", "launcher", "no-cuda", "cdi"]),
    },
  ],
  software: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["image-broken", "code-broken", "weights-mismatch", "weights-too-big"]),
      forMs: minutes(chance, 2, 30),
    },
  ],
  boxes: (chance, { atMs, fleets }) => {
    const match = { label: labelOf(chance, fleets) };
    const name = chance.pick<FaultName>([
      "host-crash",
      "box-vanish",
      "box-exited",
      "box-offline",
      "box-frozen-log",
      "price-rise",
    ]);
    const back: Act = { atMs: atMs + minutes(chance, 1, 20), kind: "fault", name: "box-comes-back", match, times: 1 };
    return [
      { atMs, kind: "fault", name, match, times: 1 },
      ...(name !== "price-rise" && chance.happens(0.3) ? [back] : []),
    ];
  },
  massLoss: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick(["box-vanish", "box-exited", "box-offline"]),
      times: chance.integer(2, 8),
    },
  ],
  lies: (chance, { atMs, fleets }) => [
    {
      atMs,
      kind: "fault",
      name: "box-status",
      match: { label: labelOf(chance, fleets) },
      times: 1,
      value: chance.pick([
        { actualStatus: "exited" },
        { actualStatus: "offline" },
        { actualStatus: null },
        { actualStatus: "loading" },
        { intendedStatus: "stopped" },
        { statusMsg: "Error: something odd" },
      ]),
    },
  ],
  errors: (chance, { atMs, fleets }) => [
    {
      atMs,
      kind: "fault",
      name: "worker-error",
      match: { label: labelOf(chance, fleets) },
      times: 1,
      value: chance.pick([
        { line: "RuntimeError: CUDA error: an illegal memory access was encountered", dies: true },
        { line: `OSError: token ${SECRETS.HF_TOKEN} was refused`, dies: true },
        { line: `Bearer ${SECRETS.HF_TOKEN} key=${SECRETS.VAST_API_KEY}`, dies: false },
      ]),
    },
  ],
  hub: (chance, { atMs }) => [
    {
      atMs,
      kind: "fault",
      name: chance.pick([
        "upload-fails",
        "commit-quota",
        "token-bad",
        "token-read-only",
        "hub-down",
        "hub-hangs",
        "weights-missing",
        "learner-stops",
      ]),
      forMs: minutes(chance, 2, 30),
    },
  ],
  credit: (chance, { atMs }) =>
    chance.happens(0.5)
      ? [
          {
            atMs,
            kind: "fault",
            name: chance.pick<FaultName>(["create-no-credit", "create-spend-limit"]),
            forMs: minutes(chance, 2, 30),
          },
        ]
      : [
          { atMs, kind: "credit", usd: chance.pick([0, 0.02, 0.2]) },
          { atMs: atMs + minutes(chance, 5, 40), kind: "credit", usd: 400 },
        ],
  operator: (chance, { atMs, fleets }) => {
    const { name, target } = fleetOf(chance, fleets);
    const path = `/api/fleets/${name}`;
    const patch = (body: unknown): Act => ({ atMs, kind: "door", method: "PATCH", path, body });
    const post = (what: string, body: unknown, laterMs = 0): Act => ({
      atMs: atMs + laterMs,
      kind: "door",
      method: "POST",
      path: `${path}/${what}`,
      body,
    });
    return chance.pick<readonly Act[]>([
      [patch({ target: chance.integer(1, 8) })],
      [patch({ target: chance.integer(1, 8) })],
      [post("pause", {}), post("resume", {}, minutes(chance, 1, 30))],
      [post("down", { force: true }), { ...patch({ target }), atMs: atMs + minutes(chance, 0.2, 20) }],
      [patch({ maxPriceUsdPerHour: chance.pick([0.07, 0.09, 0.2]) })],
      [patch({ gpus: ["RTX 3060", "RTX 3070"] })],
      [patch({ uploadIntervalSeconds: chance.pick([300, 600]), rollOut: true })],
      [patch({ gpus: ["RTX 3060", "RTX 3070", "RTX 3080"], rollOut: true })],
      [patch(budgetOf(chance)), { ...patch(NO_BUDGET), atMs: atMs + minutes(chance, 5, 60) }],
      [post(`workers/${chance.integer(0, Math.max(0, target - 1))}/replace`, {})],
      [post("replenish", { count: chance.integer(1, 6) })],
      [post("breaker/close", {})],
      [post("check", {}), post("check", {}, 200), post("check?dryRun=true", {}, 400)],
    ]);
  },
  /** A label of ours is the old scripts'; enough without one make the list span pages, whose rows move as boxes end. */
  people: (chance, { atMs, fleets }) => {
    const label = labelOf(chance, fleets);
    return chance.pick<readonly Act[]>([
      [{ atMs, kind: "human-rent", label, count: 1 }],
      [{ atMs, kind: "human-rent", label: null, count: chance.pick([1, 30]) }],
      [{ atMs, kind: "human-destroy", label }],
      [
        { atMs, kind: "human-destroy", label },
        { atMs: atMs + chance.integer(1, 90 * SECOND), kind: "human-rent", label, count: 1 },
      ],
    ]);
  },
  prices: (chance, { atMs, fleets }) => [
    {
      atMs,
      kind: "fault",
      name: "price-rise",
      match: { label: labelOf(chance, fleets) },
      times: 1,
      value: chance.pick([1.1, 1.5, 3]),
    },
  ],
  clock: (chance, { atMs }) => [{ atMs, kind: "clock-jump", ms: minutes(chance, 0.2, 30) }],
  crashes,
  evictions: (chance, { atMs, fleets }) =>
    Array.from({ length: chance.integer(1, 3) }, () => ({
      atMs: atMs + chance.integer(0, 10 * MINUTE),
      kind: "evict",
      object: objectOf(chance, fleets),
    })),
  cron: (chance, { atMs }) => [
    chance.pick<Act>([
      { atMs, kind: "cron-silent", forMs: minutes(chance, 2, 40) },
      { atMs, kind: "tick-late", ms: chance.integer(1 * SECOND, 150 * SECOND) },
      { atMs, kind: "tick-twice" },
    ]),
  ],
  alarms: (chance, { atMs, fleets }) => [
    chance.happens(0.5)
      ? { atMs, kind: "alarm-late", object: objectOf(chance, fleets), ms: chance.integer(1 * SECOND, 60 * SECOND) }
      : { atMs, kind: "alarm-lost", object: objectOf(chance, fleets) },
  ],
  database: (chance, { atMs }) => [
    { atMs, kind: "d1", trouble: chance.pick(["down", "hangs", "answer-lost"]), forMs: minutes(chance, 0.5, 40) },
  ],
  calls: (chance, { atMs }) => [
    {
      atMs,
      kind: "call",
      ...chance.pick<Pick<Act & { kind: "call" }, "what" | "method">>([
        { what: "late", method: "FLEET_KEEPER.recordReports" },
        { what: "twice", method: "FLEET_KEEPER.recordReports" },
        { what: "answer-lost", method: "FLEET_KEEPER.recordReports" },
        { what: "late", method: "FLEET_KEEPER.tick" },
        { what: "twice", method: "FLEET_KEEPER.tick" },
        { what: "answer-lost", method: "FLEET_KEEPER.hearNews" },
        { what: "answer-lost", method: "ACCOUNT_KEEPER.look" },
        { what: "answer-lost", method: "ACCOUNT_KEEPER.admitRent" },
        { what: "answer-lost", method: "ACCOUNT_KEEPER.noteFleet" },
        { what: "answer-lost", method: "ACCOUNT_KEEPER.learnPace" },
        { what: "late", method: "ACCOUNT_KEEPER.reserve" },
      ]),
      ms: chance.integer(100, 60_000),
      times: chance.integer(1, 6),
    },
  ],
  network: (chance, { atMs }) => [
    {
      atMs,
      kind: "net",
      what: chance.pick(["request-lost", "answer-lost"]),
      ...chance.pick([
        { method: "PUT", path: "/api/v0/asks/" },
        { method: "PUT", path: "/api/v0/asks/" },
        { method: "DELETE", path: "/api/v0/instances/" },
        { method: "GET", path: "/api/v1/instances/" },
        { method: "PUT", path: "/request_logs/" },
      ]),
      isSilent: chance.happens(0.5),
      times: chance.integer(1, 6),
    },
  ],
};
