import { describe, expect, it } from "vitest";
import { isDue, lookAgain } from "../../src/fleet/cadence.ts";
import { aSpec, HOUR, NOW, SECOND } from "../support/builders.ts";

const spec = aSpec();
const settled = { spec, isUnsettled: false, changedAtMs: NOW - 10 * HOUR, nowMs: NOW };

describe("the cadence", () => {
  it.each([
    ["anything is unsettled", { isUnsettled: true }, 60],
    ["a change is 1,799.999 s old", { changedAtMs: NOW - 1800 * SECOND + 1 }, 60],
    ["a change is 1,800 s old", { changedAtMs: NOW - 1800 * SECOND }, 600],
    ["nothing has happened for long", {}, 600],
    [
      "the steady cadence is the shorter one",
      { isUnsettled: true, spec: aSpec({ cadenceSeconds: { steady: 20 } }) },
      20,
    ],
  ])("while %s", (_words, changes, expected) => {
    const { atMs, ...rest } = lookAgain({ ...settled, ...changes, deadlinesMs: [] });
    expect(rest).toEqual({ isEarly: false, cadenceSeconds: expected });
    expect(atMs).toBe(NOW + expected * SECOND);
  });
});

describe("looking again", () => {
  it("follows the cadence where nothing is due before it", () => {
    expect(lookAgain({ ...settled, deadlinesMs: [null, NOW + 700 * SECOND] })).toEqual({
      atMs: NOW + 600 * SECOND,
      isEarly: false,
      cadenceSeconds: 600,
    });
  });

  it("takes the earliest deadline before that, and the cadence stays what it is", () => {
    const deadlinesMs = [NOW + 300 * SECOND, null, NOW + 90 * SECOND];
    expect(lookAgain({ ...settled, deadlinesMs })).toEqual({
      atMs: NOW + 90 * SECOND,
      isEarly: true,
      cadenceSeconds: 600,
    });
  });

  it("does not hurry for a deadline that has passed", () => {
    expect(lookAgain({ ...settled, deadlinesMs: [NOW, NOW - 1] }).isEarly).toBe(false);
  });
});

it.each([
  ["never looked", null, 60, true],
  ["every tick of a one-minute trigger", NOW - 60 * SECOND, 60, true],
  ["a tick that comes 6 s early", NOW - 54 * SECOND, 60, true],
  ["a tick that comes earlier than a tenth", NOW - 54 * SECOND + 1, 60, false],
  ["the same tick twice", NOW, 60, false],
  ["the ninth minute of ten", NOW - 540 * SECOND, 600, false],
  ["the tenth minute of ten", NOW - 600 * SECOND, 600, true],
  ["the tenth minute of ten after a late tick", NOW - 570 * SECOND, 600, true],
])("a CHECK is due: %s", (_words, last, cadence, expected) => {
  expect(isDue(NOW, last, cadence)).toBe(expected);
});
