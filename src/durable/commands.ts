// What people and programs ask of a fleet: its spec, its mode, launches and the way down. Each command is one synchronous
// block on the store; the CHECK that follows does the work.

import {
  actionDocuments,
  debtDocuments,
  type FleetDocument,
  intentDocuments,
  type PlanDocument,
  workerDocuments,
} from "../fleet/document.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import { roundPrice } from "../fleet/offer.ts";
import type { FleetMode, Plan } from "../fleet/plan.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import {
  type FleetSpec,
  normaliseGpu,
  patchSpec,
  resolveSpec,
  type SpecPatch,
  type SpecRequest,
} from "../fleet/spec.ts";
import { stableHash } from "../fleet/stable-hash.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import { uploadIntervalProblem } from "../fleet/upload-interval.ts";
import { planOnly, publishCopy } from "./check.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetRecord } from "./fleet-store.ts";
import { recordEvent } from "./history.ts";
import { underCheck } from "./observe.ts";
import type {
  Actor,
  DoorRefusal,
  DownPreview,
  DryPutAnswer,
  LaunchAnswer,
  PutAnswer,
  SpecDiff,
  UpRequest,
  WriteOptions,
} from "./rpc.ts";

export function noSuchFleet(): { readonly ok: false; readonly error: DoorRefusal } {
  return err({
    code: "fleet-not-found",
    detail: "there is no fleet of this name",
    hint: "PUT /api/fleets/{fleet} makes one; GET /api/fleets lists those that exist",
  });
}

/** The fleet, unless it was removed. */
function existing({ store }: CheckDeps): FleetRecord | null {
  const record = store.fleet();
  return record === null || record.removedAtMs !== null ? null : record;
}

// --- the spec ---------------------------------------------------------------------------------------------------------

export function put(
  deps: CheckDeps,
  fleet: string,
  request: SpecRequest,
  options: WriteOptions,
): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  const refusal = refuseWrite(deps, before, fleet, options);
  if (refusal !== null) return refusal;
  return writeSpec(deps, fleet, before, resolveSpec(fleet, request, before?.spec ?? null), options.actor);
}

export function patch(deps: CheckDeps, change: SpecPatch, options: WriteOptions): Result<PutAnswer, DoorRefusal> {
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  const refusal = refuseWrite(deps, before, before.name, options);
  if (refusal !== null) return refusal;
  return writeSpec(deps, before.name, before, patchSpec(before.spec, change), options.actor);
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

function confirmMismatch(): { readonly ok: false; readonly error: DoorRefusal } {
  return err({
    code: "confirm-mismatch",
    detail: "the fleet has changed since it was shown",
    hint: "ask again, look at the list, and confirm with the new value",
  });
}

/** A target of 0 is a way down; a fleet that is down and gets a target above 0 is active again. */
function modeFor(before: FleetRecord | null, spec: FleetSpec): FleetMode {
  if (spec.target === 0) return "down";
  return before === null || before.mode === "down" ? "active" : before.mode;
}

/** What a fleet shows between a change of mode and the CHECK that follows. */
const STATE_AFTER: Readonly<Record<FleetMode, FleetRecord["state"]>> = {
  active: "ramping",
  paused: "paused",
  down: "draining",
};

/** Stores a spec; the CHECK that follows acts on it. */
function writeSpec(
  deps: CheckDeps,
  fleet: string,
  before: FleetRecord | null,
  spec: FleetSpec,
  actor: Actor,
): Result<PutAnswer, DoorRefusal> {
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
  const mode = modeFor(before, spec);
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

/** A change of what the fleet should be: the ramp cadence begins anew, and a search that found nothing is tried again. */
function touch({ store, now }: CheckDeps): void {
  const { rentedAtMs, filledTarget, blindSinceMs } = store.memory(now());
  store.setScalars({ rentedAtMs, filledTarget, blindSinceMs, changedAtMs: now(), drought: null });
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
      cap !== null && usdPerHour !== null && roundPrice(usdPerHour) > cap
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
  const mode = modeFor(before, spec);
  const tried = before === null ? { name: fleet, lastWriteAtMs: 0 } : underCheck(before);
  const plan = await planOnly(deps, { ...tried, spec, mode, cadenceSeconds: spec.cadenceSeconds.ramp });
  return ok({ spec, diff: diffSpecs(before?.spec ?? null, spec), plan: planDocument(plan) });
}

// --- launches ---------------------------------------------------------------------------------------------------------

/** What an `up` has changed before its CHECK runs. */
export interface LaunchStart {
  readonly target: number;
  readonly knownIntents: readonly string[];
  readonly wanted: number;
}

/** New or down fleet: target = count; else target = max(target, live + count). */
export function up(
  deps: CheckDeps,
  fleet: string,
  { count, gpu, preset }: UpRequest,
  actor: Actor,
): Result<LaunchStart, DoorRefusal> {
  const before = existing(deps);
  const live = deps.store.memory(deps.now()).workers.length;
  const target = before === null || before.mode === "down" ? count : Math.max(before.spec.target, live + count);
  const change: SpecPatch = {
    target,
    ...(gpu === undefined ? {} : { gpus: [normaliseGpu(gpu)] }),
    ...(preset === undefined ? {} : { preset }),
  };
  return startLaunch(deps, target, () => {
    const options = { actor, expectedVersion: null };
    return before === null ? put(deps, fleet, { ...change, target }, options) : patch(deps, change, options);
  });
}

/** target = max(target, count); a fleet that is down starts again with count. */
export function replenish(deps: CheckDeps, count: number, actor: Actor): Result<LaunchStart, DoorRefusal> {
  const before = existing(deps);
  if (before === null) return noSuchFleet();
  const target = before.mode === "down" ? count : Math.max(before.spec.target, count);
  return startLaunch(deps, target, () => patch(deps, { target }, { actor, expectedVersion: null }));
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
  return ok({ target, wanted, knownIntents: memory.intents.map(({ id }) => id) });
}

/** The runbook's lines (§1, "Expected output"), from the intents that the CHECK has made so far. */
export function launchAnswer(deps: CheckDeps, started: LaunchStart, isUnfinished: boolean): LaunchAnswer {
  const fleet = documentOf(deps);
  const made = fleet.intents.filter(({ id }) => !started.knownIntents.includes(id));
  const workers = made.flatMap(({ slot, gpu, usdPerHour, offerId, instanceId, state }) => [
    `  Worker ${slot}: ${gpu} @ $${usdPerHour.toFixed(3)}/hr (offer ${offerId})`,
    instanceId === null
      ? `    ${state === "unknown" ? "the answer was lost; the list will tell" : "asked for"}.`
      : `    started. {'success': True, 'new_contract': ${instanceId}}`,
  ]);
  const head =
    started.wanted === 0
      ? [`Nothing to launch: ${fleet.totals.live} workers are up, target ${started.target}.`]
      : [`Searching for ${started.wanted} best offers...`, `Launching ${made.length} of ${started.wanted} workers...`];
  const tail = made.length > 0 ? ["Workers will take 3-5 min to start generating."] : [];
  return {
    fleet,
    target: started.target,
    lines: [...head, ...workers, ...fleet.notes.map((note) => `  Note: ${note}`), ...tail],
    isUnfinished,
  };
}

// --- modes ------------------------------------------------------------------------------------------------------------

export function previewDown(deps: CheckDeps): Result<DownPreview, DoorRefusal> {
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  const memory = deps.store.memory(deps.now());
  return ok({
    fleet: record.name,
    fingerprint: fingerprintOfFleet(deps, record),
    workers: workerDocuments(memory, deps.now()),
    intents: intentDocuments(memory.intents, deps.now()),
  });
}

/** What a confirmation was given for: the spec version, the boxes and the open rents. */
function fingerprintOfFleet({ store, now }: CheckDeps, { name, version }: FleetRecord): string {
  const { workers, intents } = store.memory(now());
  const boxes = workers.map(({ instanceId }) => instanceId).toSorted((a, b) => a - b);
  return stableHash(JSON.stringify([name, version, boxes, intents.map(({ id }) => id).toSorted()]));
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
  const isProven =
    record.checks > 0 && (record.state === "down" || (record.spec.target === 0 && record.state === "steady"));
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

// --- documents --------------------------------------------------------------------------------------------------------

export function documentOf({ store, now }: CheckDeps): FleetDocument {
  const record = store.fleet();
  if (record === null) throw new Error("a fleet that does not exist was asked for its document");
  const memory: FleetMemory = store.memory(now());
  const { name, mode, state, spec, version, checks, lastCheckAtMs, lookAgainAtMs, totals, notes } = record;
  return {
    name,
    mode,
    state,
    spec,
    specVersion: version,
    checks,
    totals,
    notes,
    lastCheckAt: isoTime(lastCheckAtMs),
    lookAgainAt: isoTime(lookAgainAtMs),
    workers: workerDocuments(memory, now()),
    intents: intentDocuments(memory.intents, now()),
    debts: debtDocuments(memory.debts, now()),
  };
}

export function planDocument(plan: Plan): PlanDocument {
  return {
    actions: actionDocuments(plan.actions),
    state: plan.state,
    lookAgainAt: new Date(plan.lookAgainAtMs).toISOString(),
    notes: plan.notes,
  };
}

function isoTime(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
