// What is true in the market, in the words of the invariants.

import type { Box } from "../../sim/instances.ts";
import type { World } from "./world.ts";

/** Boxes of a fleet that cost money now and that this keeper has rented. */
export function ownAlive(world: World, fleet: string): Box[] {
  return labelledAlive(world, fleet).filter((box) => box.env["FLEETKEEPER_ID"] !== undefined);
}

/** Boxes under a fleet's label that cost money now, those that people have rented included. */
export function labelledAlive(world: World, fleet: string): Box[] {
  const label = new RegExp(`^${fleet}-worker-vast-\\d+$`);
  return [...world.market.state.boxes.values()].filter((box) => box.endedAtMs === null && label.test(box.label ?? ""));
}

/** A worker that plays within this time is at work: the slowest machine of the market needs less for a batch. */
const PLAYS_WITHIN_MS = 4 * 60_000;

export function isProducing(box: Box, nowMs: number): boolean {
  const { worker } = box;
  return (
    box.endedAtMs === null &&
    box.isReachable &&
    box.curState === "running" &&
    worker?.phase === "producing" &&
    worker.lastBatchAtMs !== null &&
    nowMs - worker.lastBatchAtMs < PLAYS_WITHIN_MS
  );
}
