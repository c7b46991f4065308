// What a fleet should be: its spec set whole, set in part, or tried without being stored. Each command is one synchronous
// block on the store; the CHECK that follows does the work.

import { fleetNameProblem } from "../fleet/label.ts";
import { isOverCap, roundPrice } from "../fleet/offer.ts";
import type { FleetMode } from "../fleet/plan.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { type FleetSpec, patchSpec, resolveSpec, type SpecPatch, type SpecRequest } from "../fleet/spec.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import { uploadIntervalProblem } from "../fleet/upload-interval.ts";
import { planOnly, publishCopy } from "./check.ts";
import type { CheckDeps } from "./deps.ts";
import { confirmMismatch, existing, fingerprintOfFleet, noSuchFleet, STATE_AFTER, touch } from "./fleet-access.ts";
import { documentOf, planDocument } from "./fleet-document.ts";
import type { FleetRecord } from "./fleet-store.ts";
import { recordEvent } from "./history.ts";
import { underCheck } from "./observe.ts";
import type { Actor, DoorRefusal, DryPutAnswer, PutAnswer, SpecDiff, WriteOptions } from "./rpc.ts";

export function put(
  deps: CheckDeps,
  fleet: string,
  request: SpecRequest,
  options: WriteOptions,
): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  const refusal = refuseWrite(deps, before, fleet, options);
  if (refusal !== null) return refusal;
  const spec = resolveSpec(fleet, request, before?.spec ?? null);
  return writeSpec(deps, { fleet, before, spec, mode: modeFor(before, spec, true) }, options.actor);
}

export function patch(deps: CheckDeps, change: SpecPatch, options: WriteOptions): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  const refusal = refuseWrite(deps, before, before.name, options);
  if (refusal !== null) return refusal;
  const spec = patchSpec(before.spec, change);
  const mode = modeFor(before, spec, change.target !== undefined);
  return writeSpec(deps, { fleet: before.name, before, spec, mode }, options.actor);
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
  },
  actor: Actor,
): Result<PutAnswer, DoorRefusal> {
  const { fleet, before, spec, mode } = wanted;
  const interval = uploadIntervalProblem(spec.target, spec.uploadIntervalSeconds);
  if (interval !== null)
    return err({
      code: "invalid-spec",
      detail: `uploadIntervalSeconds: ${interval}`,
      hint: "leave it out: the interval is computed",
    });
  const { store } = deps;
  const nowMs = deps.now();
  const diff = diffSpecs(before?.spec ?? null, spec);
  store.atomically(() => {
    const base = before ?? newRecord(deps, fleet, spec);
    if (before !== null && diff.length === 0 && mode === before.mode) return;
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
    touch(deps);
    recordEvent(
      store,
      { id: deps.newId(), fleet, nowMs },
      {
        kind: "spec",
        message: `${before === null ? "NEW FLEET" : "SPEC"} by ${actor.name}: ${before === null ? `target ${spec.target}, ${spec.weightsName}` : diff.map(({ field, to }) => `${field} → ${JSON.stringify(to)}`).join(", ")}`,
        evidence: { by: actor.name, version: record.version },
      },
    );
    publishCopy(deps, record);
  });
  return ok({ created: before === null, fleet: documentOf(deps), diff, mismatched: mismatches(deps, spec) });
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
    lastTickMs: null,
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

/** Live boxes that this spec would not have rented. They stay; the cost guard alone acts by itself. */
function mismatches({ store, now, workload }: CheckDeps, spec: FleetSpec): PutAnswer["mismatched"] {
  const fingerprint = fingerprintOf(spec, workload);
  return store.memory(now()).workers.flatMap(({ slot, instanceId, gpu, usdPerHour, fingerprint: own }) => {
    const cap = spec.maxPriceUsdPerHour;
    const reasons = [
      gpu !== null && !spec.gpus.includes(gpu) ? `GPU ${gpu} is not in the list` : null,
      cap !== null && usdPerHour !== null && isOverCap(usdPerHour, cap)
        ? `$${roundPrice(usdPerHour)}/hr is over the cap`
        : null,
      own !== null && own !== fingerprint ? "runs another image, commit, script or weights" : null,
    ].filter((reason) => reason !== null);
    return reasons.length === 0 ? [] : [{ slot, instanceId, why: reasons.join("; ") }];
  });
}

export async function planSpec(
  deps: CheckDeps,
  fleet: string,
  request: SpecRequest | SpecPatch,
  isPatch: boolean,
): Promise<Result<DryPutAnswer, DoorRefusal>> {
  const before = existing(deps);
  if (isPatch && before === null) return noSuchFleet();
  const problem = fleetNameProblem(fleet);
  if (problem !== null) return err({ code: "invalid-spec", detail: problem, hint: "choose another name" });
  const spec =
    isPatch && before !== null ? patchSpec(before.spec, request) : resolveSpec(fleet, request, before?.spec ?? null);
  const mode = modeFor(before, spec, request.target !== undefined);
  const tried = before === null ? { name: fleet, lastWriteAtMs: 0 } : underCheck(before);
  const plan = await planOnly(deps, { ...tried, spec, mode, cadenceSeconds: spec.cadenceSeconds.ramp });
  return ok({ spec, diff: diffSpecs(before?.spec ?? null, spec), plan: planDocument(plan) });
}
