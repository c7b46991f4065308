// Which seed shows which guard: found by trying (`npm run test:guards -- --find`), kept so that the run is short. Another
// way of drawing worlds gives other numbers.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mode } from "../simulation/scenario.ts";

/** A world of the simulation, or a launch whose answers are all in doubt. */
export interface Seed {
  readonly seed: number;
  readonly mode: Mode | "creates";
}

const FILE = join(import.meta.dirname, "seeds.json");

export function readSeeds(): Readonly<Record<string, Seed>> {
  return JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Seed>;
}

export function writeSeed(guard: string, seed: Seed): void {
  const sorted = Object.entries({ ...readSeeds(), [guard]: seed }).toSorted(([a], [b]) => a.localeCompare(b));
  const lines = sorted.map(
    ([name, { seed: number, mode }]) => `  ${JSON.stringify(name)}: { "seed": ${number}, "mode": "${mode}" }`,
  );
  writeFileSync(FILE, `{\n${lines.join(",\n")}\n}\n`);
}

/** Worlds in the order in which they are tried: creates in doubt are few and say much about rents. */
export function seedsToTry(first: number, count: number): readonly Seed[] {
  return Array.from({ length: count }, (_, index): readonly Seed[] => {
    const seed = first + index;
    const creates: readonly Seed[] = index < 4 ? [{ seed, mode: "creates" }] : [];
    return [...creates, { seed, mode: "safety" }, { seed, mode: "liveness" }];
  }).flat();
}
