// Pausing, resuming, and the way down to the end of a fleet.

import { type FleetDocument, intentDocuments } from "../fleet/document.ts";
import type { FleetMode } from "../fleet/plan.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { publishCopy } from "./publish.ts";
import type { CheckDeps } from "./deps.ts";
import { confirmMismatch, existing, fingerprintOfFleet, noSuchFleet, STATE_AFTER, touch } from "./fleet-access.ts";
import { documentOf, shownWorkers } from "./fleet-document.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { recordEvent } from "./history.ts";
import { endRollOut } from "./roll-out-order.ts";
import type { Actor, DoorRefusal, DownPreview } from "./rpc.ts";

export function previewDown(deps: CheckDeps): Result<DownPreview, DoorRefusal> {
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  const memory = deps.store.memory(deps.now());
  return ok({
    fleet: record.name,
    fingerprint: fingerprintOfFleet(deps, record),
    workers: shownWorkers(deps, memory),
    intents: intentDocuments(memory.intents, deps.now()),
  });
}

export function down(deps: CheckDeps, fingerprint: string | null, actor: Actor): Result<FleetDocument, DoorRefusal> {
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  if (fingerprint !== null && fingerprint !== fingerprintOfFleet(deps, record)) return confirmMismatch();
  return changeMode(deps, "down", actor);
}

export function changeMode(deps: CheckDeps, mode: FleetMode, actor: Actor): Result<FleetDocument, DoorRefusal> {
  const { store } = deps;
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  if (mode === "paused" && before.mode === "down") {
    return err({
      code: "fleet-is-down",
      detail:
        before.state === "draining"
          ? `${before.name} is on its way down: a pause would not stop that, its boxes are ended in every mode`
          : `${before.name} is down: there is nothing to pause`,
      hint: 'to have it again give it a target: PATCH {"target": n} or POST …/up {"count": n}',
    });
  }
  if (mode !== "down" && before.mode === "down") {
    return err({
      code: "fleet-is-down",
      detail: "a fleet that is down has no target to go back to",
      hint: 'give it one: PATCH {"target": n} or POST …/up {"count": n}',
    });
  }
  if (mode !== before.mode) {
    store.atomically(() => {
      const record: FleetRecord = {
        ...before,
        mode,
        state: STATE_AFTER[mode],
        version: before.version + 1,
        scheduledChecks: 0,
        cadenceSeconds: before.spec.cadenceSeconds.ramp,
      };
      store.setFleet(record);
      touch(deps);
      endRollOut(deps, actor);
      recordEvent(
        store,
        { id: deps.newId(), fleet: before.name, nowMs: deps.now() },
        {
          kind: "mode",
          message: `MODE by ${actor.name}: ${before.mode} → ${mode}`,
          evidence: { by: actor.name, version: record.version },
        },
      );
      publishCopy(deps, record);
    });
  }
  return ok(documentOf(deps));
}

/** `stopAfterChecks` counts scheduled CHECKs, then pauses (design §4). */
export function countScheduledCheck(deps: CheckDeps): void {
  const record = existing(deps);
  if (record === null || record.mode !== "active") return;
  const scheduledChecks = record.scheduledChecks + 1;
  deps.store.changeFleet({ scheduledChecks });
  const limit = record.spec.stopAfterChecks;
  if (limit !== null && scheduledChecks >= limit) changeMode(deps, "paused", { name: `stopAfterChecks (${limit})` });
}

/** Only a fleet that owns, owes and awaits nothing may go; its name stays watched. */
export function remove(deps: CheckDeps, actor: Actor): Result<{ readonly removed: string }, DoorRefusal> {
  const { store } = deps;
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  const { workers, intents, debts } = store.memory(deps.now());
  // "down" on a list that was never proven since the order says nothing of the boxes.
  const isProven = record.state === "down" && record.provenVersion === record.version;
  if (workers.length + intents.length + debts.length > 0 || !isProven) {
    return err({
      code: "not-empty",
      detail: `${workers.length} boxes, ${intents.length} open rents, ${debts.length} unproven destroys; state ${record.state}`,
      hint: 'take the fleet down first and wait for its state to be "down"',
    });
  }
  store.atomically(() => {
    store.setFleet({ ...record, mode: "down", version: record.version + 1, removedAtMs: deps.now() });
    recordEvent(
      store,
      { id: deps.newId(), fleet: record.name, nowMs: deps.now() },
      { kind: "mode", message: `REMOVED by ${actor.name}`, evidence: { by: actor.name } },
    );
    store.enqueue({ kind: "fleet-removed", row: { name: record.name, atMs: deps.now() } });
    store.setNote("copy", null);
  });
  return ok({ removed: record.name });
}
