// What a box costs now. The market bills the GPU of a running container and the disk of every box; the price of a row is
// both together, whatever the box does (Vast API reference §4, §7).

import type { WorkerMemory } from "./memory.ts";
import { isWorking } from "./slots.ts";

/**
 * Statuses at which the disk alone is billed. Whatever else does not run counts in full: of an offline host the market's
 * documents do not say what is billed, a pull ends soon, and a budget that counts too much is kept.
 */
const DISK_ONLY: ReadonlySet<string> = new Set(["exited", "stopped"]);

interface Priced {
  readonly status: string | null;
  readonly usdPerHour: number | null;
  readonly storageUsdPerHour: number | null;
}

/** $/hr as billed now; the whole price where the list does not tell the disk's part. `null`: no price at all. */
export function billedUsdPerHour({ status, usdPerHour, storageUsdPerHour }: Priced): number | null {
  const isDiskOnly = status !== null && DISK_ONLY.has(status);
  return isDiskOnly ? (storageUsdPerHour ?? usdPerHour) : usdPerHour;
}

/** The same of a worker: one that plays on under a wrong status costs it all, one whose contract is stopped its disk. */
export function workerUsdPerHour(worker: WorkerMemory): number | null {
  if (isWorking(worker)) return worker.usdPerHour;
  return worker.badStatus?.isStopped === true
    ? (worker.storageUsdPerHour ?? worker.usdPerHour)
    : billedUsdPerHour(worker);
}
