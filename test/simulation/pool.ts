// Many seeds on all cores: threads take the next seed of a counter that they share, and tell what came of it. A world is
// wholly its thread's own, so that a seed gives the same world on any of them.

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** A thread begins by itself, whoever has started the process: with the hooks, and with room for what lives briefly. */
const execArgv = ["--import", new URL("./hooks.ts", import.meta.url).href];
const resourceLimits = { maxYoungGenerationSizeMb: 64 };

interface Share<Job> {
  readonly job: Job;
  readonly first: number;
  readonly end: number;
  readonly next: SharedArrayBuffer;
}

/** What each thread runs: one seed to its result, as plain data. */
export type Play<Job, Result> = (seed: number, job: Job) => Promise<Result>;

/**
 * Plays the seeds from `first` on, before `end`, by the module at `url`, which calls `serve`. Ends early, between two
 * seeds, when `hear` answers true.
 */
export async function playSeeds<Job, Result>(
  url: URL,
  {
    job,
    first,
    end,
    threads,
  }: { readonly job: Job; readonly first: number; readonly end: number; readonly threads?: number },
  hear: (seed: number, result: Result) => boolean,
): Promise<void> {
  const next = new SharedArrayBuffer(4);
  const count = Math.min(threads ?? availableParallelism(), end - first);
  const share: Share<Job> = { job, first, end, next };
  const play = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(fileURLToPath(url.href), { workerData: share, execArgv, resourceLimits });
      worker.on("message", ({ seed, result }: { seed: number; result: Result }) => {
        if (hear(seed, result)) Atomics.store(new Int32Array(next), 0, end - first);
      });
      worker.on("error", reject);
      worker.on("exit", () => resolve());
    });
  await Promise.all(Array.from({ length: count }, play));
}

/** In a thread: takes seeds until none is left. */
export async function serve<Job, Result>(play: Play<Job, Result>): Promise<void> {
  if (isMainThread) return;
  const { job, first, end, next } = workerData as Share<Job>;
  const counter = new Int32Array(next);
  for (let seed = first + Atomics.add(counter, 0, 1); seed < end; seed = first + Atomics.add(counter, 0, 1))
    parentPort?.postMessage({ seed, result: await play(seed, job) });
}
