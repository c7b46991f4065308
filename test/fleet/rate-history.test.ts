import { expect, it } from "vitest";
import { addRate, NO_RATES, RATES_MAX, type RateHistory } from "../../src/fleet/rate-history.ts";
import { MINUTE, NOW } from "../support/builders.ts";

/** The history of a worker that gave one batch every `everyMs`, the nth at a rate of n. */
function after(batches: number, everyMs: number): RateHistory {
  return Array.from({ length: batches }, (_, batch) => batch).reduce(
    (history, batch) => addRate(history, NOW + batch * everyMs, batch),
    NO_RATES,
  );
}

function hours({ rates }: RateHistory): number {
  return ((rates.at(-1)?.atMs ?? 0) - (rates[0]?.atMs ?? 0)) / (60 * MINUTE);
}

it("keeps every batch of a young worker", () => {
  expect(after(RATES_MAX, MINUTE).rates.map(({ gamesPerSecond }) => gamesPerSecond)).toEqual(
    Array.from({ length: RATES_MAX }, (_, batch) => batch),
  );
});

it("lets every second one go where there is no more room, and keeps the newest", () => {
  const { rates } = after(RATES_MAX + 1, MINUTE);
  expect(rates.map(({ gamesPerSecond }) => gamesPerSecond)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24]);
});

it("never has more than there is room for, and spans six hours of a worker that has lived longer", () => {
  for (const everyMs of [10_000, 100_000, 150_000, 20 * MINUTE]) {
    const lengths = [30, 100, 400, 1000].map((batches) => after(batches, everyMs).rates.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(RATES_MAX);
  }
  expect(hours(after(1000, 150_000))).toBeGreaterThan(5);
  expect(hours(after(1000, 150_000))).toBeLessThan(7);
});

it("keeps the time between two at least at its step", () => {
  const { rates } = after(1000, 150_000);
  const steps = rates.slice(1).map(({ atMs }, index) => atMs - (rates[index]?.atMs ?? 0));
  expect(Math.min(...steps.slice(-5))).toBeGreaterThanOrEqual(15 * MINUTE);
});
