import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import { ownershipOf } from "../../src/fleet/stray.ts";
import { aMemory, anInstance, aSituation, aSpec, KEEPER, NOW } from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const fleets = new Map([
  ["zeb", new Set([1007])],
  ["zeb-large", new Set<number>()],
]);

describe("whose a box is", () => {
  it.each([
    ["our label and our mark", {}, "zeb"],
    ["our label and no mark", { keeperId: null }, "zeb"],
    ["the label of the fleet with the longer name", { label: "zeb-large-worker-vast-3" }, "zeb-large"],
    ["another keeper's mark, adopted", { slot: 7, keeperId: "keeper-b" }, "zeb"],
  ])("a fleet's: %s", (_words, changes, fleet) => {
    expect(ownershipOf(anInstance(changes), KEEPER, fleets)).toEqual({ fleet, why: null });
  });

  it.each([
    ["no label", { label: null }, "it has no label"],
    ["another form of label", { label: "zeb-worker-vast-01" }, "its label names no fleet and slot"],
    ["a fleet that is not here", { label: "zebra-worker-vast-0" }, "there is no fleet zebra here"],
    ["another keeper's mark", { keeperId: "keeper-b" }, "another keeper rented it under the label of zeb"],
    [
      "adopted by another fleet than its label names",
      { slot: 7, keeperId: "keeper-b", label: "zeb-large-worker-vast-7" },
      "another keeper rented it under the label of zeb-large",
    ],
  ])("nobody's: %s", (_words, changes, why) => {
    expect(ownershipOf(anInstance(changes), KEEPER, fleets)).toEqual({ fleet: null, why });
  });
});

describe("another keeper's box under our label", () => {
  const row = anInstance({ slot: 0, keeperId: "keeper-b" });
  const adopted = [{ instanceId: 1000, by: "admin", atMs: NOW }];
  const spec = aSpec({ target: 1 });

  it("is left alone, with a note", () => {
    const plan = decide(aSituation({ rows: [row], spec: aSpec({ target: 0 }) }));
    expect([plan.actions, plan.memory.workers]).toEqual([[], []]);
    expect(plan.notes[0]).toContain("left alone");
  });

  it("is ours once it was adopted, and then goes with the fleet", () => {
    const plan = decide(aSituation({ rows: [row], spec, memory: aMemory({ adopted }) }));
    expect(inShort(plan)).toEqual([["adopt", 1000]]);
    expect(plan.actions[0]?.reason).toBe("it was adopted by hand");
    const down = decide(aSituation({ rows: [row], spec, mode: "down", memory: plan.memory }));
    expect(inShort(down)).toEqual([["destroy", 1000, "down"]]);
  });

  it("stays adopted while it is owed or may come back, and is forgotten after that", () => {
    const watched = [{ instanceId: 1000, slot: 0, untilMs: NOW + 1 }];
    const kept = decide(aSituation({ rows: [row], spec, mode: "down", memory: aMemory({ adopted, watched }) }));
    expect(inShort(kept)).toEqual([["destroy", 1000, "came-back"]]);
    expect(kept.memory.adopted).toEqual(adopted);
    const over = decide(aSituation({ rows: [], spec, mode: "down", memory: aMemory({ adopted }) }));
    expect(over.memory.adopted).toEqual([]);
  });
});
