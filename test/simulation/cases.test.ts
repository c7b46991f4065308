import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { runCreates } from "./creates.ts";
import { LIMIT_MS } from "./hold-seeds.ts";
import { runScenario } from "./run.ts";

const CREATES = 1000;

it.each(cases)("$name", async ({ scenario }) => {
  expect((await runScenario(scenario)).violations).toEqual([]);
});

/** Seeds that once rented a slot twice, each with why. */
it.each([[349, "the list that settled it was begun before it could show the box"]])(
  "creates of seed %i rent nothing twice: %s",
  async (seed) => {
    expect(await runCreates(seed)).toMatchObject({ doubleRents: 0, violations: [] });
  },
);

it(
  `${CREATES} creates whose answers were lost in every way rent nothing twice`,
  async () => {
    let creates = 0;
    for (let seed = 1; creates < CREATES; seed++) {
      const outcome = await runCreates(seed);
      creates += outcome.creates;
      expect(outcome).toMatchObject({ doubleRents: 0, violations: [] });
    }
  },
  LIMIT_MS,
);
