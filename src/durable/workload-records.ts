// Which workload record a fleet runs. Built-in ones are code; of the others the fleet's object keeps the record that it
// uses, so that no CHECK needs D1.

import { withDeadline } from "../deadline.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import type { Workload } from "../fleet/workload.ts";
import { builtInWorkload, builtInWorkloads } from "../fleet/workloads.ts";
import { logEvent } from "../log.ts";
import type { CheckDeps } from "./deps.ts";
import { existing } from "./fleet-access.ts";
import type { FleetStore } from "./fleet-store.ts";
import type { DoorRefusal } from "./rpc.ts";

/** The record that the fleet runs now: written in the same block as the spec that names it. */
export function workloadInUse(store: FleetStore): Workload {
  const name = store.fleet()?.spec.workload;
  const workload = name === undefined ? null : (builtInWorkload(name) ?? store.workload());
  if (workload === null) throw new Error(`the fleet's workload ${name ?? ""} is not kept`);
  return workload;
}

/**
 * The record that a spec may name: built in, the one that the fleet keeps, or the one in D1. A fleet that keeps its
 * workload asks nobody, and one that did so before takes its old record where D1 is silent or has lost it.
 */
export async function findWorkload(deps: CheckDeps, name: string): Promise<Result<Workload, DoorRefusal>> {
  const { store, history } = deps;
  const builtIn = builtInWorkload(name);
  if (builtIn !== null) return ok(builtIn);
  const last = store.workload();
  const kept = last?.name === name ? last : null;
  if (kept !== null && existing(deps)?.spec.workload === name) return ok(kept);
  try {
    const stored = (await withDeadline(history.readWorkload(name)))?.workload ?? kept;
    return stored === null ? err(noSuchWorkload(name, await withDeadline(history.listWorkloads()))) : ok(stored);
  } catch (error) {
    logEvent({ event: "workload.read", outcome: "failed", workload: name, detail: String(error) });
    return kept === null ? err(cannotLookUp(name)) : ok(kept);
  }
}

function noSuchWorkload(name: string, stored: readonly string[]): DoorRefusal {
  const names = [...builtInWorkloads.map((workload) => workload.name), ...stored].join(", ");
  return {
    code: "invalid-spec",
    field: "workload",
    detail: `there is no workload ${name}; there are ${names}`,
    hint: "GET /api/workloads lists them; PUT /api/workloads/{name} makes one",
  };
}

function cannotLookUp(name: string): DoorRefusal {
  return {
    code: "storage-unavailable",
    detail: `the workload ${name} is not built in, and D1 does not answer`,
    hint: "try again; nothing has been changed, and fleets that run go on with the record they keep",
  };
}
