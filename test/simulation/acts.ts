// Carries out the acts of a scenario, each at its time.

import { accountOf, DEFAULT_ACCOUNT_ID, setCredit } from "../../sim/billing.ts";
import { applyBoxFault } from "../../sim/box-faults.ts";
import { FAULTS, switchOn } from "../../sim/faults.ts";
import { endBox, rentBox } from "../../sim/rent.ts";
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
      world.begun.push({ ...act, atMs: world.nowMs - START_MS });
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
    case "human-rent":
      for (let index = 0; index < act.count; index++) rentByHand(world, act.label);
      return;
    case "human-destroy":
      return world.onMarket(({ state }) => {
        const box = [...state.boxes.values()].find((one) => one.label === act.label && one.endedAtMs === null);
        // For the keeper a box that a person has destroyed is one that is gone.
        if (box !== undefined) endBox(state, box, "vanish");
      });
    case "clock-jump":
      return platform.schedule.jump(act.ms);
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

/** As the old scripts rent: the same image and start script, and no mark of a keeper. */
function rentByHand(world: World, label: string | null): void {
  world.onMarket(({ state }) => {
    const host = [...state.hosts.values()].findLast(({ offers, trait }) => offers.length > 0 && trait === "good");
    const offer = host?.offers[0];
    const model = [...state.boxes.values()].findLast((box) => box.env["FLEETKEEPER_ID"] !== undefined);
    if (host === undefined || offer === undefined || model === undefined) return;
    const { FLEETKEEPER_ID: _keeper, FLEETKEEPER_INTENT: _intent, ...env } = model.env;
    rentBox(state, {
      accountId: DEFAULT_ACCOUNT_ID,
      offerId: offer.id,
      host,
      gpuCount: 1,
      image: label === null ? "pytorch/pytorch:latest" : model.image,
      diskGb: model.diskGb,
      label,
      // What bears no label of a fleet does other work.
      env: label === null ? {} : env,
      onstart: label === null ? null : model.onstart,
      args: [],
      runtype: model.runtype,
      bid: null,
      isStopped: false,
    });
  });
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
