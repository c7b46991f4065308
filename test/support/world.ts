// A whole small world for tests in workerd: the Worker with its objects and D1 on one side, the simulated market on the
// other, and one clock for both that only moves by hand. Alarms and cron are driven here, in the order of their times.

import { env, exports } from "cloudflare:workers";
import {
  createExecutionContext,
  createScheduledController,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from "cloudflare:test";
import { vi } from "vitest";
import type { FleetDocument } from "../../src/fleet/document.ts";
import worker from "../../src/index.ts";

/** Far ahead of any real clock, so that no alarm fires by itself. */
export const NOW = Date.parse("2031-05-01T12:00:00Z");
export const MINUTE = 60_000;
const ADMIN = "admin-token-for-tests";

export interface MarketTruth {
  readonly boxes: readonly {
    readonly id: number;
    readonly label: string;
    readonly machineId: number;
    readonly endedAtMs: number | null;
    readonly status: string | null;
    readonly batches: number;
  }[];
  readonly mostPaidAtOnce: number;
  readonly billedUsd: number;
  readonly calls: Readonly<
    Record<string, { readonly total: number; readonly byStatus: Readonly<Record<string, number>> }>
  >;
  readonly now: {
    readonly listed: number;
    readonly billed: number;
    readonly byLabel: Readonly<Record<string, number>>;
  };
  readonly inFlightMax: { readonly all: number };
  readonly leaks: { readonly authorizationToLogs: number };
}

/** Fleets of a world keep out of the way of the next test by their own names and a new market. */
export async function beginWorld(options: Record<string, unknown> = {}): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await steer("/sim/reset", {
    nowMs: NOW,
    seed: 7,
    hosts: { count: 60, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 },
    ...options,
  });
}

export async function steer(path: string, body: unknown): Promise<unknown> {
  const answer = await env.SIM.fetch(`http://sim${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the market refused ${path}: ${answer.status} ${text}`);
  return text === "" ? null : JSON.parse(text);
}

export function fault(name: string, rest: Record<string, unknown> = {}): Promise<unknown> {
  return steer("/sim/faults", { name, ...rest });
}

export async function clearFaults(): Promise<void> {
  await env.SIM.fetch("http://sim/sim/faults", { method: "DELETE" });
}

export async function truth(): Promise<MarketTruth> {
  return (await env.SIM.fetch("http://sim/sim/state")).json();
}

/** Boxes that the market bills for this fleet now. */
export async function paidBoxes(fleet: string): Promise<readonly MarketTruth["boxes"][number][]> {
  const { boxes } = await truth();
  return boxes.filter(({ label, endedAtMs }) => label.startsWith(`${fleet}-worker-vast-`) && endedAtMs === null);
}

export async function door<T = unknown>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: T; headers: Headers }> {
  const answer = await exports.default.fetch(
    new Request(`http://keeper${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN}`, "Content-Type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await answer.text();
  const isJson = answer.headers.get("Content-Type")?.includes("json") === true;
  return { status: answer.status, headers: answer.headers, body: (isJson ? JSON.parse(text) : text) as T };
}

export async function fleetOf(name: string): Promise<FleetDocument> {
  return (await door<FleetDocument>("GET", `/api/fleets/${name}`)).body;
}

export function fleetObject(name: string): DurableObjectStub {
  return env.FLEET_KEEPER.getByName(name);
}

export function accountObject(): DurableObjectStub {
  return env.ACCOUNT_KEEPER.getByName("account");
}

/** Runs the cron trigger as the platform would, for this minute. */
export async function cronTick(): Promise<void> {
  const context = createExecutionContext();
  await worker.scheduled(
    createScheduledController({ scheduledTime: new Date(Date.now()), cron: "* * * * *" }),
    env,
    context,
  );
  await waitOnExecutionContext(context);
}

/** Fires an object's alarm when its time has come. */
async function fireDue(stub: DurableObjectStub): Promise<boolean> {
  const dueAtMs = await runInDurableObject(stub, (_object: unknown, state) => state.storage.getAlarm());
  if (dueAtMs === null || dueAtMs > Date.now()) return false;
  return runDurableObjectAlarm(stub);
}

/** Log batches that have not reported. */
async function openRounds(fleet: string): Promise<number> {
  return runInDurableObject(
    fleetObject(fleet),
    (_object: unknown, state) =>
      (state.storage.kv.get<readonly { untilMs: number }[]>("rounds") ?? []).filter(
        ({ untilMs }) => untilMs > Date.now(),
      ).length,
  );
}

/** Reports come from other invocations, in real time; a log call that hangs is not waited for. */
const REPORT_WAIT_MS = 600;

/** Everything that is due now and everything that follows from it, log polls included. */
export async function settle(fleets: readonly string[]): Promise<void> {
  for (let round = 0; round < 12; round++) {
    const fired = await Promise.all([accountObject(), ...fleets.map(fleetObject)].map(fireDue));
    const waitUntil = performance.now() + REPORT_WAIT_MS;
    while ((await Promise.all(fleets.map(openRounds))).some((count) => count > 0) && performance.now() < waitUntil) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!fired.some(Boolean)) return;
    vi.setSystemTime(Date.now() + 5);
  }
}

/** Lets time pass in steps, with cron every minute and alarms when they are due. */
export async function pass(ms: number, fleets: readonly string[], stepMs = 15_000): Promise<void> {
  const endMs = Date.now() + ms;
  while (Date.now() < endMs) {
    const before = Date.now();
    const nowMs = Math.min(endMs, before + stepMs);
    await steer("/sim/clock", { nowMs });
    vi.setSystemTime(nowMs);
    if (Math.floor(nowMs / MINUTE) !== Math.floor(before / MINUTE)) await cronTick();
    await settle(fleets);
  }
}
