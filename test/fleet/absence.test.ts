import { describe, expect, it } from "vitest";
import {
  type Confirmation,
  isAbsenceProven,
  isMassAbsence,
  type Missing,
  trackMissing,
  wantsAccount,
} from "../../src/fleet/absence.ts";
import { MINUTE, NOW, SECOND } from "../support/builders.ts";

const once: Missing = { firstBegunAtMs: NOW, lastBegunAtMs: NOW, sweeps: 1 };
const twice: Missing = { firstBegunAtMs: NOW, lastBegunAtMs: NOW + 10 * SECOND, sweeps: 2 };

describe("counting the sweeps that do not show an instance", () => {
  it.each([
    ["begun in the very millisecond of our last write proves nothing", NOW, NOW, null],
    ["begun before our last write proves nothing", NOW - 1, NOW, null],
    ["begun a millisecond after our last write is the first", NOW, NOW - 1, once],
  ])("a sweep %s", (_words, begunAtMs, afterMs, expected) => {
    expect(trackMissing(null, begunAtMs, afterMs)).toEqual(expected);
  });

  it("counts one sweep once, however often it is looked at", () => {
    expect(trackMissing(once, NOW, 0)).toEqual(once);
  });

  it("does not count an older sweep that is handed in late", () => {
    expect(trackMissing(once, NOW - SECOND, 0)).toEqual(once);
  });

  it("counts a second, later sweep", () => {
    expect(trackMissing(once, NOW + 10 * SECOND, 0)).toEqual(twice);
  });
});

describe("believing that an instance is gone", () => {
  const good = { isMass: false, accountReadAtMs: NOW + 20 * SECOND };

  it.each<[string, Missing | null, Confirmation | undefined, boolean]>([
    ["no sweep, not even with the by-id answer", null, "absent", false],
    ["one sweep alone", once, undefined, false],
    ["one sweep and no by-id answer", once, "unknown", false],
    ["one sweep and the by-id answer", once, "absent", true],
    ["two sweeps", twice, undefined, true],
    ["two sweeps, but the by-id answer shows it", twice, "present", false],
  ])("%s", (_words, missing, confirmation, expected) => {
    expect(isAbsenceProven(missing, confirmation, good)).toBe(expected);
  });

  it.each([
    ["never", null, false],
    ["a millisecond before the first sweep that missed it", NOW - 1, false],
    ["with that sweep", NOW, true],
  ])("needs the account to have answered since: %s", (_words, accountReadAtMs, expected) => {
    expect(isAbsenceProven(twice, "absent", { isMass: false, accountReadAtMs })).toBe(expected);
    expect(wantsAccount(twice, "absent", accountReadAtMs)).toBe(!expected);
  });

  it("does not ask for the account where sweeps are lacking", () => {
    expect(wantsAccount(once, undefined, null)).toBe(false);
    expect(wantsAccount(null, "absent", null)).toBe(false);
  });

  it.each([
    ["59.999 s", MINUTE - 1, false],
    ["60 s", MINUTE, true],
  ])("of many at once needs a second sweep later by 60 s; here %s", (_words, gapMs, expected) => {
    const missing = { firstBegunAtMs: NOW, lastBegunAtMs: NOW + gapMs, sweeps: 2 };
    expect(isAbsenceProven(missing, "absent", { isMass: true, accountReadAtMs: NOW + 2 * MINUTE })).toBe(expected);
  });
});

it.each([
  [2, 2, false],
  [3, 1, false],
  [3, 2, true],
  [4, 2, false],
  [4, 3, true],
  [12, 6, false],
  [12, 7, true],
])("of %i known boxes %i missing are a mass: %s", (known, missing, expected) => {
  expect(isMassAbsence(known, missing)).toBe(expected);
});
