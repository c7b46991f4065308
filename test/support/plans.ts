// What a plan is expected to be. `aPlan` is the plan of a quiet fleet; a test names what its story adds.

import type { DestroyAction, DestroyCause, Plan, RentAction } from "../../src/fleet/plan.ts";
import type { Offer } from "../../src/fleet/offer.ts";
import type { Debt } from "../../src/fleet/memory.ts";
import type { ProvenList } from "../../src/fleet/sweep.ts";
import { aDebt, aMemory, aRanked, FLEET, NOW, SECOND } from "./builders.ts";

export function aPlan(changes: Partial<Plan> = {}): Plan {
  return {
    actions: [],
    spareOffers: [],
    state: "ramping",
    totals: { live: 0, producing: 0, usdPerHour: 0, gamesPerSecond: 0 },
    memory: aMemory(),
    met: [],
    needs: { confirm: [], account: false, offers: false, rates: false, logs: [] },
    lookAgainAtMs: NOW + 60 * SECOND,
    isEarly: false,
    cadenceSeconds: 60,
    projectedCommitsPerHour: null,
    notes: [],
    ...changes,
  };
}

/** A rent of one of several missing slots, at a type that gives 2.4 games/s. */
export function aRentOf(slot: number, offer: Offer, missing: number, target: number, proof: ProvenList): RentAction {
  const ranked = aRanked(offer);
  return {
    kind: "rent",
    slot,
    label: `${FLEET}-worker-vast-${slot}`,
    offer: ranked,
    reason: `${missing} of ${target} missing; slot ${slot} is free`,
    evidence: {
      offerId: offer.offerId,
      machineId: offer.machineId,
      gpu: offer.gpu,
      usdPerHour: offer.usdPerHour,
      expectedGamesPerSecond: 2.4,
      usdPerGamePerSecond: ranked.usdPerGamePerSecond,
    },
    proof,
  };
}

/** A destroy of the box that `aWorker` remembers for the slot. */
export function aDestroyOf(
  slot: number,
  cause: DestroyCause,
  reason: string,
  evidence: DestroyAction["evidence"],
  proof: ProvenList,
): DestroyAction {
  const facts = { machineId: 100 + slot, gpu: "RTX 3070", usdPerHour: 0.072 };
  return { kind: "destroy", slot, instanceId: 1000 + slot, cause, reason, evidence: { ...facts, ...evidence }, proof };
}

/** The debt that such a destroy leaves before its call has been made. */
export function aNewDebtOf(slot: number, reason: string): Debt {
  return aDebt({
    instanceId: 1000 + slot,
    slot,
    label: `${FLEET}-worker-vast-${slot}`,
    machineId: 100 + slot,
    reason,
    createdAtMs: NOW,
    lastAttemptAtMs: null,
    attempts: 0,
    isAccepted: false,
  });
}

type Brief = readonly [kind: string, slotOrId: number | null, why?: string];

/** A plan's actions in short: rents by slot, everything else by instance, destroys with their cause. */
export function inShort({ actions }: Pick<Plan, "actions">): Brief[] {
  return actions.map((action): Brief => {
    if (action.kind === "rent") return ["rent", action.slot];
    return action.kind === "destroy" ? ["destroy", action.instanceId, action.cause] : [action.kind, action.instanceId];
  });
}
