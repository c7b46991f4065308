// A stray becomes a fleet's (design rule 2): a person says so, the box gets the label of the lowest free slot, and the
// fleet owns it although another keeper's mark is on it.
//
// The adoption is written before the call. A crash or a lost answer in between leaves it standing: with the old label the
// box stays a stray, with the new one it is the fleet's. The lease is held meanwhile, so that no CHECK rents into the slot.

import { formatLabel } from "../fleet/label.ts";
import { mismatchOf } from "../fleet/mismatch.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { freeSlots } from "../fleet/slots.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import type { CheckDeps } from "./deps.ts";
import { existing, noSuchFleet, touch } from "./fleet-access.ts";
import { documentOf } from "./fleet-document.ts";
import { type FleetRecord, LEASE_MS } from "./fleet-record.ts";
import { recordEvent } from "./history.ts";
import type { Actor, AdoptAnswer, BoxFacts, DoorRefusal } from "./rpc.ts";

/** As long as a door may take (design §6). */
const LEASE_WAIT_MS = 8_000;
const LEASE_LOOK_MS = 250;

export interface Adopted {
  readonly slot: number;
  readonly label: string;
  readonly lines: readonly string[];
  /** False where it is one box too many: then nothing hastens the CHECK that gives one up. */
  readonly hasRoom: boolean;
}

export async function adoptStray(
  deps: CheckDeps,
  stray: BoxFacts,
  actor: Actor,
): Promise<Result<Adopted, DoorRefusal>> {
  const { store } = deps;
  const leaseId = deps.newId();
  if (!(await takeLease(deps, leaseId))) {
    const detail = "a CHECK of this fleet is running and may rent into the slot";
    return err({ code: "check-running", detail, hint: "ask again in a few seconds" });
  }
  try {
    const record = existing(deps);
    if (record === null) return noSuchFleet();
    if (record.mode === "down") {
      const detail = "a fleet that is down destroys what bears its label";
      return err({ code: "fleet-is-down", detail, hint: "name another fleet, or give this one a target first" });
    }
    if (stray.isEnding || store.debt(stray.instanceId) !== null) {
      const detail = `instance ${stray.instanceId} has been ordered to go`;
      return err({ code: "stray-is-ending", detail, hint: "GET /api/strays shows how far it is" });
    }
    return await relabel(deps, record, stray, actor);
  } finally {
    store.dropLease(leaseId);
    if (store.fleet()?.checkWanted === true) store.timers.setNoLater("check", deps.now() + 1);
  }
}

async function takeLease({ store, now, sleep }: CheckDeps, id: string): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= LEASE_WAIT_MS; waitedMs += LEASE_LOOK_MS) {
    if (store.takeLease({ id, untilMs: now() + LEASE_MS }, now())) return true;
    await sleep(LEASE_LOOK_MS);
  }
  return false;
}

async function relabel(
  deps: CheckDeps,
  record: FleetRecord,
  stray: BoxFacts,
  actor: Actor,
): Promise<Result<Adopted, DoorRefusal>> {
  const { store } = deps;
  const { instanceId } = stray;
  const before = store.memory(deps.now());
  const [slot = 0] = freeSlots(1, before.workers, before.intents);
  const label = formatLabel(record.name, slot);
  const others = before.adopted.filter((known) => known.instanceId !== instanceId);
  store.setMemory({
    ...before,
    adopted: [...others, { instanceId, by: actor.name, atMs: deps.now() }],
    watched: before.watched.filter((known) => known.instanceId !== instanceId),
  });
  // Before the call as well: where its answer dies with the account's object, an older list must not show the slot free.
  store.changeFleet({ lastWriteAtMs: deps.now() });
  const answer = await deps.account.relabel(instanceId, label);
  store.changeFleet({ lastWriteAtMs: deps.now() });
  if (answer.kind === "refused") {
    store.changeMemory({ adopted: before.adopted }, deps.now());
    const detail = `instance ${instanceId} keeps its label: ${answer.reason}`;
    return err({ code: "market-unreachable", detail, hint: "nothing has changed; ask again in a minute" });
  }
  store.atomically(() => {
    touch(deps);
    recordEvent(
      store,
      { id: deps.newId(), fleet: record.name, nowMs: deps.now() },
      {
        kind: "adopt",
        message: `ADOPT: instance ${instanceId} becomes worker ${slot}, by ${actor.name}`,
        slot,
        instanceId,
        evidence: { by: actor.name, labelBefore: stray.label, why: stray.strayWhy },
      },
    );
  });
  const occupied = before.workers.length + before.intents.length;
  const hasRoom = occupied < record.spec.target;
  const lost =
    answer.kind === "unknown" ? [`The market's answer was lost (${answer.reason}): the next list tells.`] : [];
  const full = hasRoom
    ? []
    : [
        `The target stays at ${record.spec.target} and ${occupied} are there: the next CHECK gives up the worst, which may be this one. Raise the target to keep all.`,
      ];
  return ok({
    slot,
    label,
    hasRoom,
    lines: [
      `Instance ${instanceId} becomes worker ${slot} of ${record.name} (${label}).`,
      ...lost,
      ...full,
      ...misfit(deps, record, stray),
    ],
  });
}

function misfit({ workload }: CheckDeps, { spec }: FleetRecord, stray: BoxFacts): readonly string[] {
  const why = mismatchOf({ ...stray, fingerprint: null }, spec, fingerprintOf(spec, workload()));
  if (why === null) return [];
  return [`It does not match the spec: ${why}. What is over the price cap is replaced by the next CHECK.`];
}

export function adoptAnswer(deps: CheckDeps, { instanceId }: BoxFacts, adopted: Adopted): AdoptAnswer {
  const { slot, label, lines } = adopted;
  return { fleet: documentOf(deps), instanceId, slot, label, lines };
}
