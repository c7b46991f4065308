// One box by hand: ended, replaced, logged in to (design §6). A door has no proven list, so it only writes the order down;
// the CHECK that follows carries it out.

import { verdictWords } from "../fleet/check-line.ts";
import type { WorkerDocument } from "../fleet/document.ts";
import type { WorkerMemory } from "../fleet/memory.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { sshAdvice } from "../fleet/ssh-advice.ts";
import type { CheckDeps } from "./deps.ts";
import { existing, noSuchFleet, touch } from "./fleet-access.ts";
import { documentOf, shownWorkers } from "./fleet-document.ts";
import { recordEvent } from "./history.ts";
import { rentLines } from "./launch-commands.ts";
import type { Actor, ByHandAnswer, DoorRefusal, SshAnswer, WorkerRef } from "./rpc.ts";
import { patch } from "./spec-commands.ts";
import { noSuchInstance } from "./strays.ts";

/** What has been ordered before the CHECK runs. */
export interface ByHandStart {
  readonly ended: readonly WorkerDocument[];
  readonly knownIntents: readonly string[];
  /** What to say besides, in words. */
  readonly remarks: readonly string[];
}

/** Every box of the slot goes; the target stays, so that the CHECK rents anew. */
export function orderReplace(deps: CheckDeps, slot: number, actor: Actor): Result<ByHandStart, DoorRefusal> {
  if (existing(deps) === null) return noSuchFleet();
  const workers = deps.store.memory(deps.now()).workers.filter((worker) => worker.slot === slot);
  return workers.length === 0 ? noSuchWorker(deps, slot) : ok(order(deps, workers, actor));
}

/** A box that is going already is no second order: a request sent twice does not lower the target twice. */
export function orderEnd(
  deps: CheckDeps,
  instanceId: number,
  isShrink: boolean,
  actor: Actor,
): Result<ByHandStart, DoorRefusal> {
  const record = existing(deps);
  if (record === null) return noSuchFleet();
  const worker = deps.store.worker(instanceId);
  const isOrdered = deps.store.memory(deps.now()).orders.some((known) => known.instanceId === instanceId);
  if (isOrdered || deps.store.debt(instanceId) !== null) {
    const stays = isShrink ? [`The target stays at ${record.spec.target}: PATCH lowers it.`] : [];
    return ok(
      startOf(deps, worker === null ? [] : [worker], [`Instance ${instanceId} is being ended already.`, ...stays]),
    );
  }
  if (worker === null) return noSuchInstance(instanceId);
  const isLowered = isShrink && record.mode !== "down" && record.spec.target > 0;
  if (!isLowered) return ok(order(deps, [worker], actor));
  const target = record.spec.target - 1;
  // A target of 0 is a way down, and takes every box with it: more than was asked for.
  const others = target === 0 ? countOthers(deps, instanceId) : 0;
  if (others > 0) {
    const stays = `The target stays at ${record.spec.target}: 0 would end ${others} more. POST …/down ends them all.`;
    return ok(order(deps, [worker], actor, [stays]));
  }
  const lowered = patch(deps, { target }, { actor, expectedVersion: null }, ok(deps.workload()));
  return lowered.ok ? ok(order(deps, [worker], actor, [`Target is now ${target}.`])) : lowered;
}

/** Boxes of the fleet that nobody has ended, and rents on their way, but for this one. */
function countOthers({ store, now }: CheckDeps, instanceId: number): number {
  const { workers, intents, debts, orders } = store.memory(now());
  const going = new Set([instanceId, ...[...debts, ...orders].map((one) => one.instanceId)]);
  return workers.filter((worker) => !going.has(worker.instanceId)).length + intents.length;
}

function order(
  deps: CheckDeps,
  workers: readonly WorkerMemory[],
  { name: by }: Actor,
  remarks: readonly string[] = [],
): ByHandStart {
  const { store } = deps;
  const atMs = deps.now();
  const started = startOf(deps, workers, remarks);
  store.atomically(() => {
    const { orders } = store.memory(atMs);
    const fresh = workers.filter((worker) => !orders.some(({ instanceId }) => instanceId === worker.instanceId));
    const added = fresh.map(({ instanceId, slot }) => ({ instanceId, slot, by, atMs }));
    touch(deps);
    store.changeMemory({ orders: [...orders, ...added] }, atMs);
    for (const { instanceId, slot, machineId } of fresh) {
      recordEvent(
        store,
        { id: deps.newId(), fleet: store.fleet()?.name ?? "", nowMs: atMs },
        {
          kind: "order",
          message: `BY HAND: ${by} ordered worker ${slot} (instance ${instanceId}) to go`,
          slot,
          instanceId,
          machineId,
          evidence: { by },
        },
      );
    }
  });
  return started;
}

function startOf(deps: CheckDeps, workers: readonly WorkerMemory[], remarks: readonly string[]): ByHandStart {
  const memory = deps.store.memory(deps.now());
  const ended = shownWorkers(deps, { ...memory, workers });
  return { ended, knownIntents: memory.intents.map(({ id }) => id), remarks };
}

/** What became of it so far, in lines like the runbook's (§5, "Replace a Dead Worker"). */
export function byHandAnswer(deps: CheckDeps, started: ByHandStart, isCheckRunning: boolean): ByHandAnswer {
  const fleet = documentOf(deps);
  const made = fleet.intents.filter(({ id }) => !started.knownIntents.includes(id));
  const waiting = started.ended.filter(({ instanceId }) =>
    fleet.orders.some((known) => known.instanceId === instanceId),
  );
  const ends = started.ended.flatMap((worker) => [
    `Destroying worker ${worker.slot}: instance ${worker.instanceId} (${describeBox(worker)})...`,
    `  ${fateOf(deps, worker.instanceId)}`,
  ]);
  return {
    fleet,
    ended: started.ended,
    target: fleet.spec.target,
    lines: [
      ...started.remarks,
      ...ends,
      ...(made.length === 0 ? [] : ["Launching a replacement..."]),
      ...rentLines(made),
      ...fleet.notes.map((note) => `  Note: ${note}`),
    ],
    isUnfinished: isCheckRunning || waiting.length > 0,
  };
}

function describeBox({ gpu, usdPerHour, verdict, detail }: WorkerDocument): string {
  const price = usdPerHour === null ? "" : ` @ $${usdPerHour.toFixed(3)}/hr`;
  return `${gpu ?? "GPU"}${price}, ${verdictWords[verdict]}: ${detail}`;
}

function fateOf({ store, now }: CheckDeps, instanceId: number): string {
  const debt = store.debt(instanceId);
  if (debt === null) {
    const isWaiting = store.memory(now()).orders.some((known) => known.instanceId === instanceId);
    return isWaiting ? "waits for a proven list that shows it; nothing is destroyed before." : "gone.";
  }
  if (debt.lastError !== null) return `not destroyed yet (${debt.lastError}); it is tried again at every CHECK.`;
  return debt.attempts === 0 ? "the call goes out now." : "destroyed; the next lists prove it gone.";
}

export function sshOf(deps: CheckDeps, ref: WorkerRef): Result<SshAnswer, DoorRefusal> {
  if (existing(deps) === null) return noSuchFleet();
  const { workers } = deps.store.memory(deps.now());
  const worker = workers.find((one) => ("slot" in ref ? one.slot === ref.slot : one.instanceId === ref.instanceId));
  if (worker === undefined) return "slot" in ref ? noSuchWorker(deps, ref.slot) : noSuchInstance(ref.instanceId);
  const { instanceId, label, status, ssh, reportAtMs } = worker;
  const log = reportAtMs === null ? null : worker;
  return ok({ instanceId, label, status: status ?? "provisioning", ...sshAdvice({ status, ssh, log }) });
}

function noSuchWorker(deps: CheckDeps, slot: number): { readonly ok: false; readonly error: DoorRefusal } {
  const { workers, intents } = deps.store.memory(deps.now());
  const isRenting = intents.some((intent) => intent.slot === slot);
  const slots = [...new Set(workers.map((worker) => worker.slot))].toSorted((a, b) => a - b);
  return err({
    code: "worker-not-found",
    detail: isRenting ? `the rent of slot ${slot} is not in the list yet` : `no box is in slot ${slot}`,
    hint: slots.length === 0 ? "the fleet has no boxes" : `slots with a box: ${slots.join(", ")}`,
  });
}
