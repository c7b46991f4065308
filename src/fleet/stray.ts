// Whose a box of the account is (design rule 2): a fleet's, or a stray that no CHECK touches.

import type { Instance } from "./instance.ts";
import { parseLabel } from "./label.ts";
import type { FleetMemory } from "./memory.ts";

type Marked = Pick<Instance, "instanceId" | "label" | "keeperId">;

/** Another deployment's mark is on it, and nobody has adopted it here. */
export function isOthers({ instanceId, keeperId: mark }: Marked, keeperId: string, adopted: ReadonlySet<number>) {
  return mark !== null && mark !== keeperId && !adopted.has(instanceId);
}

export function adoptedIds({ adopted }: Pick<FleetMemory, "adopted">): ReadonlySet<number> {
  return new Set(adopted.map(({ instanceId }) => instanceId));
}

/** The fleets of this keeper, watched names of removed ones included, with the ids that each has adopted. */
export type KeptFleets = ReadonlyMap<string, ReadonlySet<number>>;

export type Ownership = { readonly fleet: string; readonly why: null } | { readonly fleet: null; readonly why: string };

/** The fleet whose box it is, or why it is nobody's here. */
export function ownershipOf(box: Marked, keeperId: string, fleets: KeptFleets): Ownership {
  const stray = (why: string): Ownership => ({ fleet: null, why });
  if (box.label === null) return stray("it has no label");
  const parts = parseLabel(box.label);
  if (parts === null) return stray("its label names no fleet and slot");
  const adopted = fleets.get(parts.fleet);
  if (adopted === undefined) return stray(`there is no fleet ${parts.fleet} here`);
  if (isOthers(box, keeperId, adopted)) return stray(`another keeper rented it under the label of ${parts.fleet}`);
  return { fleet: parts.fleet, why: null };
}
