import { expect, it } from "vitest";
import { idleAgeMs, idlePauseMs, sweepPauseMs } from "../../src/durable/sweep-rhythm.ts";

it.each([
  ["a page", 1000, 65_000],
  ["a third of the time from 21.7 s on", 22_000, 66_000],
  ["a thousand boxes", 40_000, 120_000],
  ["the longest list", 60_000, 120_000],
])("is read again while all is quiet after: %s", (_words, tookMs, pauseMs) => {
  expect(idlePauseMs(tookMs)).toBe(pauseMs);
});

it.each([
  ["nobody wants it sooner", 1000, Infinity, 65_000],
  ["the cadence of whoever is unsettled", 1000, 12_500, 12_500],
  ["half of the time, where that is longer", 20_000, 12_500, 40_000],
  ["and never more rarely than while all is quiet", 60_000, 115_000, 120_000],
  ["a second at least", 1, 5, 1000],
])("is read as closely as the most restless fleet needs it: %s", (_words, tookMs, wantedMs, pauseMs) => {
  expect(sweepPauseMs(tookMs, wantedMs)).toBe(pauseMs);
});

it.each([
  [4999, 0],
  [5000, 75_000],
  [40_000, 200_000],
  [60_000, 240_000],
])("a list that took %d ms is %d ms old when the next is there, and one of under 5 s is read anew", (tookMs, ageMs) => {
  expect(idleAgeMs(tookMs)).toBe(ageMs);
});
