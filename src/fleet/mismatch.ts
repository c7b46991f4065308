// Which live boxes the spec would not have rented like this (design §6): another GPU type, dearer than the cap, other
// software. The upload interval is not software: it is computed anew for every rent.

import type { WorkerMemory } from "./memory.ts";
import { isOverCap, roundPrice } from "./offer.ts";
import type { FleetSpec } from "./spec.ts";

export interface Mismatch {
  readonly slot: number;
  readonly instanceId: number;
  readonly why: string;
}

type Wanted = Pick<FleetSpec, "gpus" | "maxPriceUsdPerHour">;
type Judged = Pick<WorkerMemory, "gpu" | "usdPerHour" | "fingerprint">;

/** Why the box would not be rented like this; `null` where it would. What is not known of a box is not held against it. */
export function mismatchOf(
  { gpu, usdPerHour, fingerprint: own }: Judged,
  { gpus, maxPriceUsdPerHour: cap }: Wanted,
  fingerprint: string,
): string | null {
  const reasons = [
    gpu !== null && !gpus.includes(gpu) ? `GPU ${gpu} is not in the list` : null,
    cap !== null && usdPerHour !== null && isOverCap(usdPerHour, cap)
      ? `$${roundPrice(usdPerHour)}/hr is over the cap`
      : null,
    own !== null && own !== fingerprint ? "runs another image, commit, script or weights" : null,
  ].filter((reason) => reason !== null);
  return reasons.length === 0 ? null : reasons.join("; ");
}

export function mismatches(workers: readonly WorkerMemory[], spec: Wanted, fingerprint: string): readonly Mismatch[] {
  return workers.flatMap((worker) => {
    const why = mismatchOf(worker, spec, fingerprint);
    return why === null ? [] : [{ slot: worker.slot, instanceId: worker.instanceId, why }];
  });
}
