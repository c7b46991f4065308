// A whole small world for tests in workerd: the Worker with its objects and D1 on one side, the simulated market on the
// other, and one clock for both that only moves by hand. Alarms and cron are driven here, in the order of their times.

import { env } from "cloudflare:workers";
import {
  applyD1Migrations,
  createScheduledController,
  listDurableObjectIds,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { expect, onTestFailed, vi } from "vitest";
import { stableHash } from "../../src/fleet/stable-hash.ts";
import worker from "../../src/index.ts";
import { steer } from "./market.ts";

/** Far ahead of any real clock, so that no alarm fires by itself. */
export const NOW = Date.parse("2031-05-01T12:00:00Z");
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Cron of a compressed world: `npm start` drives it as often with `--tick`. */
const FAST_TICK_MS = 10 * SECOND;
/** The keeper's waits between the reads of a log, and for its pace, take this part of their time. */
const WAIT_FACTOR = 200;
/** What the keeper waits for at most keeps more of its time, so that a busy machine is not taken for a database that hangs. */
const DOOR_LIMIT_MS = 8000;
/** Reports come from other invocations, in real time; a log call that hangs longer is not waited for. */
const REPORT_WAIT_MS = 1000;
/** From the end of a wait to the call or the next wait that it was for. */
const SAYING_MS = 40;
/** A world that has ended is waited for no longer than this. */
const LAST_WORDS_MS = 3000;
const LINES_KEPT = 60;
/** Alarms that follow from alarms within one instant; more is a loop, and time goes on. */
const ROUNDS_MAX = 12;

let isCronOn = true;
let tickMs = FAST_TICK_MS;
let waitFactor = WAIT_FACTOR;
let isFlowing = false;
/** When whoever waits now has said what comes after its wait; in real time. */
let saidAt = 0;
/** Waits in real time. */
export const realWait = scheduler.wait.bind(scheduler);
/** Log rounds that were waited for in vain: one of their calls hangs. */
const hungRounds = new Set<string>();
/** What the keeper has printed; shown where a test fails. */
let lines: string[] = [];
const print = console.log.bind(console);

/** A figure for the reader of the test run. */
export function figure(text: string): void {
  print(`FIGURE ${text}`);
}

/** Everything anew: no objects, an empty database, a market of good hosts that lives twenty times as fast. */
export async function beginWorld(market: Record<string, unknown> = {}): Promise<void> {
  await endWorld();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  isCronOn = true;
  tickMs = FAST_TICK_MS;
  hungRounds.clear();
  keepLines();
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  vi.spyOn(scheduler, "wait").mockImplementation(wait);
  await steer("/sim/reset", {
    nowMs: NOW,
    seed: 7,
    speed: 20,
    hosts: { count: 60, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 },
    lastInstance: lastInstance(),
    ...market,
  });
}

/** Of each file another one, so that a late word of the file before finds no instance of this one. */
function lastInstance(): number {
  const [, path] = (expect.getState().testPath ?? "").split("/test/");
  return 30_000_000 + (Number.parseInt(stableHash(path ?? "").slice(-6), 16) % 1000) * 10_000;
}

/**
 * No objects, empty tables. What reads logs still is waited for: rounds and instances are numbered anew in the next world,
 * which would take a report of this one for its own.
 */
export async function endWorld(): Promise<void> {
  const limit = performance.now() + LAST_WORDS_MS;
  while (performance.now() < Math.min(saidAt, limit)) await realWait(5);
  await reset();
}

function keepLines(): void {
  lines = [];
  for (const method of ["log", "warn", "error"] as const)
    vi.spyOn(console, method).mockImplementation((line: unknown) => void lines.push(String(line)));
  onTestFailed(() =>
    print(
      lines
        .filter((line) => !line.includes("check.done"))
        .slice(-LINES_KEPT)
        .join("\n"),
    ),
  );
}

/** Every line that the keeper has printed in this world. */
export function printed(): readonly string[] {
  return lines;
}

/** How often cron comes; `MINUTE` is as deployed. */
export function tickEvery(ms: number): void {
  tickMs = ms;
}

/** While the clock flows, a wait ends when the world's time has come; else after a part of its real time. */
async function wait(ms: number): Promise<void> {
  const endMs = Date.now() + ms;
  // A limit outlives what it limits, and nobody hears of its end.
  if (ms >= DOOR_LIMIT_MS && !isFlowing) return realWait(ms);
  saidAt = Math.max(saidAt, performance.now() + ms / waitFactor + SAYING_MS);
  await realWait(ms / waitFactor);
  while (isFlowing && Date.now() < endMs) await realWait(2);
}

export function silenceCron(): void {
  isCronOn = false;
}

export function fleetObject(name: string): DurableObjectStub {
  return env.FLEET_KEEPER.getByName(name);
}

export function accountObject(): DurableObjectStub {
  return env.ACCOUNT_KEEPER.getByName("account");
}

/** Reads an object's storage from inside. */
export function inStorage<T>(stub: DurableObjectStub, read: (storage: DurableObjectStorage) => T | Promise<T>) {
  return runInDurableObject(stub, (_object: unknown, state: DurableObjectState) => read(state.storage));
}

export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return inStorage(stub, (storage) => storage.getAlarm());
}

/** Runs the cron trigger as the platform would, for this minute or another one. */
export async function cronTick(scheduledAtMs = Date.now()): Promise<void> {
  await worker.scheduled(createScheduledController({ scheduledTime: new Date(scheduledAtMs), cron: "* * * * *" }), env);
}

/** Moves the market's clock and the keeper's to one moment. */
export async function moveTo(nowMs: number): Promise<void> {
  await steer("/sim/clock", { nowMs });
  vi.setSystemTime(nowMs);
}

/** Fires an object's alarm when its time has come. */
export async function fireDue(stub: DurableObjectStub): Promise<boolean> {
  const dueAtMs = await alarmOf(stub);
  if (dueAtMs === null || dueAtMs > Date.now()) return false;
  return runDurableObjectAlarm(stub);
}

/** Lets time pass: cron at every tick, alarms when they are due, nothing in between. */
export async function pass(ms: number): Promise<void> {
  const endMs = Date.now() + ms;
  const ids = await listDurableObjectIds(env.FLEET_KEEPER);
  const findObjects = (): readonly DurableObjectStub[] => [
    accountObject(),
    ...ids.map((id) => env.FLEET_KEEPER.get(id)),
  ];
  let nextAlarmMs = await settle(findObjects);
  while (Date.now() < endMs) {
    const tickAtMs = (Math.floor(Date.now() / tickMs) + 1) * tickMs;
    await moveTo(Math.max(Math.min(endMs, tickAtMs, nextAlarmMs), Date.now() + 1));
    if (Date.now() >= tickAtMs && isCronOn) await cronTick();
    nextAlarmMs = await settle(findObjects);
  }
}

/** Everything that is due now and everything that follows from it, log polls included. Answers when the next alarm is due. */
async function settle(findObjects: () => readonly DurableObjectStub[]): Promise<number> {
  for (let round = 0; ; round++) {
    const objects = findObjects();
    const looks = await waitForReports(objects);
    const due = objects.filter((_, index) => (looks[index]?.alarmAtMs ?? Infinity) <= Date.now());
    if (due.length === 0 || round >= ROUNDS_MAX)
      return Math.min(...looks.map(({ alarmAtMs }) => alarmAtMs ?? Infinity));
    await Promise.all(due.map((stub) => runDurableObjectAlarm(stub)));
    vi.setSystemTime(Date.now() + 5);
  }
}

interface Look {
  readonly alarmAtMs: number | null;
  /** Log batches that have not reported. */
  readonly openRounds: readonly string[];
}

async function waitForReports(objects: readonly DurableObjectStub[]): Promise<readonly Look[]> {
  const untilMs = performance.now() + REPORT_WAIT_MS;
  for (;;) {
    const looks = await Promise.all(objects.map(look));
    const open = looks.flatMap(({ openRounds }) => openRounds).filter((round) => !hungRounds.has(round));
    if (open.length === 0) return looks;
    if (performance.now() >= untilMs) for (const round of open) hungRounds.add(round);
    await realWait(2);
  }
}

function look(stub: DurableObjectStub): Promise<Look> {
  return inStorage(stub, async (storage) => {
    const rounds = storage.kv.get<readonly { round: number; untilMs: number }[]>("rounds") ?? [];
    const open = rounds.filter(({ untilMs }) => untilMs > Date.now());
    return {
      alarmAtMs: await storage.getAlarm(),
      openRounds: open.map(({ round }) => `${String(stub.id)}:${round}`),
    };
  });
}

/** Passes time until something holds; answers how long that took, or throws after `limitMs`. */
export async function passUntil(
  holds: () => Promise<boolean>,
  { limitMs = 3 * MINUTE, stepMs = 5 * SECOND }: { limitMs?: number; stepMs?: number } = {},
): Promise<number> {
  const beganAtMs = Date.now();
  while (!(await holds())) {
    if (Date.now() - beganAtMs >= limitMs) throw new Error(`it does not hold after ${limitMs / SECOND} s`);
    await pass(stepMs);
  }
  return Date.now() - beganAtMs;
}

/**
 * Lets the clock run by itself, `factor` times as fast as real time, with cron and alarms beside each other as on the
 * platform: for what waits on the market's pace in the middle of a CHECK.
 */
export async function passFlowing(ms: number, factor: number): Promise<void> {
  const [beganAtMs, startedAt, endMs] = [Date.now(), performance.now(), Date.now() + ms];
  const running = new Map<string, Promise<unknown>>();
  const start = (name: string, work: Promise<unknown>): void =>
    void running.set(
      name,
      work.finally(() => running.delete(name)),
    );
  waitFactor = factor;
  isFlowing = true;
  try {
    while (Date.now() < endMs || running.size > 0) {
      await realWait(5);
      const before = Date.now();
      await moveTo(Math.max(before, beganAtMs + Math.round((performance.now() - startedAt) * factor)));
      if (Date.now() >= endMs) continue;
      if (Math.floor(before / tickMs) !== Math.floor(Date.now() / tickMs)) start(`tick ${before}`, cronTick());
      const ids = await listDurableObjectIds(env.FLEET_KEEPER);
      for (const stub of [accountObject(), ...ids.map((id) => env.FLEET_KEEPER.get(id))]) {
        const name = String(stub.id);
        if (!running.has(name)) start(name, fireDue(stub));
      }
    }
  } finally {
    isFlowing = false;
    waitFactor = WAIT_FACTOR;
  }
}
