import { expect, it } from "vitest";
import { emptyMemory } from "../../src/fleet/memory.ts";
import { NOW } from "../support/builders.ts";

it("a fleet begins with nothing remembered but the moment it was made", () => {
  expect(emptyMemory(NOW)).toEqual({
    workers: [],
    intents: [],
    debts: [],
    watched: [],
    rentedAtMs: [],
    filledTarget: 0,
    blindSinceMs: null,
    changedAtMs: NOW,
    excludedGpus: [],
    drought: null,
  });
});
