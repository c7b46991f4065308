// Runs one scenario from its first second to its end, and says what did not hold.

import { accountOf, DEFAULT_ACCOUNT_ID, setCredit } from "../../sim/billing.ts";
import { planActs } from "./acts.ts";
import { Invariants, type Violation } from "./invariants.ts";
import type { Scenario } from "./scenario.ts";
import { NO_BUDGET } from "./trouble.ts";
import { isProducing, labelledAlive } from "./truth.ts";
import { HOUR, MINUTE, SECOND, START_MS, World } from "./world.ts";

export interface Outcome {
  readonly violations: readonly Violation[];
  readonly rents: number;
  readonly destroys: number;
  readonly steps: number;
  readonly crashes: number;
  /** From the end of the faults to the target reached with nothing owed; `null` in safety mode, and where it was not. */
  readonly convergedMs: number | null;
  readonly simulatedMs: number;
  /** Workers that played and were ended, and rents that an empty list hid boxes from, by what excused them. */
  readonly excuses: ReadonlyMap<string, number>;
  readonly lines: readonly string[];
}

/**
 * From the end of all faults to a whole fleet. The longest chain of the rules: the breaker's longest back-off (60 min),
 * a canary from rent to its first batch (10 min), a dud box found out beside it (15 min and two polls), an hour of the
 * rents' hourly limit is not reached by fleets this small, two CHECKs of the steady cadence (20 min).
 */
const LIVE_WITHIN_MS = 2 * HOUR;

export async function runScenario(scenario: Scenario): Promise<Outcome> {
  const world = new World(scenario);
  const watch = new Invariants(world, scenario);
  const { schedule } = world.platform;
  for (const { name, target, spec } of scenario.fleets) {
    watch.expectTarget(name, target);
    const body = { target, ...spec };
    const path = `/api/fleets/${name}`;
    void world.door("PUT", path, body).then((answer) => watch.onDoor({ path, body }, answer));
  }
  planActs(world, scenario.acts, (act, answer) => watch.onDoor(act, answer));
  for (const act of scenario.acts)
    schedule.at(START_MS + act.atMs, world.platform.home, () => {
      if (act.kind === "door") watch.expectOrder(act);
    });
  await schedule.runUntil(START_MS + scenario.troubledMs, () => watch.violations.length > 0);
  let convergedMs: number | null = null;
  if (watch.violations.length === 0 && scenario.mode === "liveness")
    convergedMs = await recover(world, watch, scenario);
  if (watch.violations.length === 0) watch.checkRecords();
  const crashes = [...world.platform.objects.values()].reduce((sum, object) => sum + object.crashes, 0);
  const simulatedMs = world.nowMs - START_MS;
  world.platform.close();
  return {
    violations: watch.violations,
    rents: watch.rents,
    destroys: watch.destroys,
    steps: schedule.steps,
    crashes,
    convergedMs,
    simulatedMs,
    excuses: watch.excuses,
    lines: world.platform.lines,
  };
}

/** All faults end; the fleets must become whole, and then stay as they are. */
async function recover(world: World, watch: Invariants, scenario: Scenario): Promise<number | null> {
  const { platform } = world;
  const peaceMs = world.nowMs;
  makePeace(world);
  for (const { name, target } of scenario.fleets) {
    await ask(world, watch, "POST", `/api/fleets/${name}/resume`, {});
    watch.expectTarget(name, target);
    const spec = {
      target,
      ...NO_BUDGET,
      maxPriceUsdPerHour: null,
      gpus: ["RTX 3060", "RTX 3070", "RTX 3080", "RTX 4070", "RTX 3060 Ti"],
    };
    await ask(world, watch, "PATCH", `/api/fleets/${name}`, spec);
  }
  const isWhole = async (): Promise<string | null> => {
    for (const { name, target } of scenario.fleets) {
      const answer = await ask(world, watch, "GET", `/api/fleets/${name}`);
      const problem = differences(world, name, target, JSON.parse(answer.text));
      if (problem !== null) return `${name}: ${problem}`;
    }
    return null;
  };
  let problem: string | null = "not looked at";
  while (problem !== null) {
    await platform.schedule.runUntil(world.nowMs + MINUTE, () => watch.violations.length > 0);
    if (watch.violations.length > 0) return null;
    problem = await isWhole();
    if (problem !== null && world.nowMs - peaceMs > LIVE_WITHIN_MS) {
      watch.report("a fleet becomes whole", problem);
      return null;
    }
  }
  const convergedMs = world.nowMs - peaceMs;
  await platform.schedule.runUntil(Math.max(world.nowMs + 15 * MINUTE, START_MS + scenario.totalMs));
  await checkQuiet(world, watch, scenario);
  return convergedMs;
}

function makePeace(world: World): void {
  const { platform } = world;
  platform.d1.trouble = null;
  platform.callTroubles.length = 0;
  platform.netTroubles.length = 0;
  world.cronSilentUntilMs = 0;
  for (const object of platform.objects.values()) object.crashPlan = null;
  world.onMarket(({ state }) => {
    state.faults = [];
    setCredit(state, accountOf(state, DEFAULT_ACCOUNT_ID), 500);
    // Duds among the machines would be faults that never end.
    for (const host of state.hosts.values()) host.trait = "good";
    for (const box of state.boxes.values()) if (box.trait === "crash") box.trait = "good";
  });
}

interface Document {
  readonly mode: string;
  readonly workers: readonly { readonly slot: number; readonly instanceId: number; readonly verdict: string }[];
  readonly intents: readonly unknown[];
  readonly debts: readonly unknown[];
  readonly state: string;
  readonly notes: readonly string[];
}

/** What keeps the fleet from being whole, or what it shows that is not so; `null`: nothing. */
function differences(world: World, fleet: string, target: number, shown: Document): string | null {
  const alive = world.onMarket(() => labelledAlive(world, fleet));
  const facts = `${shown.state}, ${shown.workers.map(({ verdict }) => verdict).join(" ")}; ${shown.notes.join("; ")}`;
  if (shown.mode !== "active") return `its mode is ${shown.mode}`;
  if (shown.workers.length !== target) return `${shown.workers.length} workers of ${target}: ${facts}`;
  if (shown.intents.length + shown.debts.length > 0)
    return `${shown.intents.length} intents, ${shown.debts.length} debts: ${facts}`;
  const ids = new Set(shown.workers.map(({ instanceId }) => instanceId));
  if (alive.length !== ids.size || alive.some(({ id }) => !ids.has(id)))
    return `it shows ${[...ids].join(" ")}, the market bills ${alive.map(({ id }) => id).join(" ")}`;
  const slots = new Map(shown.workers.map(({ instanceId, slot }) => [instanceId, slot]));
  const astray = alive.find(({ id, label }) => label !== `${fleet}-worker-vast-${slots.get(id)}`);
  if (astray !== undefined) return `${astray.id} (${astray.label}) is shown in slot ${slots.get(astray.id)}`;
  if (new Set(slots.values()).size !== target) return `two workers in one slot of ${[...slots.values()].join(" ")}`;
  const idle = alive.find((box) => !isProducing(box, world.nowMs));
  if (idle !== undefined) return `${idle.id} (${idle.trait}) does not play: ${facts}`;
  const unseen = shown.workers.find(({ verdict }) => verdict !== "producing" && verdict !== "uploading");
  return unseen === undefined ? null : `${unseen.instanceId} plays and is shown ${unseen.verdict}`;
}

/** A quiet world asks for nothing. */
async function checkQuiet(world: World, watch: Invariants, scenario: Scenario): Promise<void> {
  for (const { name } of scenario.fleets) {
    const answer = await ask(world, watch, "POST", `/api/fleets/${name}/check?dryRun=true`, {});
    const plan = JSON.parse(answer.text) as { actions: readonly { kind: string; reason: string }[] };
    const [first] = plan.actions.filter(({ kind }) => ["rent", "destroy", "strike"].includes(kind));
    const isCrashing = world.onMarket(() => labelledAlive(world, name)).some(({ trait }) => trait !== "good");
    if (first !== undefined && !isCrashing)
      watch.report("a quiet world asks for nothing", `${name}: ${first.kind}: ${first.reason}`);
  }
}

async function ask(world: World, watch: Invariants, method: string, path: string, body?: unknown) {
  const asked = world.door(method, path, body);
  let isDone = false;
  void asked.finally(() => {
    isDone = true;
  });
  while (!isDone) await world.platform.schedule.runUntil(world.nowMs + SECOND, () => isDone);
  const answer = await asked;
  watch.onDoor({ path, body }, answer);
  return answer;
}
