// Every minute: asks each fleet to run its CHECK if one is due. Missed ticks are made up by the next one and by the
// objects' own alarms; a tick delivered twice is known by its scheduled time and changes nothing.

import { readFleetNames } from "../durable/fleet-names.ts";
import { fleetStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";

/**
 * Service calls of one invocation that may run side by side; the chain limit is 32 (platform reference §1).
 * Known gap: a tick awaits the whole CHECK that it makes, so with more fleets than this one slow launch delays the ticks of
 * the next batch; their own alarms run their CHECKs after two minutes.
 */
const TICKS_AT_ONCE = 20;

export async function tickFleets(env: Env, scheduledAtMs: number): Promise<void> {
  const { names } = await readFleetNames(env);
  for (let from = 0; from < names.length; from += TICKS_AT_ONCE) {
    await Promise.all(names.slice(from, from + TICKS_AT_ONCE).map((name) => tickOne(env, name, scheduledAtMs)));
  }
}

async function tickOne(env: Env, name: string, scheduledAtMs: number): Promise<void> {
  try {
    await fleetStub(env, name).tick(scheduledAtMs);
  } catch (error) {
    logEvent({ event: "cron.tick", outcome: "failed", fleet: name, detail: String(error) });
  }
}
