// Boxes on the account that no fleet of this keeper owns (design rule 2): shown with what they cost, touched only where a
// person says so. All of it is read from the last proven list and from what the fleets tell after each CHECK.

import { billedUsdPerHour } from "../fleet/billing.ts";
import { newDebt } from "../fleet/debts.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { stableHash } from "../fleet/stable-hash.ts";
import { type Ownership, ownershipOf } from "../fleet/stray.ts";
import type { AccountStore, BoxRow } from "./account-store.ts";
import type { Actor, BoxFacts, DoorRefusal, StrayDocument } from "./rpc.ts";

type Store = Pick<
  AccountStore,
  "boxes" | "box" | "fleets" | "keeperId" | "ignoredStrays" | "strayDebts" | "strayWatched"
>;

/** An ignored box that no list has shown for this long is forgotten. */
const IGNORED_KEPT_MS = 7 * 86_400_000;

/** Whose each box is. The fleets are read once for all boxes: an account may have a hundred of one and a thousand of the other. */
function ownersOf(store: Store): (box: BoxRow) => Ownership {
  const fleets = new Map(store.fleets().map(({ name, adopted }) => [name, new Set(adopted)]));
  const keeperId = store.keeperId();
  return (box) => ownershipOf(box, keeperId, fleets);
}

export function boxFacts(store: Store, instanceId: number): BoxFacts | null {
  const box = store.box(instanceId);
  if (box === null) return null;
  const { label, gpu, status, usdPerHour, startedAtMs, ssh } = box;
  const { fleet, why } = ownersOf(store)(box);
  const isEnding = store.strayDebts.get(String(instanceId)) !== null;
  return { instanceId, label, gpu, status, usdPerHour, startedAtMs, ssh, fleet, strayWhy: why, isEnding };
}

export function strayDocuments(store: Store, nowMs: number): readonly StrayDocument[] {
  const ownerOf = ownersOf(store);
  return store.boxes().flatMap((box): StrayDocument[] => {
    const { fleet, why } = ownerOf(box);
    if (fleet !== null) return [];
    const { instanceId, label, gpu, status, startedAtMs } = box;
    const debt = store.strayDebts.get(String(instanceId));
    return [
      {
        instanceId,
        label,
        gpu,
        status: status ?? "provisioning",
        usdPerHour: billedUsdPerHour(box),
        ageSeconds: startedAtMs === null ? null : Math.max(0, Math.round((nowMs - startedAtMs) / 1000)),
        why,
        ignored: store.ignoredStrays.get(String(instanceId)) !== null,
        destroying: debt === null ? null : { attempts: debt.attempts, lastError: debt.lastError },
      },
    ];
  });
}

/** What strays cost that nobody has said to ignore. */
export function strayTotal(strays: readonly StrayDocument[]): { readonly strays: number; readonly usdPerHour: number } {
  const counted = strays.filter(({ ignored }) => !ignored);
  return {
    strays: counted.length,
    usdPerHour: counted.reduce((sum, { usdPerHour }) => sum + (usdPerHour ?? 0), 0),
  };
}

/** The box, or that there is none of that number. */
export function boxOf(store: Store, instanceId: number): Result<BoxFacts, DoorRefusal> {
  const box = boxFacts(store, instanceId);
  return box === null ? noSuchInstance(instanceId) : ok(box);
}

/** The stray, or why there is none of that number. */
export function strayOf(store: Store, instanceId: number): Result<BoxFacts, DoorRefusal> {
  const box = boxFacts(store, instanceId);
  if (box === null) return noSuchInstance(instanceId);
  if (box.fleet === null) return ok(box);
  return err({
    code: "not-a-stray",
    detail: `instance ${instanceId} is a box of fleet ${box.fleet}`,
    hint: `DELETE /api/instances/${instanceId} ends it, POST /api/fleets/${box.fleet}/workers/{slot}/replace replaces it`,
  });
}

export function noSuchInstance(instanceId: number): { readonly ok: false; readonly error: DoorRefusal } {
  return err({
    code: "no-such-instance",
    detail: `the last list of the account does not show instance ${instanceId}`,
    hint: "GET /api/status and GET /api/strays list the instances; one rented seconds ago may not be listed yet",
  });
}

/** What a confirmation to end it is given for. */
export function strayFingerprint({ instanceId, label, isEnding }: BoxFacts): string {
  return stableHash(JSON.stringify(["stray", instanceId, label, isEnding]));
}

/** Writes the debt down; whoever holds a proven list pays it. */
export function oweStray(store: Store, instanceId: number, { name }: Actor, nowMs: number): void {
  const box = store.box(instanceId);
  if (box === null || store.strayDebts.get(String(instanceId)) !== null) return;
  store.strayDebts.put(String(instanceId), newDebt({ ...box, machineId: null }, null, `ordered by ${name}`, nowMs));
}

export function setIgnored(store: Store, instanceId: number, isIgnored: boolean, { name }: Actor, atMs: number): void {
  if (isIgnored) store.ignoredStrays.put(String(instanceId), { by: name, atMs });
  else store.ignoredStrays.delete(String(instanceId));
}

export function forgetIgnored(store: Store, nowMs: number): void {
  for (const [key, { atMs }] of store.ignoredStrays.entries())
    if (nowMs - atMs > IGNORED_KEPT_MS && store.box(Number(key)) === null) store.ignoredStrays.delete(key);
}
