import { expect, it } from "vitest";
import { guards } from "./catalogue.ts";
import { missingAnchor } from "./guard.ts";
import { readSeeds } from "./seeds.ts";

it.each(guards)("the code of the guard stands where it is taken away: $name", (guard) => {
  expect(missingAnchor(guard)).toBeNull();
  for (const { from, to } of guard.changes) expect(to).not.toBe(from);
});

it("each guard has a name of its own, and a test or a seed that shows it", () => {
  const names = guards.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const seeds = readSeeds();
  expect(Object.keys(seeds).filter((name) => !names.includes(name))).toEqual([]);
  expect(guards.filter(({ name, killedBy }) => killedBy === "seed" && seeds[name] === undefined)).toEqual([]);
});
