// The doors as a person with the admin token uses them, and a spec that makes a whole life fit into simulated minutes.

import { exports } from "cloudflare:workers";
import type { FleetDocument } from "../../src/fleet/document.ts";

const ADMIN = "admin-token-for-tests";

export interface DoorAnswer<T> {
  readonly status: number;
  readonly body: T;
  readonly text: string;
}

export async function door<T = unknown>(method: string, path: string, body?: unknown): Promise<DoorAnswer<T>> {
  const answer = await exports.default.fetch(
    new Request(`http://keeper${path}`, {
      method,
      headers: { Authorization: `Bearer ${ADMIN}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await answer.text();
  const isJson = answer.headers.get("Content-Type")?.includes("json") === true;
  return { status: answer.status, text, body: (isJson ? JSON.parse(text) : text) as T };
}

/** The same rules, fast: with a market of speed 20 a box produces about 20 s after its rent. */
const FAST = {
  target: 4,
  maxPriceUsdPerHour: 0.2,
  cadenceSeconds: { ramp: 10, rampFor: 30, steady: 30, logPoll: 15, logPollSteady: 20, creditProbe: 30 },
  timeoutsSeconds: {
    errorGrace: 20,
    setup: 30,
    boot: 20,
    wait: 40,
    stallMinimum: 40,
    intentSettle: 20,
    statusConfirm: 20,
  },
} as const;

/** Makes a fleet with the fast spec. Its first CHECK comes with the next alarm. */
export async function putFleet(name: string, changes: Record<string, unknown> = {}): Promise<void> {
  const { status, text } = await door("PUT", `/api/fleets/${name}`, { ...FAST, ...changes });
  if (status >= 300) throw new Error(`the fleet ${name} was refused: ${status} ${text}`);
}

export async function patchFleet(name: string, changes: Record<string, unknown>): Promise<void> {
  const { status, text } = await door("PATCH", `/api/fleets/${name}`, changes);
  if (status >= 300) throw new Error(`the change of ${name} was refused: ${status} ${text}`);
}

export async function fleetOf(name: string): Promise<FleetDocument> {
  return (await door<FleetDocument>("GET", `/api/fleets/${name}`)).body;
}

/** One CHECK now, by its door. */
export async function askForCheck(name: string): Promise<FleetDocument> {
  return (await door<FleetDocument>("POST", `/api/fleets/${name}/check`)).body;
}
