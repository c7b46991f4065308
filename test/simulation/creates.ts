// Creates whose answers are lost in every way, through the whole path of act, record and sweep: the request or its answer
// lost on the way, heard of or not; the market that rents and answers an error, or nothing; the object that crashes
// before or after the answer. What is counted is a second box for a slot whose first one lives.

import type { FaultName } from "../../sim/faults.ts";
import { switchOn } from "../../sim/faults.ts";
import { Invariants, type Violation } from "./invariants.ts";
import { Chance } from "./platform/chance.ts";
import type { Scenario } from "./scenario.ts";
import { ownAlive } from "./truth.ts";
import { MINUTE, SECOND, START_MS, World } from "./world.ts";

export interface CreatesOutcome {
  readonly creates: number;
  readonly doubleRents: number;
  readonly crashes: number;
  readonly violations: readonly Violation[];
}

const TARGET = 40;
/** Every lost answer keeps its batch for the call's time-out. */
const RAMP_MS = 14 * MINUTE;
const DOWN_MS = 12 * MINUTE;
const FAULTS: readonly FaultName[] = [
  "create-timeout-but-rented",
  "create-error-but-rented",
  "create-error",
  "create-hangs",
  "create-success-false-200",
];

/** One fleet's ramp with every create in doubt, and its end. */
export async function runCreates(seed: number): Promise<CreatesOutcome> {
  const chance = new Chance(seed, "creates");
  const scenario: Scenario = {
    seed,
    mode: "safety",
    tickMs: MINUTE,
    fleets: [{ name: "zeb", target: TARGET, spec: {} }],
    troubledMs: RAMP_MS,
    totalMs: RAMP_MS + DOWN_MS,
    acts: [],
    market: {
      credit: 10_000,
      hosts: { count: 200, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 },
      listLagMs: chance.pick<readonly [number, number]>([
        [0, 0],
        [0, 30_000],
        [0, 110_000],
      ]),
    },
  };
  const world = new World(scenario);
  const watch = new Invariants(world, scenario);
  const { platform } = world;
  trouble(world, chance);
  watch.expectTarget("zeb", TARGET);
  const hour = 3600;
  void world.door("PUT", "/api/fleets/zeb", {
    target: TARGET,
    preset: "zeb",
    proveFirst: false,
    launchBatch: 8,
    maxPriceUsdPerHour: null,
    // Logs say nothing about rents and cost most of the time.
    cadenceSeconds: { logPoll: hour, logPollSteady: hour },
  });
  await platform.schedule.runUntil(START_MS + RAMP_MS);
  world.onMarket(({ state }) => {
    state.faults = [];
  });
  platform.netTroubles.length = 0;
  // The order must arrive: a crash under the door would leave it undone, and be no fault of a rent.
  for (const object of platform.objects.values()) object.crashPlan = null;
  watch.expectTarget("zeb", 0);
  void world.door("POST", "/api/fleets/zeb/down", { force: true });
  await platform.schedule.runUntil(START_MS + RAMP_MS + DOWN_MS);
  const left = world.onMarket(() => ownAlive(world, "zeb"));
  if (left.length > 0) watch.report("a fleet that is down is empty", `${left.length} boxes are left`);
  const outcome = {
    creates: watch.rents,
    doubleRents: watch.doubleRents,
    crashes: world.fleet("zeb")?.crashes ?? 0,
    violations: watch.violations,
  };
  platform.close();
  return outcome;
}

/** Puts trouble on the way of every create, and a crash of the object now and then. */
function trouble(world: World, chance: Chance): void {
  const { platform } = world;
  const { schedule, home } = platform;
  const isCrashing = chance.happens(0.7);
  const again = (): void => {
    if (world.nowMs > START_MS + RAMP_MS - MINUTE) return;
    platform.netTroubles.length = 0;
    if (chance.happens(0.5))
      platform.netTroubles.push({
        what: chance.pick(["request-lost", "answer-lost"]),
        method: "PUT",
        path: "/api/v0/asks/",
        isSilent: chance.happens(0.5),
        times: chance.integer(1, 4),
      });
    world.onMarket(({ state }) => {
      state.faults = [];
      const name = FAULTS[chance.integer(0, FAULTS.length - 1)] ?? "create-error";
      switchOn(state, { name, match: {}, times: null, value: null, fromMs: state.nowMs, untilMs: null });
    });
    const fleet = world.fleet("zeb");
    if (isCrashing && fleet !== null && chance.happens(0.3))
      fleet.crashPlan = { stepsLeft: chance.integer(1, 40), losesStep: chance.happens(0.5) };
    schedule.after(chance.between(2, 20) * SECOND, home, again);
  };
  schedule.after(0, home, again);
}
