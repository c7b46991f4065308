// A workload's record was put anew: the fleets that use it take it, by the door that put it or else after their next
// CHECK. What runs stays, and no longer matches.

import { launchProblem } from "../fleet/launch-check.ts";
import { type Mismatch, mismatches } from "../fleet/mismatch.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import type { Workload } from "../fleet/workload.ts";
import { builtInWorkload } from "../fleet/workloads.ts";
import { publishCopy } from "./publish.ts";
import type { CheckDeps } from "./deps.ts";
import { existing, launchRefusal, touch } from "./fleet-access.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { recordEvent } from "./history.ts";
import { softly } from "./softly.ts";
import { endRollOut } from "./roll-out-order.ts";
import type { Actor, DoorRefusal, TakenWorkload } from "./rpc.ts";

/** A new version of the fleet: rents under way for the old record stop. A fleet that does not use it takes nothing. */
export function takeWorkload(deps: CheckDeps, workload: Workload, actor: Actor): Result<TakenWorkload, DoorRefusal> {
  const { store } = deps;
  const before = existing(deps);
  if (before === null || before.spec.workload !== workload.name) return ok({ isTaken: false, mismatched: [] });
  if (JSON.stringify(store.workload()) === JSON.stringify(workload))
    return ok({ isTaken: false, mismatched: mismatchedNow(deps, before.spec, workload) });
  const problem = launchProblem(before.name, before.spec, workload);
  if (problem !== null) return err(launchRefusal(problem));
  store.atomically(() => {
    const record: FleetRecord = { ...before, version: before.version + 1 };
    store.setFleet(record);
    store.setWorkload(workload);
    // What was ordered for the old record is not ordered for this one.
    endRollOut(deps, actor);
    touch(deps);
    recordEvent(
      store,
      { id: deps.newId(), fleet: before.name, nowMs: deps.now() },
      {
        kind: "spec",
        message: `SPEC by ${actor.name}: the workload ${workload.name} is another record: ${workload.image}`,
        evidence: { by: actor.name, version: record.version },
      },
    );
    publishCopy(deps, record);
  });
  return ok({ isTaken: true, mismatched: mismatchedNow(deps, before.spec, workload) });
}

function mismatchedNow({ store, now }: CheckDeps, spec: FleetSpec, workload: Workload): readonly Mismatch[] {
  return mismatches(store.memory(now()).workers, spec, fingerprintOf(spec, workload));
}

/** After a CHECK: a record that the fleet was not told of. D1 may be silent; a record that does not fit is left, with a note. */
export async function refreshWorkload(deps: CheckDeps): Promise<void> {
  const { store, now, history } = deps;
  const before = existing(deps);
  if (before === null || builtInWorkload(before.spec.workload) !== null) return;
  const name = before.spec.workload;
  const stored = await softly("history.workload", history.readWorkload(name));
  // Changed meanwhile: the fleet may have been told of a newer record than this one. The next CHECK reads again.
  if (stored === null || existing(deps)?.version !== before.version) return;
  const taken = takeWorkload(deps, stored.workload, { name: stored.updatedBy });
  if (taken.ok && taken.value.isTaken) store.timers.setNoLater("check", now() + 1);
  if (!taken.ok) {
    const note = `the workload ${name} was put anew and does not fit this fleet, which keeps the old record: ${taken.error.detail}`;
    store.changeFleet({ notes: [...(store.fleet()?.notes ?? []), note] });
  }
}
