import { expect, it } from "vitest";
import { isWorthTelling } from "../../src/fleet/failed-attempt.ts";

it("tells of the first failure and then of the 10th, 100th and 1,000th with the same words", () => {
  const told: number[] = [];
  let before: string | null = null;
  for (let attempt = 1; attempt <= 2000; attempt++) {
    if (isWorthTelling(attempt, "HTTP 500", before)) told.push(attempt);
    before = "HTTP 500";
  }
  expect(told).toEqual([1, 10, 100, 1000]);
});

it("tells of every failure that says something else than the one before", () => {
  expect(isWorthTelling(7, "HTTP 500", "HTTP 500")).toBe(false);
  expect(isWorthTelling(7, "HTTP 403", "HTTP 500")).toBe(true);
  expect(isWorthTelling(7, "HTTP 500", null)).toBe(true);
});
