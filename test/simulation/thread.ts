// In a thread of the pool: takes the next seed of the counter that all threads share, and tells what came of it.

import { parentPort, workerData } from "node:worker_threads";

/** What each thread is given. */
export interface Share<Job> {
  readonly job: Job;
  readonly first: number;
  readonly end: number;
  readonly next: SharedArrayBuffer;
}

/** What each thread runs: one seed to its result, as plain data. */
export type Play<Job, Result> = (seed: number, job: Job) => Promise<Result>;

/** Takes seeds until none is left. */
export async function serve<Job, Result>(play: Play<Job, Result>): Promise<void> {
  const { job, first, end, next } = workerData as Share<Job>;
  const counter = new Int32Array(next);
  for (let seed = first + Atomics.add(counter, 0, 1); seed < end; seed = first + Atomics.add(counter, 0, 1))
    parentPort?.postMessage({ seed, result: await play(seed, job) });
}
