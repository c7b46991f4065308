import { expect, it } from "vitest";
import { runScenario } from "./run.ts";
import { drawScenario } from "./scenario.ts";

it("one seed is one world: what happens is the same each time, to the last line", async () => {
  const scenario = drawScenario(7, "safety");
  const [first, second] = [await runScenario(scenario), await runScenario(scenario)];
  expect(second.lines).toEqual(first.lines);
  expect(second.steps).toBe(first.steps);
});
