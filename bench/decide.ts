// How long one decision takes, for fleets of many sizes and in many kinds of trouble. Promise (design §8): at most 10 ms for
// 1,000 workers, and linear up to 10,000.

import { decide } from "../src/fleet/decide.ts";
import { measure, type Timing } from "./measure.ts";
import { brokenPromise } from "./print.ts";
import { worlds } from "./worlds.ts";

const SIZES = [10, 100, 1000, 2000, 5000, 10_000];
const PROMISED_MS = 10;
/** A square would be 10; what no longer fits into the processor's caches makes a linear one more than 1. */
const GROWTH_MAX = 5;

console.log(
  "decide, median ms by number of workers; growth: time per worker at 10,000 beside that at 1,000, fastest runs",
);
console.log(`promise: ≤ ${PROMISED_MS} ms at 1,000; growth under ${GROWTH_MAX} (a square would be 10)`);
console.log(row("", [...SIZES.map(String), "growth"]));
for (const { name, make } of worlds) {
  const timings = new Map<number, Timing>();
  for (const workers of SIZES) {
    const situation = make(workers);
    timings.set(workers, await measure(() => decide(situation)));
  }
  const growth = fastest(timings, 10_000) / fastest(timings, 1000) / 10;
  const isKept = (timings.get(1000)?.medianMs ?? Infinity) <= PROMISED_MS && growth < GROWTH_MAX;
  const cells = [
    ...SIZES.map((workers) => (timings.get(workers)?.medianMs ?? Number.NaN).toFixed(2)),
    growth.toFixed(1),
  ];
  if (!isKept) brokenPromise();
  console.log(`${row(name, cells)}${isKept ? "" : "  BROKEN"}`);
}

function fastest(timings: ReadonlyMap<number, Timing>, workers: number): number {
  return timings.get(workers)?.fastestMs ?? Number.NaN;
}

function row(name: string, cells: readonly string[]): string {
  return [name.padEnd(30), ...cells.map((cell) => cell.padStart(8))].join("");
}
