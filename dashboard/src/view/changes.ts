// What counts as a change, and a fleet after it. Ages grow by themselves and are no news.

import type { FleetDocument, WorkerDocument } from "../../../src/fleet/document.ts";
import type { FleetChanges } from "../../../src/fleet/live.ts";

export function isSameWorker(a: WorkerDocument, b: WorkerDocument): boolean {
  const keys = Object.keys(b) as (keyof WorkerDocument)[];
  return keys.every((key) => key === "ageSeconds" || isSame(a[key], b[key]));
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return Array.isArray(a) && Array.isArray(b) && keepsOrder(a, b);
}

/** The same cells in the same order. */
export function keepsOrder<Cell>(before: readonly Cell[], after: readonly Cell[]): boolean {
  return before.length === after.length && before.every((cell, index) => cell === after[index]);
}

/** The fleet after a message of its socket (decision 0046): rows are whole, known by instance, and shown by slot. */
export function applyChanges(before: FleetDocument, { fleet, workers, gone }: FleetChanges): FleetDocument {
  const rows = new Map(before.workers.map((row) => [row.instanceId, row]));
  for (const row of workers) rows.set(row.instanceId, row);
  for (const instanceId of gone) rows.delete(instanceId);
  const inOrder = [...rows.values()].toSorted((a, b) => a.slot - b.slot || a.instanceId - b.instanceId);
  return { ...before, ...fleet, workers: inOrder };
}
