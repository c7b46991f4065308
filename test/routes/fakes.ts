// The doors with real D1 behind them and fakes in place of the objects and the log poller. Each fake writes down what it
// was asked, and each operation of a fleet's keeper can be told to refuse or to fail.

import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env as bindings } from "cloudflare:workers";
import { type FleetCopy } from "../../src/db/fleets.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { throughputByMachine } from "../../src/db/throughput.ts";
import type { SearchAnswer } from "../../src/durable/account-words.ts";
import type { AlertView } from "../../src/durable/alert-view.ts";
import type { CreditView } from "../../src/durable/credit-watch.ts";
import type {
  BoxFacts,
  ByHandAnswer,
  DoorRefusal,
  FleetKeeperRpc,
  FleetMetrics,
  LogReadFailure,
  LogText,
  OfferView,
  SshAnswer,
} from "../../src/durable/rpc.ts";
import type { AccountKeeperRpc } from "../../src/durable/stubs.ts";
import type { Env } from "../../src/env.ts";
import { NO_COUNTERS } from "../../src/fleet/counters.ts";
import type { FleetDocument, PlanDocument, WorkerDocument } from "../../src/fleet/document.ts";
import type { OfferQuery } from "../../src/fleet/offer.ts";
import type { PreflightCheck } from "../../src/fleet/preflight.ts";
import { err, ok, type Result } from "../../src/fleet/result.ts";
import { patchSpec, resolveSpec, type SpecPatch } from "../../src/fleet/spec.ts";
import { createApp } from "../../src/routes/app.ts";
import { aFleetCopy } from "../db/builders.ts";
import { throughput } from "../support/builders.ts";

export const ADMIN = "admin-token-for-tests";
export const VIEWER = "viewer-token-for-tests";

export const aPlan: PlanDocument = {
  actions: [{ kind: "destroy", slot: 3, instanceId: 87654321, reason: "stuck in BOOT", evidence: {} }],
  state: "ramping",
  lookAgainAt: "2026-11-23T18:01:00.000Z",
  notes: ["no offer under $0.090/hr"],
};

const somePreflight: readonly PreflightCheck[] = [
  { name: "Vast key", result: "ok", detail: "account 123456", hint: null },
  { name: "write a/examples", result: "failed", detail: "the token may not", hint: "set another HF_TOKEN" },
];

export function aWorker(worker: Partial<WorkerDocument> = {}): WorkerDocument {
  return {
    slot: 0,
    label: "zeb-worker-vast-0",
    instanceId: 87654321,
    machineId: 4411,
    gpu: "RTX 3070",
    status: "running",
    verdict: "producing",
    detail: "batch 31",
    batch: 31,
    gamesPerSecond: 2.4,
    usdPerHour: 0.102,
    ageSeconds: 7260,
    ssh: "ssh -p 12345 root@ssh5.vast.ai",
    uploadIntervalSeconds: 240,
    startedAt: "2026-11-23T15:59:00.000Z",
    verdictSince: "2026-11-23T16:04:00.000Z",
    machineStrikes: 0,
    recentGamesPerSecond: [2.3, 2.4],
    ...worker,
  };
}

export function aFleet(name: string, fleet: Partial<FleetDocument> = {}): FleetDocument {
  const workers = fleet.workers ?? [aWorker({ label: `${name}-worker-vast-0` })];
  const usdPerHour = workers.reduce((sum, worker) => sum + (worker.usdPerHour ?? 0), 0);
  return {
    name,
    mode: "active",
    state: "steady",
    spec: resolveSpec(name, {}, null),
    specVersion: 1,
    checks: 12,
    lastCheckAt: "2026-11-23T18:00:00.000Z",
    lookAgainAt: null,
    totals: { live: workers.length, producing: workers.length, usdPerHour, gamesPerSecond: 2.4 },
    spend: { todayUsd: 1.23, totalUsd: 45.6 },
    projectedCommitsPerHour: 15,
    hub: { readsWeights: true, writesExamples: true },
    commitsPerHourLimit: 128,
    intents: [],
    debts: [],
    orders: [],
    rollOut: null,
    breaker: null,
    notes: [],
    ...fleet,
    workers,
  };
}

type Method = keyof FleetKeeperRpc;

export interface World {
  readonly calls: { fleet: string; method: Method; args: unknown[] }[];
  readonly fleets: Map<string, FleetDocument>;
  /** Makes an operation of every fleet refuse; an `Error` makes it throw. */
  readonly faults: Map<Method | `${string} ${Method}`, DoorRefusal | Error>;
  readonly boxes: Map<number, BoxFacts>;
  /** What a fleet says of its alerts; nothing fires where none is said. */
  readonly alertViews: Map<string, AlertView>;
  /** What the account's keeper was told to do with strays. */
  readonly strayCalls: { method: string; args: unknown[] }[];
  readonly logWishes: { instanceId: number; tail: number; daemon: boolean }[];
  log: Result<LogText, LogReadFailure>;
  /** What the account's keeper says of the money; an `Error` makes it throw. */
  credit: CreditView | Error;
  readonly searches: { query: OfferQuery; pagesMax: number | undefined }[];
  offers: SearchAnswer;
  offerView: OfferView;
  env: Env;
  ask(path: string, request?: Ask): Promise<Response>;
  /** Puts the copies into D1, as the fleets' outboxes would. */
  publish(...names: string[]): Promise<void>;
}

interface Ask {
  readonly method?: string;
  /** `null`: no token at all. */
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export function aWorld(...fleets: FleetDocument[]): World {
  const world: World = {
    calls: [],
    fleets: new Map(fleets.map((fleet) => [fleet.name, fleet])),
    faults: new Map(),
    boxes: new Map(),
    alertViews: new Map(),
    strayCalls: [],
    logWishes: [],
    credit: { creditUsd: 25, readAtMs: Date.parse("2026-11-23T18:00:00Z"), usdPerHour: 0.5, hoursLeft: 50, wait: null },
    log: ok({
      instanceId: 87654321,
      text: "git installed\nrepo cloned",
      modifiedAt: null,
      isStale: false,
      from: "market",
      endedAt: null,
    }),
    searches: [],
    offers: { ok: true, offers: [], isCapped: false },
    offerView: {
      terms: {
        spec: resolveSpec("zeb", {}, null),
        diskGb: 15,
        blocked: new Set(),
        excludedGpus: new Set(),
        occupiedMachines: new Set(),
        passedOver: [],
      },
      throughput,
      strikesByMachine: new Map(),
    },
    env: {
      DB: bindings.DB,
      FLEET_KEEPER: { getByName: (name: string) => aKeeper(world, name) },
      ACCOUNT_KEEPER: {
        getByName: () => anAccountKeeper(world),
      },
      ADMIN_TOKEN: ADMIN,
      VIEWER_TOKEN: VIEWER,
    } as unknown as Env,
    async ask(path, { method = "GET", token = ADMIN, body, headers = {} } = {}) {
      const context = createExecutionContext();
      const response = await app.request(
        path,
        {
          method,
          headers: { ...(token === null ? {} : { Authorization: `Bearer ${token}` }), ...headers },
          ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        },
        world.env,
        context,
      );
      await waitOnExecutionContext(context);
      return response;
    },
    async publish(...names) {
      const copies = names.map((name): FleetCopy => aFleetCopy({ name, updatedAtMs: Date.now() }));
      await writeOutbox(
        bindings.DB,
        copies.map((row) => ({ kind: "fleet", row })),
      );
    },
  };
  const app = createApp({
    readLog: async (instanceId, wish) => {
      world.logWishes.push({ instanceId, ...wish });
      return world.log;
    },
  });
  return world;
}

function anAccountKeeper(world: World): Partial<AccountKeeperRpc> {
  const strayOf = (instanceId: number): Result<BoxFacts, DoorRefusal> => {
    const box = world.boxes.get(instanceId);
    if (box === undefined) return err(noInstance);
    return box.fleet === null ? ok(box) : err(notAStray);
  };
  const strays = [...world.boxes.values()].filter(({ fleet }) => fleet === null);
  const usdPerHour = strays.reduce((sum, box) => sum + (box.usdPerHour ?? 0), 0);
  return {
    fleetNames: async () => [...world.fleets.keys()],
    alertView: async () => noAlerts,
    tryReceiver: async () => null,
    accountView: async () => ({ creditUsd: 25, readAtMs: Date.now(), creditWait: null }),
    boxOwner: async (instanceId) => world.boxes.get(instanceId) ?? null,
    credit: async () => answerOf(world.credit),
    metrics: async () => {
      const { creditUsd, hoursLeft, usdPerHour: burn, wait } = answerOf(world.credit);
      return {
        fleets: [...world.fleets.keys()],
        creditUsd,
        hoursLeft,
        usdPerHour: burn,
        isWaitingForCredit: wait !== null,
        strays: { strays: strays.length, usdPerHour },
        listAgeMs: 12_000,
        calls: { list: { "2xx": 45, "429": 1 } },
      };
    },
    rates: (weightsName) => throughputByMachine(world.env.DB, { weightsName, sinceMs: Date.now() - 14 * 86_400_000 }),
    search: async (query, pagesMax) => {
      world.searches.push({ query, pagesMax });
      return world.offers;
    },
    box: async (instanceId) => {
      const box = world.boxes.get(instanceId);
      return box === undefined ? err(noInstance) : ok(box);
    },
    strayBill: async () => ({ strays: strays.length, usdPerHour }),
    strays: async () => ({
      strays: strays.map(({ instanceId, label, gpu, usdPerHour: price, strayWhy }) => ({
        instanceId,
        label,
        gpu,
        status: "running",
        usdPerHour: price,
        ageSeconds: 60,
        why: strayWhy ?? "",
        ignored: false,
        destroying: null,
      })),
      total: { strays: strays.length, usdPerHour },
      notes: [],
    }),
    previewStray: async (instanceId) => {
      const stray = strayOf(instanceId);
      return stray.ok ? ok({ stray: stray.value, fingerprint: `stray ${instanceId}` }) : stray;
    },
    destroyStray: async (...args) => {
      world.strayCalls.push({ method: "destroyStray", args });
      const stray = strayOf(args[0]);
      return stray.ok ? ok({ stray: stray.value, attempts: 1, lastError: null, waitsFor: null }) : stray;
    },
    ignoreStray: async (...args) => {
      world.strayCalls.push({ method: "ignoreStray", args });
      return strayOf(args[0]);
    },
  };
}

function answerOf<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}

function aKeeper(world: World, name: string): FleetKeeperRpc {
  const find = (): FleetDocument | null => world.fleets.get(name) ?? null;
  const store = (fleet: FleetDocument): FleetDocument => {
    world.fleets.set(name, fleet);
    return fleet;
  };
  const change = (part: Partial<FleetDocument>): Result<FleetDocument, DoorRefusal> => {
    const fleet = find();
    return fleet === null ? err(unknownFleet) : ok(store({ ...fleet, ...part, specVersion: fleet.specVersion + 1 }));
  };
  const launch = (fleet: FleetDocument, target: number) =>
    ok({
      fleet,
      target,
      lines: [`Launching ${target} workers...`, "  Worker 0: RTX 3070 @ $0.102/hr"],
      isUnfinished: true,
    });
  const write = (patch: SpecPatch, expectedVersion: number | null) => {
    const before = find();
    if (before !== null && expectedVersion !== null && before.specVersion !== expectedVersion) return err(stale);
    const spec = before === null ? resolveSpec(name, patch, null) : patchSpec(before.spec, patch);
    const mode = spec.target === 0 ? "down" : "active";
    const fleet = store({
      ...aFleet(name, before ?? { workers: [] }),
      spec,
      mode,
      specVersion: (before?.specVersion ?? 0) + 1,
    });
    const diff = [{ field: "target", from: before?.spec.target ?? null, to: spec.target }];
    return ok({ created: before === null, fleet, diff, mismatched: [], notes: [] });
  };
  const byHand = (refusal: DoorRefusal | null): Result<ByHandAnswer, DoorRefusal> => {
    const fleet = find();
    if (fleet === null || refusal !== null) return err(refusal ?? unknownFleet);
    const lines = ["Destroying worker 0: instance 87654321..."];
    return ok({ fleet, ended: fleet.workers, target: fleet.spec.target, lines, isUnfinished: false });
  };
  const keeper: FleetKeeperRpc = {
    describe: async () => find(),
    put: async (_fleet, request, options) => write(request, options.expectedVersion),
    patch: async (patch, options) => (find() === null ? err(unknownFleet) : write(patch, options.expectedVersion)),
    planSpec: async (_fleet, request) =>
      ok({ spec: resolveSpec(name, request, null), diff: [], plan: aPlan, preflight: somePreflight, notes: [] }),
    up: async (_fleet, request) => launch(find() ?? aFleet(name, { workers: [] }), request.count),
    replenish: async (count) => {
      const fleet = find();
      return fleet === null ? err(unknownFleet) : launch(fleet, count);
    },
    previewDown: async () => {
      const fleet = find();
      if (fleet === null) return err(unknownFleet);
      const { workers, intents, specVersion } = fleet;
      return ok({ fleet: name, fingerprint: `${name} at ${specVersion}`, workers, intents });
    },
    down: async () => change({ mode: "down", state: "draining" }),
    replaceWorker: async (slot) => byHand(slot === 0 ? null : noWorker),
    endInstance: async () => byHand(null),
    ssh: async (worker) => ("slot" in worker && worker.slot !== 0 ? err(noWorker) : ok(anSsh)),
    adopt: async (stray) => {
      const fleet = find();
      const lines = [`Instance ${stray.instanceId} becomes worker 1 of ${name}`];
      if (fleet === null) return err(unknownFleet);
      return ok({ fleet, instanceId: stray.instanceId, slot: 1, label: `${name}-worker-vast-1`, lines });
    },
    pause: async () => change({ mode: "paused", state: "paused" }),
    resume: async () => change({ mode: "active", state: "steady" }),
    closeBreaker: async () => change({ breaker: null, state: "ramping" }),
    remove: async () => (world.fleets.delete(name) ? ok({ removed: name }) : err(unknownFleet)),
    check: async () => change({}),
    plan: async () => (find() === null ? err(unknownFleet) : ok(aPlan)),
    offerView: async () => (find() === null ? null : world.offerView),
    metrics: async () => {
      const fleet = find();
      return fleet === null ? null : metricsOf(fleet);
    },
    tick: async () => "not-due",
    takeWorkload: async () => ok({ isTaken: true, mismatched: [] }),
    alertView: async () => (find() === null ? null : (world.alertViews.get(name) ?? noAlerts)),
    setReceiver: async () => (find() === null ? err(unknownFleet) : ok(noAlerts)),
    tryReceiver: async () => (find() === null ? err(unknownFleet) : ok(null)),
    recordReports: async () => undefined,
    hearNews: async () => undefined,
    hearHint: async () => undefined,
  };
  return new Proxy(keeper, {
    get(target, method: Method) {
      return async (...args: unknown[]): Promise<unknown> => {
        world.calls.push({ fleet: name, method, args });
        const fault = world.faults.get(`${name} ${method}`) ?? world.faults.get(method);
        if (fault instanceof Error) throw fault;
        if (fault !== undefined) return err(fault);
        return Reflect.apply(target[method], target, args);
      };
    },
  });
}

/** What the keeper of this fleet would tell `/metrics`. */
function metricsOf({ name, mode, state, spec, workers, intents, debts, checks, totals }: FleetDocument): FleetMetrics {
  return {
    name,
    mode,
    state,
    preset: spec.preset,
    workload: spec.workload,
    weightsName: spec.weightsName,
    target: spec.target,
    live: totals.live,
    producing: totals.producing,
    intents: intents.length,
    debts: debts.length,
    groups: workers.map(({ gpu, verdict, gamesPerSecond, usdPerHour }) => ({
      gpu,
      verdict,
      workers: 1,
      gamesPerSecond: gamesPerSecond ?? 0,
      usdPerHour: usdPerHour ?? 0,
    })),
    maxPriceUsdPerHour: spec.maxPriceUsdPerHour,
    checks,
    lastCheckAtMs: Date.parse("2026-11-23T18:00:00Z"),
    checkMs: 1234,
    nowMs: Date.parse("2026-11-23T18:00:30Z"),
    hostsBlocked: 2,
    spentUsd: 45.6,
    counters: {
      ...NO_COUNTERS,
      rents: { rented: 7, "offer-gone": 2 },
      destroys: { "stuck-boot": 1 },
      blindMs: 90_000,
      work: { batches: 31, games: 7936, uploads: 12 },
      calls: { rent: { "2xx": 7, "4xx": 2 } },
    },
  };
}
const noAlerts: AlertView = { alerts: [], receiver: null };

/** A box of the account; a stray unless a fleet is named. */
export function aBox(box: Partial<BoxFacts> = {}): BoxFacts {
  const fleet = box.fleet ?? null;
  return {
    instanceId: 87654321,
    label: "somebody's",
    fleet,
    gpu: "RTX 3070",
    status: "running",
    usdPerHour: 0.07,
    startedAtMs: null,
    ssh: "ssh -p 12345 root@ssh5.vast.ai",
    strayWhy: fleet === null ? "its label names no fleet and slot" : null,
    isEnding: false,
    ...box,
  };
}

const anSsh: SshAnswer = {
  instanceId: 87654321,
  label: "zeb-worker-vast-0",
  status: "running",
  command: "ssh -p 12345 root@ssh5.vast.ai",
  why: null,
  milestone: "repo cloned",
  checks: [{ command: "ls /root/code/", asks: "did clone work?" }],
};

const noWorker: DoorRefusal = { code: "worker-not-found", detail: "no box is in slot 1", hint: "slots with a box: 0" };
const noInstance: DoorRefusal = { code: "no-such-instance", detail: "no such instance", hint: "look at the list" };
const notAStray: DoorRefusal = { code: "not-a-stray", detail: "it is a fleet's", hint: "end it there" };
const unknownFleet: DoorRefusal = { code: "fleet-not-found", detail: "there is no such fleet", hint: "make it" };
const stale: DoorRefusal = { code: "version-mismatch", detail: "the fleet has another version", hint: "read it again" };

/** D1 that refuses everything. */
export function brokenD1(): D1Database {
  const fail = (): never => {
    throw new Error("D1_ERROR: network connection lost");
  };
  return { prepare: fail, batch: fail, exec: fail, dump: fail, withSession: fail } as unknown as D1Database;
}
