// The keeper and its market beside the browser: what a test orders and brings about, not what it looks at.

import { inject } from "vitest";
import { ADMIN } from "./system.ts";

interface Worker {
  readonly slot: number;
  readonly instanceId: number;
  readonly machineId: number | null;
  readonly verdict: string;
}

export interface Fleet {
  readonly name: string;
  readonly state: string;
  readonly totals: { readonly live: number; readonly producing: number };
  readonly workers: readonly Worker[];
}

/** The runbook's rules at demo speed. */
const FAST = {
  target: 2,
  preset: "zeb",
  maxPriceUsdPerHour: 0.5,
  proveFirst: false,
  cadenceSeconds: { ramp: 3, rampFor: 30, steady: 10, logPoll: 3, logPollSteady: 5, creditProbe: 20 },
  timeoutsSeconds: {
    errorGrace: 8,
    setup: 60,
    boot: 20,
    wait: 60,
    stallMinimum: 60,
    intentSettle: 15,
    statusConfirm: 20,
  },
};

export async function door<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${inject("keeperUrl")}${path}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

export async function putFleet(name: string, changes: Record<string, unknown> = {}): Promise<void> {
  await door("PUT", `/api/fleets/${name}`, { ...FAST, ...changes });
}

/** Gives a fleet that was made at the keeper's own cadence the demo's, so that what happens to it can be waited for. */
export async function quicken(name: string): Promise<void> {
  const { cadenceSeconds } = FAST;
  await door("PATCH", `/api/fleets/${name}`, { cadenceSeconds });
}

export function fleetOf(name: string): Promise<Fleet> {
  return door("GET", `/api/fleets/${name}`);
}

/** A fleet whose workers all produce. */
export async function aSteadyFleet(name: string, changes: Record<string, unknown> = {}): Promise<Fleet> {
  await putFleet(name, changes);
  const target = Number(changes["target"] ?? FAST.target);
  return until(`${name} produces`, async () => {
    const fleet = await fleetOf(name);
    return fleet.totals.producing === target ? fleet : null;
  });
}

export async function until<T>(what: string, look: () => Promise<T | null>, limitMs = 180_000): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > endMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Leaves nothing behind that would disturb other tests. */
export async function endFleet(name: string): Promise<void> {
  await door("POST", `/api/fleets/${name}/down`, { force: true });
}

export async function fault(name: string, rest: Record<string, unknown> = {}): Promise<void> {
  const answer = await fetch(`${inject("marketUrl")}/sim/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name, ...rest }),
  });
  if (!answer.ok) throw new Error(`the market refused a fault: ${await answer.text()}`);
}
