// The fleets as signals: one per fleet and one per worker. An update that changes three workers of a thousand sets three
// signals, and three rows are drawn again.

import { batch, type Signal, signal } from "@preact/signals";
import type { FleetDocument, FleetList, LiveMessage, SeriesPoint, WorkerDocument } from "../api/shapes.ts";
import { applyChanges, isSameWorker, keepsOrder } from "../view/changes.ts";

/** An hour at most; what is older comes from the keeper's series. */
const TRAIL_MAX = 360;
const TRAIL_STEP_MS = 10_000;

export interface WorkerCell {
  readonly id: number;
  readonly row: Signal<WorkerDocument>;
}

export interface FleetCell {
  readonly name: string;
  readonly document: Signal<FleetDocument>;
  readonly workers: Signal<readonly WorkerCell[]>;
  /** What this page has seen itself: the curve goes on to the present, and is there before the first hour is. */
  readonly trail: Signal<readonly SeriesPoint[]>;
}

/** `null`: not read yet. */
export const fleetCells = signal<readonly FleetCell[] | null>(null);
export const fleetNotes = signal<readonly string[]>([]);
/** Grows with every news of a fleet: what hangs on it is asked for again. */
export const pulse = signal(0);

export function fleetCell(name: string): FleetCell | null {
  return fleetCells.value?.find((cell) => cell.name === name) ?? null;
}

/** `null`: the fleet has this instance no more. */
export function workerCell(fleet: string, instanceId: number): WorkerCell | null {
  return fleetCell(fleet)?.workers.value.find(({ id }) => id === instanceId) ?? null;
}

export function takeFleets({ fleets, notes }: FleetList): void {
  batch(() => {
    const known = new Map((fleetCells.peek() ?? []).map((cell) => [cell.name, cell]));
    const next = fleets.map((fleet) => takeInto(known.get(fleet.name) ?? null, fleet));
    const before = fleetCells.peek();
    if (before === null || !keepsOrder(before, next)) fleetCells.value = next;
    fleetNotes.value = notes;
    pulse.value += 1;
  });
}

/** What a fleet's socket says: the whole of it, or what has changed. */
export function takeMessage(name: string, message: LiveMessage): void {
  performance.mark("fleet:heard");
  batch(() => {
    const known = (fleetCells.peek() ?? []).find((cell) => cell.name === name) ?? null;
    if (known === null) return;
    const fleet = message.type === "fleet" ? message.fleet : applyChanges(known.document.peek(), message);
    takeInto(known, fleet);
    pulse.value += 1;
  });
  performance.measure("fleet:shown", "fleet:heard");
}

export function dropFleet(name: string): void {
  fleetCells.value = (fleetCells.peek() ?? []).filter((cell) => cell.name !== name);
}

export function forgetFleets(): void {
  fleetCells.value = null;
}

function takeInto(known: FleetCell | null, fleet: FleetDocument): FleetCell {
  const before = new Map((known?.workers.peek() ?? []).map((cell) => [cell.id, cell]));
  const workers = fleet.workers.map((worker) => takeWorker(before.get(worker.instanceId) ?? null, worker));
  if (known === null)
    return { name: fleet.name, document: signal(fleet), workers: signal(workers), trail: signal([pointOf(fleet)]) };
  const last = known.trail.peek().at(-1);
  if (last === undefined || Date.now() - Date.parse(last.at) >= TRAIL_STEP_MS)
    known.trail.value = [...known.trail.peek(), pointOf(fleet)].slice(-TRAIL_MAX);
  if (!keepsOrder(known.workers.peek(), workers)) known.workers.value = workers;
  known.document.value = fleet;
  return known;
}

function pointOf({ totals }: FleetDocument): SeriesPoint {
  return { at: new Date().toISOString(), ...totals };
}

function takeWorker(known: WorkerCell | null, worker: WorkerDocument): WorkerCell {
  if (known === null) return { id: worker.instanceId, row: signal(worker) };
  if (!isSameWorker(known.row.peek(), worker)) known.row.value = worker;
  return known;
}
