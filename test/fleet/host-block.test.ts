import { describe, expect, it } from "vitest";
import { blockedUntilMs, isBlocked } from "../../src/fleet/host-block.ts";

describe("a machine", () => {
  it.each([
    ["with two strikes is free", 2, false, false],
    ["with three is blocked", 3, false, true],
    ["with four is blocked", 4, false, true],
    ["without a strike is blocked by hand", 0, true, true],
  ])("%s", (_words, strikes, isByHand, expected) => {
    expect(isBlocked(strikes, isByHand, 3)).toBe(expected);
  });

  it.each([
    ["is not blocked by two strikes", [5, 9], null],
    ["is blocked by three until the first of them expires", [9, 5, 7], 5],
    ["is blocked by five until the third last expires", [9, 1, 5, 2, 7], 5],
  ])("%s", (_words, expiries, untilMs) => {
    expect(blockedUntilMs(expiries, 3)).toBe(untilMs);
  });
});
