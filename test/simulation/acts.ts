// Carries out the acts of a scenario, each at its time.

import { accountOf, DEFAULT_ACCOUNT_ID, setCredit } from "../../sim/billing.ts";
import { applyBoxFault } from "../../sim/box-faults.ts";
import { FAULTS, switchOn } from "../../sim/faults.ts";
import type { Act } from "./scenario.ts";
import { START_MS, type World } from "./world.ts";

/** Puts the acts on the world's clock. `onDoor` hears what each door answered. */
export function planActs(
  world: World,
  acts: readonly Act[],
  onDoor: (act: Act & { kind: "door" }, answer: { status: number; text: string }) => void,
): void {
  const { schedule, home } = world.platform;
  for (const act of acts)
    schedule.at(START_MS + act.atMs, home, () => {
      if (act.kind !== "door") return perform(world, act);
      world.door(act.method, act.path, act.body).then(
        (answer) => onDoor(act, answer),
        () => undefined,
      );
    });
}

function perform(world: World, act: Exclude<Act, { kind: "door" }>): void {
  const { platform, nowMs } = world;
  switch (act.kind) {
    case "fault":
      return addFault(world, act);
    case "credit":
      return world.onMarket(({ state }) => setCredit(state, accountOf(state, DEFAULT_ACCOUNT_ID), act.usd));
    case "crash": {
      const object = objectNamed(world, act.object);
      if (object !== null) object.crashPlan = { stepsLeft: act.afterSteps, losesStep: act.losesStep };
      return;
    }
    case "evict":
      objectNamed(world, act.object)?.evict();
      return;
    case "cron-silent":
      world.cronSilentUntilMs = Math.max(world.cronSilentUntilMs, nowMs + act.forMs);
      return;
    case "tick-late":
      world.cronDelayMs = act.ms;
      return;
    case "tick-twice":
      world.isTickDoubled = true;
      return;
    case "alarm-late": {
      const object = objectNamed(world, act.object);
      if (object !== null) object.alarmDelayMs = act.ms;
      return;
    }
    case "alarm-lost": {
      const object = objectNamed(world, act.object);
      if (object !== null) object.alarmDelayMs = null;
      return;
    }
    case "d1":
      platform.d1.trouble = act.trouble;
      platform.schedule.after(act.forMs, platform.home, () => {
        platform.d1.trouble = null;
      });
      return;
    case "call":
      platform.callTroubles.push({ what: act.what, method: act.method, ms: act.ms, times: act.times });
      return;
    case "net":
      platform.netTroubles.push({ ...act });
      return;
    default:
      act satisfies never;
  }
}

function objectNamed(world: World, name: string) {
  return name === "account" ? world.account() : world.fleet(name);
}

function addFault(world: World, act: Act & { kind: "fault" }): void {
  world.onMarket(({ state }) => {
    const fault = switchOn(state, {
      name: act.name,
      match: act.match ?? {},
      times: act.times ?? null,
      value: act.value ?? null,
      fromMs: state.nowMs,
      untilMs: act.forMs === undefined ? null : state.nowMs + act.forMs,
    });
    if (FAULTS[act.name].acts === "box") applyBoxFault(state, fault);
  });
}
