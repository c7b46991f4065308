// The kinds of trouble that a world may hold, each drawn as acts from the world's own chance.

import type { FaultName } from "../../sim/faults.ts";
import type { Chance } from "./platform/chance.ts";
import type { Act, FleetPlan } from "./scenario.ts";
import { MINUTE, SECOND, SECRETS, START_MS } from "./world.ts";

type Draw = (
  chance: Chance,
  around: { readonly fleets: readonly FleetPlan[]; readonly atMs: number },
) => readonly Act[];

/** Peace lifts what orders have set. */
export const NO_BUDGET = { budgetUsdPerDay: null, budgetUsdTotal: null, stopAt: null, onBudget: "hold" } as const;

export function budgetOf(chance: Chance): Readonly<Record<string, unknown>> {
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

/** What a world holds that has drawn no kind. */
export const crashes: Draw = (chance, { atMs, fleets }) =>
  Array.from({ length: chance.integer(1, 4) }, () => ({
    atMs: atMs + chance.integer(0, 3 * MINUTE),
    kind: "crash",
    object: objectOf(chance, fleets),
    afterSteps: chance.integer(1, 60),
    losesStep: chance.happens(0.5),
  }));

/** The kinds of trouble. */
export const KINDS: Readonly<Record<string, Draw>> = {
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
