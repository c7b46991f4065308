/**
 * The market: state, clock and the one function that lets time pass. Everything that happens by itself is a planned
 * act, run in the order of time, so a market that is looked at once an hour is the same as one looked at every second.
 */
import { creditOutAtMs, DEFAULT_ACCOUNT_ID, makeAccount, type Account } from "./billing.ts";
import { applyBoxFault, applyWaitingFaults } from "./box-faults.ts";
import { haltBox, runBoxAct } from "./box-life.ts";
import { makeCallStats } from "./calls.ts";
import { handClock, wallClock, type Clock } from "./clock.ts";
import { DEFAULT_HOST_MIX, makeHosts, type HostMix } from "./hosts.ts";
import { findFault } from "./faults.ts";
import { COMMITS_PER_HOUR, makeHub, runLearner, seedHub, startLearners } from "./hub.ts";
import type { ImageProgram } from "./image-programs.ts";
import { LIMITS_OFF, type LimitSettings } from "./limits.ts";
import type { LogRequest } from "./log-store.ts";
import { listHost } from "./offers.ts";
import { drawHex } from "./random.ts";
import { endBox } from "./rent.ts";
import { takeDueAct, type MarketAct, type MarketState, type Settings } from "./state.ts";

export interface MarketOptions {
  readonly seed?: number;
  readonly clock?: Clock;
  readonly speed?: number;
  readonly rateLimits?: boolean | Partial<LimitSettings>;
  readonly hosts?: Partial<HostMix>;
  readonly credit?: number;
  readonly demo?: boolean;
  /** Default: 0 to 3 s of simulated time with the wall clock, none with a hand-moved one. */
  readonly listLagMs?: readonly [number, number];
  /** Default: 1 s of simulated time with the wall clock, none with a hand-moved one. */
  readonly logDelayMs?: number;
  readonly validKeys?: readonly string[];
  readonly accountsByKey?: Readonly<Record<string, number>>;
  readonly commit?: string;
  /** Commits an hour on one repo; default 128, times the speed, so that a fast world has the same shape. */
  readonly commitsPerHour?: number;
  readonly keepExampleFiles?: number;
  readonly images?: readonly ImageProgram[];
  /** The number after which instances are numbered; default 30 million. */
  readonly lastInstance?: number;
}

export interface Market {
  state: MarketState;
  clock: Clock;
  /** Log files asked for, by the hash in their address; they do not outlive the process. */
  logs: Map<string, LogRequest>;
  /** Called after every call that may have changed the state; `isUrgent` after a rent or a destroy. */
  onChange: (isUrgent: boolean) => void;
}

const DEFAULT_CREDIT_USD = 25;
/** The learner's own default (fleet behaviour §7.2, V2). */
const KEEP_EXAMPLE_FILES = 128;
const SEEDING_BEFORE_MS = 86_400_000;

export function createMarket(options: MarketOptions = {}): Market {
  const clock = options.clock ?? wallClock();
  return { state: makeState(options, clock), clock, logs: new Map(), onChange: () => undefined };
}

/** Starts the market over, with a new hand-moved clock when a moment is given. */
export function resetMarket(market: Market, options: MarketOptions, startMs: number | null): void {
  if (startMs !== null) market.clock = handClock(startMs);
  market.state = makeState(options, market.clock);
  market.logs.clear();
}

/** Lets time pass up to the clock's moment. */
export function advance(market: Market): void {
  advanceTo(market.state, market.clock.nowMs());
}

function advanceTo(state: MarketState, nowMs: number): void {
  for (;;) {
    const broke = firstCreditEnd(state);
    const nextActMs = state.events[0]?.atMs ?? Number.POSITIVE_INFINITY;
    if (broke !== null && broke.atMs <= nowMs && broke.atMs <= nextActMs) {
      state.nowMs = Math.max(state.nowMs, broke.atMs);
      stopForCredit(state, broke.account);
      continue;
    }
    const event = takeDueAct(state, nowMs);
    if (event === null) break;
    state.nowMs = Math.max(state.nowMs, event.atMs);
    runAct(state, event.act);
  }
  state.nowMs = Math.max(state.nowMs, nowMs);
}

function runAct(state: MarketState, act: MarketAct): void {
  switch (act.kind) {
    case "box": {
      const box = state.boxes.get(act.boxId);
      if (box === undefined || box.life !== act.life) return;
      runBoxAct(state, box, act.act);
      if (["container", "play", "batch", "unit"].includes(act.act.kind)) applyWaitingFaults(state, box);
      return;
    }
    case "contract-end": {
      const box = state.boxes.get(act.boxId);
      if (box !== undefined) endBox(state, box, "vanish");
      return;
    }
    case "relist": {
      const host = state.hosts.get(act.machineId);
      const tenant =
        host?.rentedByBoxId === null || host === undefined ? undefined : state.boxes.get(host.rentedByBoxId);
      if (host !== undefined && host.offers.length === 0 && (tenant === undefined || tenant.endedAtMs !== null))
        listHost(state, host);
      return;
    }
    case "learner":
      return runLearner(state, act.repo, act.weightsName, findFault(state, "learner-stops") !== null);
    case "fault": {
      const fault = state.faults.find((one) => one.id === act.faultId);
      if (fault !== undefined) applyBoxFault(state, fault);
      return;
    }
    default:
      act satisfies never;
  }
}

function firstCreditEnd(state: MarketState): { account: Account; atMs: number } | null {
  let first: { account: Account; atMs: number } | null = null;
  for (const account of state.accounts.values()) {
    const atMs = creditOutAtMs(account);
    if (atMs !== null && (first === null || atMs < first.atMs)) first = { account, atMs };
  }
  return first;
}

/** At credit 0 every box is stopped, not destroyed; disks go on billing (Vast API reference §7). */
function stopForCredit(state: MarketState, account: Account): void {
  account.isStoppedForCredit = true;
  for (const box of state.boxes.values()) {
    if (box.accountId !== account.id || box.endedAtMs !== null) continue;
    box.intendedStatus = "stopped";
    haltBox(state, box, "exited");
  }
}

function makeState(options: MarketOptions, clock: Clock): MarketState {
  const nowMs = clock.nowMs();
  const settings = makeSettings(options, clock);
  const state: MarketState = {
    settings,
    startedAtMs: nowMs,
    nowMs: nowMs - SEEDING_BEFORE_MS,
    counters: { box: options.lastInstance ?? 30_000_000, offer: 20_000_000, event: 0, fault: 0, log: 0 },
    accounts: new Map([
      [DEFAULT_ACCOUNT_ID, makeAccount(DEFAULT_ACCOUNT_ID, options.credit ?? DEFAULT_CREDIT_USD, nowMs)],
    ]),
    hosts: new Map(makeHosts(settings.seed, hostMix(options), nowMs).map((host) => [host.machineId, host])),
    boxes: new Map(),
    events: [],
    programs: new Map((options.images ?? []).map((program) => [program.image, program])),
    hub: makeHub(),
    faults: [],
    limits: { nextAllowedMs: {}, searchArrivalsMs: [], refused: 0 },
    calls: makeCallStats(),
    mostPaidAtOnce: 0,
    mostPaidAtOnceByFleet: {},
  };
  // What the Hub holds from before the start is a day old, so that it is no part of the hourly quota.
  seedHub(state);
  state.nowMs = nowMs;
  startLearners(state);
  for (const host of state.hosts.values()) listHost(state, host);
  return state;
}

function hostMix(options: MarketOptions): HostMix {
  // A demonstration brings its duds by name, at the moment it wants them.
  const quiet = options.demo === true ? { dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 } : {};
  return { ...DEFAULT_HOST_MIX, ...quiet, ...options.hosts };
}

function makeSettings(options: MarketOptions, clock: Clock): Settings {
  const seed = options.seed ?? 1;
  const speed = options.speed ?? 1;
  const isWall = clock.kind === "wall";
  const limits =
    typeof options.rateLimits === "object"
      ? { isOn: true, ...options.rateLimits }
      : { isOn: options.rateLimits === true };
  return {
    seed,
    speed,
    demo: options.demo ?? false,
    limits: { ...LIMITS_OFF, ...limits },
    listLagMs: options.listLagMs ?? (isWall ? [0, 3000 / speed] : [0, 0]),
    logDelayMs: options.logDelayMs ?? (isWall ? 1000 / speed : 0),
    validKeys: options.validKeys ?? null,
    accountsByKey: options.accountsByKey ?? {},
    commit: options.commit ?? drawHex(40, seed, "git-head"),
    commitsPerHour: options.commitsPerHour ?? Math.round(COMMITS_PER_HOUR * Math.max(1, speed)),
    keepExampleFiles: options.keepExampleFiles ?? KEEP_EXAMPLE_FILES,
  };
}
