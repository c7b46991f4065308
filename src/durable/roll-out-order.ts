// The order to roll a spec out (design §6): it stands beside the spec in the fleet's memory, until a CHECK finds it done, or
// a later write of the spec, a pause or a down ends it.

import type { RollOut } from "../fleet/memory.ts";
import type { CheckDeps } from "./deps.ts";
import { recordEvent } from "./history.ts";
import type { Actor } from "./rpc.ts";

/** Says so where there was one. Call it in the block that writes the change. */
export function endRollOut(deps: CheckDeps, actor: Actor): void {
  const { store } = deps;
  const running = store.memory(deps.now()).rollOut;
  if (running === null) return;
  store.changeMemory({ rollOut: null }, deps.now());
  record(deps, `roll-out of version ${running.specVersion} ended by ${actor.name}`, actor, running.specVersion);
}

export function startRollOut(deps: CheckDeps, specVersion: number, actor: Actor): void {
  const { store } = deps;
  store.changeMemory({ rollOut: rollOutOf(deps, specVersion, actor), changedAtMs: deps.now() }, deps.now());
  record(deps, `roll-out of version ${specVersion} ordered by ${actor.name}`, actor, specVersion);
}

export function rollOutOf({ now }: Pick<CheckDeps, "now">, specVersion: number, { name }: Actor): RollOut {
  return { specVersion, by: name, atMs: now() };
}

function record({ store, newId, now }: CheckDeps, what: string, { name: by }: Actor, version: number): void {
  const fleet = store.fleet()?.name ?? "";
  const terms = { id: newId(), fleet, nowMs: now() };
  recordEvent(store, terms, { kind: "roll-out", message: `ROLL OUT: ${what}`, evidence: { by, version } });
}
