// How long a piece of work takes, by tinybench.

import { Bench } from "tinybench";

/** So long is measured, and so often at least. */
const TIME_MS = 300;
const ITERATIONS_MIN = 8;

export interface Timing {
  readonly medianMs: number;
  /** The run that nothing else on the machine and no garbage collection held up: what to compare sizes by. */
  readonly fastestMs: number;
}

export async function measure(work: () => unknown): Promise<Timing> {
  const bench = new Bench({
    time: TIME_MS,
    iterations: ITERATIONS_MIN,
    warmupTime: 100,
    warmupIterations: 3,
    throws: true,
  });
  bench.add("work", work);
  const [task] = await bench.run();
  if (task?.result.state !== "completed") throw new Error(`the benchmark ended as ${task?.result.state ?? "nothing"}`);
  return { medianMs: task.result.latency.p50, fastestMs: task.result.latency.min };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest of the values that so large a share of them does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
