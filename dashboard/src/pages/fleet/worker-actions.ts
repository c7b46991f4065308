// What a person asks of one worker or machine, before it is confirmed. One dialog for all of them, over any page.

import { signal } from "@preact/signals";
import type { WorkerDocument } from "../../api/shapes.ts";

export type WorkerAction =
  | { readonly kind: "replace"; readonly fleet: string; readonly worker: WorkerDocument }
  | { readonly kind: "block" | "pardon"; readonly machineId: number };

/** By the number that the person was shown: what has come into its slot meanwhile stays. Its fleet fills the slot again. */
export function replaceOrder({ slot, instanceId }: Pick<WorkerDocument, "slot" | "instanceId">) {
  return {
    path: `/api/instances/${instanceId}`,
    method: "DELETE",
    done: `Worker ${slot} is being replaced`,
    touches: ["/api/events"],
  } as const;
}

export const asked = signal<WorkerAction | null>(null);

export function openAction(action: WorkerAction): void {
  asked.value = action;
}
