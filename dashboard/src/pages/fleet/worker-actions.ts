// What a person asks of one worker or machine, before it is confirmed. One dialog for all of them, over any page.

import { signal } from "@preact/signals";
import type { WorkerDocument } from "../../api/shapes.ts";

export type WorkerAction =
  | { readonly kind: "replace"; readonly fleet: string; readonly worker: WorkerDocument }
  | { readonly kind: "block" | "pardon"; readonly machineId: number };

export const asked = signal<WorkerAction | null>(null);

export function openAction(action: WorkerAction): void {
  asked.value = action;
}
