import { describe, expect, it } from "vitest";
import { excusedRents, rentRoom, rentsInLastHour, type RentTerms, secondsToNextRent } from "../../src/fleet/limits.ts";
import { aDebt, anIntent, HOUR, MINUTE, NOW } from "../support/builders.ts";

const terms: RentTerms = {
  target: 12,
  live: 12,
  intents: [],
  debts: [],
  memory: { rentedAtMs: [], filledTarget: 12 },
  nowMs: NOW,
  launchBatch: 4,
  unproven: null,
};
const rents = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => NOW - index - 1);
const debts = (count: number) => Array.from({ length: count }, (_, index) => aDebt({ instanceId: 900 + index }));
const absentOnce = { firstBegunAtMs: NOW, lastBegunAtMs: NOW, sweeps: 1 };

describe("shortfall", () => {
  it.each([
    [12, 12, 0, 0],
    [12, 8, 0, 4],
    [12, 8, 3, 1],
    [12, 8, 6, 0],
    [4, 9, 0, 0],
    [0, 0, 0, 0],
  ])("target %i, %i live, %i intents: %i missing", (target, live, open, shortfall) => {
    const intents = Array.from({ length: open }, (_, slot) => anIntent({ slot }));
    expect(rentRoom({ ...terms, target, live, intents })).toEqual({ shortfall, allowed: shortfall, heldBy: null });
  });
});

describe("the ceiling", () => {
  it.each([
    ["one destroy unproven leaves room for its replacement", 11, 1, 1, 1, null],
    ["of two unproven destroys one may be replaced", 10, 2, 2, 1, "ceiling"],
    ["five unproven destroys leave room for one", 7, 5, 5, 1, "ceiling"],
    ["one missing, and two boxes that will not go, leave no room", 11, 2, 1, 0, "ceiling"],
    ["far more debts than places are no negative number of rents", 2, 30, 10, 0, "ceiling"],
  ])("%s", (_words, live, owed, shortfall, allowed, heldBy) => {
    expect(rentRoom({ ...terms, live, debts: debts(owed) })).toEqual({ shortfall, allowed, heldBy });
  });

  it("no longer counts a debt that one later sweep did not show", () => {
    const gone = debts(4).map((debt) => ({ ...debt, missing: absentOnce }));
    expect(rentRoom({ ...terms, live: 8, debts: gone }).allowed).toBe(4);
  });
});

it("of two limits that leave the same room names the ceiling: a destroy that does not go is the news", () => {
  const room = rentRoom({
    ...terms,
    target: 12,
    live: 10,
    debts: debts(2),
    memory: { rentedAtMs: rents(23), filledTarget: 12 },
  });
  expect(room).toEqual({ shortfall: 2, allowed: 1, heldBy: "ceiling" });
});

describe("the hourly limit", () => {
  it.each([
    ["2 × target", 12, 12, 24, 0],
    ["one less than 2 × target", 12, 12, 23, 1],
    ["six for a small fleet", 1, 1, 6, 0],
    ["five for a small fleet", 1, 1, 5, 1],
    ["2 × target and a first fill of 12", 12, 0, 36, 0],
    ["one less than 2 × target and a first fill of 12", 12, 0, 35, 1],
    ["2 × target and a growth from 8 to 12", 12, 8, 28, 0],
    ["no first fill again after a downscale", 4, 12, 8, 0],
  ])("ends at %s", (_words, target, filledTarget, rented, allowed) => {
    const room = rentRoom({ ...terms, target, live: target - 1, memory: { rentedAtMs: rents(rented), filledTarget } });
    expect(room).toEqual({ shortfall: 1, allowed, heldBy: allowed === 0 ? "hourly" : null });
  });

  it.each([
    ["an hour", HOUR, 0],
    ["a millisecond less", HOUR - 1, 1],
  ])("forgets a rent after %s", (_words, agoMs, left) => {
    expect(rentsInLastHour([NOW - agoMs], NOW)).toHaveLength(left);
  });

  it("does not count rents of the hour before", () => {
    const memory = { rentedAtMs: rents(24).map((atMs) => atMs - HOUR - MINUTE), filledTarget: 12 };
    expect(rentRoom({ ...terms, live: 11, memory }).allowed).toBe(1);
  });
});

describe("an unproven fingerprint", () => {
  it.each([
    [0, 4],
    [3, 1],
    [4, 0],
    [7, 0],
  ])("with %i of it out lets %i start", (unproven, allowed) => {
    expect(rentRoom({ ...terms, live: 0, unproven })).toEqual({ shortfall: 12, allowed, heldBy: "unproven" });
  });

  it("is not asked for where it is proven", () => {
    expect(rentRoom({ ...terms, live: 0 }).allowed).toBe(12);
  });
});

describe("the hour of rents", () => {
  it("forgets the oldest rent for each box that a person ordered away", () => {
    expect(excusedRents([NOW - 3, NOW - 2, NOW - 1], 2)).toEqual([NOW - 1]);
    expect(excusedRents([NOW], 3)).toEqual([]);
  });

  it("says when its oldest rent is an hour old, whatever their order", () => {
    expect(secondsToNextRent([NOW - MINUTE, NOW - 50 * MINUTE, NOW - 2 * HOUR], NOW)).toBe(600);
    expect(secondsToNextRent([], NOW)).toBe(0);
  });
});
