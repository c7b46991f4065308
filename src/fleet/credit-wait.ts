// After a wait for credit (design rule 19). The market has stopped the boxes, not they themselves: what their clocks, logs
// and statuses said of that time accuses nobody.

import { beginClock } from "./clock.ts";
import type { WorkerMemory } from "./memory.ts";

/** Every timer begins now. A box that runs again is waited for like a new one; one that stays stopped has its usual time. */
export function restartClocks(worker: WorkerMemory, nowMs: number): WorkerMemory {
  return {
    ...worker,
    unproductiveSinceMs: nowMs,
    clock: beginClock(worker.clock.kind, nowMs),
    reboot: null,
    delivery: worker.delivery === null ? null : { ...worker.delivery, sinceMs: nowMs, measuredAtMs: nowMs },
    error: null,
    badStatus: worker.badStatus === null ? null : { ...worker.badStatus, sinceMs: nowMs, seenAtMs: nowMs, still: null },
  };
}
