// Makes a failing scenario smaller: leaves out act after act, then a fleet, for as long as the same invariant still breaks.

import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";

export async function shrink(scenario: Scenario, invariant: string): Promise<Scenario> {
  const breaks = async (smaller: Scenario): Promise<boolean> =>
    (await runScenario(smaller)).violations.some((violation) => violation.invariant === invariant);
  let smallest = scenario;
  for (let isSmaller = true; isSmaller;) {
    isSmaller = false;
    for (const candidate of smallerOnes(smallest)) {
      if (!(await breaks(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function* smallerOnes(scenario: Scenario): Generator<Scenario> {
  const { acts, fleets } = scenario;
  if (acts.length > 3) {
    const half = Math.ceil(acts.length / 2);
    yield { ...scenario, acts: acts.slice(0, half) };
    yield { ...scenario, acts: acts.slice(half) };
  }
  for (const act of acts) yield { ...scenario, acts: acts.filter((one) => one !== act) };
  if (fleets.length > 1)
    for (const fleet of fleets) yield { ...scenario, fleets: fleets.filter((one) => one !== fleet) };
}
