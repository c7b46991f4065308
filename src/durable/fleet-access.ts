// What every command needs first: the fleet, or the refusal that there is none; and what every change leaves behind.

import type { FleetMode } from "../fleet/plan.ts";
import { err } from "../fleet/result.ts";
import type { LaunchProblem } from "../fleet/start-script.ts";
import { stableHash } from "../fleet/stable-hash.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetRecord } from "./fleet-record.ts";
import type { DoorRefusal } from "./rpc.ts";

export function noSuchFleet(): { readonly ok: false; readonly error: DoorRefusal } {
  return err({
    code: "fleet-not-found",
    detail: "there is no fleet of this name",
    hint: "PUT /api/fleets/{fleet} makes one; GET /api/fleets lists those that exist",
  });
}

/** A spec and a workload that cannot be launched together. */
export function launchRefusal({ field, detail }: LaunchProblem): DoorRefusal {
  return { code: "invalid-spec", field, detail, hint: "nothing has been changed, and nothing was rented" };
}

/** The fleet, unless it was removed. */
export function existing({ store }: CheckDeps): FleetRecord | null {
  const record = store.fleet();
  return record === null || record.removedAtMs !== null ? null : record;
}

export function confirmMismatch(): { readonly ok: false; readonly error: DoorRefusal } {
  return err({
    code: "confirm-mismatch",
    detail: "the fleet has changed since it was shown",
    hint: "ask again, look at the list, and confirm with the new value",
  });
}

/** What a confirmation was given for: the spec version, the boxes and the open rents. */
export function fingerprintOfFleet({ store, now }: CheckDeps, { name, version }: FleetRecord): string {
  const { workers, intents } = store.memory(now());
  const boxes = workers.map(({ instanceId }) => instanceId).toSorted((a, b) => a - b);
  return stableHash(JSON.stringify([name, version, boxes, intents.map(({ id }) => id).toSorted()]));
}

/** What a fleet shows between a change of mode and the CHECK that follows. */
export const STATE_AFTER: Readonly<Record<FleetMode, FleetRecord["state"]>> = {
  active: "ramping",
  paused: "paused",
  down: "draining",
};

/**
 * A person's change: the ramp cadence and the hour of the rent limit begin anew, and a search that found nothing is tried
 * again.
 */
export function touch({ store, now }: CheckDeps): void {
  store.changeMemory({ changedAtMs: now(), drought: null, rentedAtMs: [] }, now());
}
