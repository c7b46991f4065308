// Asking for workers the runbook's way: `up` and `replenish` raise the target, and answer with the lines of the launch.

import type { IntentDocument } from "../fleet/document.ts";
import { ok, type Result } from "../fleet/result.ts";
import { normaliseGpu, type SpecPatch } from "../fleet/spec.ts";
import type { CheckDeps } from "./deps.ts";
import { existing, noSuchFleet } from "./fleet-access.ts";
import { documentOf } from "./fleet-document.ts";
import type { Actor, DoorRefusal, LaunchAnswer, PutAnswer, UpRequest } from "./rpc.ts";
import { type FoundWorkload, patch, put } from "./spec-commands.ts";

/** What an `up` has changed before its CHECK runs. */
export interface LaunchStart {
  readonly target: number;
  readonly knownIntents: readonly string[];
  readonly wanted: number;
  /** What is accepted and looks odd. */
  readonly remarks: readonly string[];
}

/** New or down fleet: target = count; else target = max(target, live + count). */
export function up(
  deps: CheckDeps,
  fleet: string,
  { count, gpu, preset, ...fields }: UpRequest,
  actor: Actor,
  found: FoundWorkload,
): Result<LaunchStart, DoorRefusal> {
  const before = existing(deps);
  const live = deps.store.memory(deps.now()).workers.length;
  const target = before === null || before.mode === "down" ? count : Math.max(before.spec.target, live + count);
  const change: SpecPatch = {
    ...fields,
    target,
    ...(gpu === undefined ? {} : { gpus: [normaliseGpu(gpu)] }),
    ...(preset === undefined ? {} : { preset }),
  };
  return startLaunch(deps, target, () => {
    const options = { actor, expectedVersion: null };
    return before === null
      ? put(deps, fleet, { ...change, target }, options, found)
      : patch(deps, change, options, found);
  });
}

/** target = max(target, count); a fleet that is down starts again with count. */
export function replenish(
  deps: CheckDeps,
  count: number,
  actor: Actor,
  found: FoundWorkload,
): Result<LaunchStart, DoorRefusal> {
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  const target = before.mode === "down" ? count : Math.max(before.spec.target, count);
  return startLaunch(deps, target, () => patch(deps, { target }, { actor, expectedVersion: null }, found));
}

function startLaunch(
  deps: CheckDeps,
  target: number,
  write: () => Result<PutAnswer, DoorRefusal>,
): Result<LaunchStart, DoorRefusal> {
  const memory = deps.store.memory(deps.now());
  const written = write();
  if (!written.ok) return written;
  const wanted = Math.max(0, target - memory.workers.length - memory.intents.length);
  return ok({ target, wanted, knownIntents: memory.intents.map(({ id }) => id), remarks: written.value.notes });
}

/** The runbook's lines (§1, "Expected output"), from the intents that the CHECK has made so far. */
export function launchAnswer(deps: CheckDeps, started: LaunchStart, isUnfinished: boolean): LaunchAnswer {
  const fleet = documentOf(deps);
  const made = fleet.intents.filter(({ id }) => !started.knownIntents.includes(id));
  const workers = rentLines(made);
  const head =
    started.wanted === 0
      ? [`Nothing to launch: ${fleet.totals.live} workers are up, target ${started.target}.`]
      : [`Searching for ${started.wanted} best offers...`, `Launching ${made.length} of ${started.wanted} workers...`];
  const tail = made.length > 0 ? ["Workers will take 3-5 min to start generating."] : [];
  return {
    fleet,
    target: started.target,
    lines: [...head, ...workers, ...[...started.remarks, ...fleet.notes].map((note) => `  Note: ${note}`), ...tail],
    isUnfinished,
  };
}

/** Two lines for each rent, as `vast_up.sh` prints them. */
export function rentLines(made: readonly IntentDocument[]): readonly string[] {
  return made.flatMap(({ slot, gpu, usdPerHour, offerId, instanceId, state }) => [
    `  Worker ${slot}: ${gpu} @ $${usdPerHour.toFixed(3)}/hr (offer ${offerId})`,
    instanceId === null
      ? `    ${state === "unknown" ? "the answer was lost; the list will tell" : "asked for"}.`
      : `    started. {'success': True, 'new_contract': ${instanceId}}`,
  ]);
}
