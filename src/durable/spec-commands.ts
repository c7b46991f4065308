// What a fleet should be: its spec set whole, set in part, or tried without being stored. Each command is one synchronous
// block on the store; the CHECK that follows does the work.

import { fleetNameProblem } from "../fleet/label.ts";
import { mismatches } from "../fleet/mismatch.ts";
import type { FleetMode } from "../fleet/plan.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { unknownGpuNotes } from "../fleet/gpu-names.ts";
import { launchProblem } from "../fleet/launch-check.ts";
import { type FleetSpec, patchSpec, resolveSpec, type SpecPatch, type SpecRequest } from "../fleet/spec.ts";
import { beginSpend } from "../fleet/spend.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import type { Workload } from "../fleet/workload.ts";
import { holdsSecret } from "../log.ts";
import { planOnly } from "./check.ts";
import { publishCopy } from "./publish.ts";
import type { CheckDeps } from "./deps.ts";
import {
  confirmMismatch,
  existing,
  fingerprintOfFleet,
  launchRefusal,
  noSuchFleet,
  STATE_AFTER,
  touch,
} from "./fleet-access.ts";
import { documentOf, planDocument } from "./fleet-document.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { recordEvent } from "./history.ts";
import { underCheck } from "./observe.ts";
import { preflight } from "./preflight.ts";
import { endRollOut, rollOutOf, startRollOut } from "./roll-out-order.ts";
import type { Actor, DoorRefusal, DryPutAnswer, PutAnswer, SpecDiff, TryOptions, WriteOptions } from "./rpc.ts";

/** What `findWorkload` answered for the workload that `specOf` names. */
export type FoundWorkload = Result<Workload, DoorRefusal>;

/** The spec that a request means for the fleet as it is now: a part of it where `isPatch`, else the whole. */
export function specOf(deps: CheckDeps, fleet: string, request: SpecPatch, isPatch: boolean): FleetSpec {
  const before = existing(deps);
  return isPatch && before !== null
    ? patchSpec(before.spec, request)
    : resolveSpec(fleet, request, before?.spec ?? null);
}

export function put(
  deps: CheckDeps,
  fleet: string,
  request: SpecRequest,
  options: WriteOptions,
  found: FoundWorkload,
): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  const refusal = refuseWrite(deps, before, fleet, options);
  if (refusal !== null) return refusal;
  const spec = specOf(deps, fleet, request, false);
  return writeSpec(deps, { fleet, before, spec, mode: modeFor(before, spec, true), found }, options);
}

export function patch(
  deps: CheckDeps,
  change: SpecPatch,
  options: WriteOptions,
  found: FoundWorkload,
): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  const refusal = refuseWrite(deps, before, before.name, options);
  if (refusal !== null) return refusal;
  const spec = specOf(deps, before.name, change, true);
  const mode = modeFor(before, spec, change.target !== undefined);
  return writeSpec(deps, { fleet: before.name, before, spec, mode, found }, options);
}

function refuseWrite(
  deps: CheckDeps,
  before: FleetRecord | null,
  fleet: string,
  options: WriteOptions,
): { ok: false; error: DoorRefusal } | null {
  const { expectedVersion, confirmedFingerprint } = options;
  const problem = fleetNameProblem(fleet);
  if (problem !== null) return err({ code: "invalid-spec", detail: problem, hint: "choose another name" });
  if (
    confirmedFingerprint !== undefined &&
    before !== null &&
    confirmedFingerprint !== fingerprintOfFleet(deps, before)
  )
    return confirmMismatch();
  if (expectedVersion === null || expectedVersion === before?.version) return null;
  const version = before === null ? "the fleet does not exist" : `the fleet is at version ${before.version}`;
  return err({
    code: "version-mismatch",
    detail: `If-Match names version ${expectedVersion}, ${version}`,
    hint: "GET the fleet, look again, and send its ETag",
  });
}

/** A target of 0 is a way down; a fleet that is down and is given a target above 0 is active again, and by nothing else. */
function modeFor(before: FleetRecord | null, spec: FleetSpec, isTargetGiven: boolean): FleetMode {
  if (spec.target === 0) return "down";
  if (before === null) return "active";
  return before.mode === "down" && isTargetGiven ? "active" : before.mode;
}

/** Stores a spec; the CHECK that follows acts on it. */
function writeSpec(
  deps: CheckDeps,
  wanted: {
    readonly fleet: string;
    readonly before: FleetRecord | null;
    readonly spec: FleetSpec;
    readonly mode: FleetMode;
    readonly found: FoundWorkload;
  },
  { actor, rollOut }: WriteOptions,
): Result<PutAnswer, DoorRefusal> {
  const { fleet, before, spec, mode } = wanted;
  const launchable = launchableWith(fleet, spec, wanted.found);
  if (!launchable.ok) return launchable;
  if (rollOut === true && mode !== "active")
    return err({
      code: "invalid-spec",
      detail: `rollOut: the fleet is ${mode}, and replaces nothing`,
      hint: "resume it or give it a target, then order the roll-out",
    });
  const { store } = deps;
  const nowMs = deps.now();
  const diff = diffSpecs(before?.spec ?? null, spec);
  store.atomically(() => {
    const base = before ?? newRecord(deps, fleet, spec);
    const isSame = before !== null && diff.length === 0 && mode === before.mode;
    if (isSame) return orderRollOut(deps, mode, rollOut, actor);
    const record: FleetRecord = {
      ...base,
      spec,
      mode,
      state: mode === base.mode ? base.state : STATE_AFTER[mode],
      version: base.version + 1,
      scheduledChecks: 0,
      cadenceSeconds: spec.cadenceSeconds.ramp,
    };
    store.setFleet(record);
    store.setWorkload(launchable.value);
    touch(deps);
    // A name that was used before is a new fleet, with money of its own and no receiver that was another's.
    if (before === null) store.changeMemory({ spend: beginSpend(nowMs) }, nowMs);
    if (before === null) store.alerts.setTarget(null);
    recordEvent(
      store,
      { id: deps.newId(), fleet, nowMs },
      {
        kind: "spec",
        message: `${before === null ? "NEW FLEET" : "SPEC"} by ${actor.name}: ${before === null ? `target ${spec.target}, ${spec.weightsName}` : diff.map(({ field, to }) => `${field} → ${JSON.stringify(to)}`).join(", ")}`,
        evidence: { by: actor.name, version: record.version },
      },
    );
    orderRollOut(deps, mode, rollOut ?? false, actor);
    publishCopy(deps, record);
  });
  const { workers } = store.memory(nowMs);
  const mismatched = mismatches(workers, spec, fingerprintOf(spec, launchable.value));
  const notes = unknownGpuNotes(spec.gpus, launchable.value.gamesPerSecondByGpu);
  return ok({ created: before === null, fleet: documentOf(deps), diff, mismatched, notes });
}

/** Every write of a spec that does not ask for a roll-out ends the one before it; `undefined`: nothing was written. */
function orderRollOut(deps: CheckDeps, mode: FleetMode, wanted: boolean | undefined, actor: Actor): void {
  const version = deps.store.fleet()?.version ?? 0;
  const running = deps.store.memory(deps.now()).rollOut;
  if (wanted === true && mode === "active" && running?.specVersion !== version) startRollOut(deps, version, actor);
  if (wanted === false || mode !== "active") endRollOut(deps, actor);
}

/** The workload, where this fleet could launch it with this spec (design §5): asked before anything is stored or rented. */
function launchableWith(fleet: string, spec: FleetSpec, found: FoundWorkload): FoundWorkload {
  if (!found.ok) return found;
  if (found.value.name !== spec.workload) {
    const detail = "another request has changed the fleet's workload meanwhile";
    return err({ code: "version-mismatch", detail, hint: "GET the fleet, look again, and send it again" });
  }
  const secret = Object.entries(spec.workloadArguments).find(([, text]) => holdsSecret(text));
  const problem =
    secret === undefined
      ? // A target of 0 launches nothing, and no spec may stand in the way down.
        spec.target === 0
        ? null
        : launchProblem(fleet, spec, found.value)
      : { field: `workloadArguments.${secret[0]}`, detail: "looks like a secret, and this is shown to every reader" };
  return problem === null ? found : err(launchRefusal(problem));
}

function newRecord(deps: CheckDeps, name: string, spec: FleetSpec): FleetRecord {
  // A name that was used before keeps its numbering, so that an ETag of the old fleet does not fit the new one.
  const version = deps.store.fleet()?.version ?? 0;
  return {
    name,
    spec,
    mode: "active",
    version,
    createdAtMs: deps.now(),
    removedAtMs: null,
    provenVersion: null,
    checks: 0,
    scheduledChecks: 0,
    lastCheckAtMs: null,
    lastDueTickMs: null,
    lookAgainAtMs: null,
    cadenceSeconds: spec.cadenceSeconds.ramp,
    lastWriteAtMs: 0,
    checkWanted: false,
    state: "ramping",
    totals: { live: 0, producing: 0, usdPerHour: 0, gamesPerSecond: 0 },
    notes: [],
  };
}

function diffSpecs(before: FleetSpec | null, after: FleetSpec): SpecDiff[] {
  return Object.entries(after).flatMap(([field, to]) => {
    const from = before === null ? null : Object.entries(before).find(([name]) => name === field)?.[1];
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }];
  });
}

export async function planSpec(
  deps: CheckDeps,
  fleet: string,
  request: SpecRequest | SpecPatch,
  { isPatch, rollOut }: TryOptions,
  found: FoundWorkload,
): Promise<Result<DryPutAnswer, DoorRefusal>> {
  const before = existing(deps);
  if (isPatch && before === null) return noSuchFleet();
  const problem = fleetNameProblem(fleet);
  if (problem !== null) return err({ code: "invalid-spec", detail: problem, hint: "choose another name" });
  const spec = specOf(deps, fleet, request, isPatch);
  const launchable = launchableWith(fleet, spec, found);
  if (!launchable.ok) return launchable;
  const trial: CheckDeps = { ...deps, workload: () => launchable.value };
  const mode = modeFor(before, spec, request.target !== undefined);
  const tried = before === null ? { name: fleet, lastWriteAtMs: 0, lookAgainAtMs: null } : underCheck(before);
  const diff = diffSpecs(before?.spec ?? null, spec);
  const ordered = rollOut === true ? rollOutOf(deps, (before?.version ?? 0) + 1, { name: "dry run" }) : null;
  const isKept = rollOut === undefined && diff.length === 0;
  const plan = await planOnly(
    trial,
    { ...tried, spec, mode, cadenceSeconds: spec.cadenceSeconds.ramp },
    isKept ? {} : { rollOut: ordered, drought: null, rentedAtMs: [] },
  );
  const checks = await preflight(trial, fleet, spec, plan);
  const notes = unknownGpuNotes(spec.gpus, launchable.value.gamesPerSecondByGpu);
  return ok({ spec, diff, plan: planDocument(plan), preflight: checks, notes });
}
