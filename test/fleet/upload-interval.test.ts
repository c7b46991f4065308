import { describe, expect, it } from "vitest";
import { projectedCommitsPerHour, uploadIntervalFor, uploadIntervalProblem } from "../../src/fleet/upload-interval.ts";

describe("the upload interval", () => {
  // Fleet behaviour reference §7.3.
  it.each([
    [0, 240, 0],
    [1, 240, 15],
    [2, 240, 30],
    [4, 240, 60],
    [6, 240, 90],
    [7, 252, 100],
    [8, 288, 100],
    [10, 360, 100],
    [12, 432, 100],
    [20, 720, 100],
  ])("is for %i workers %i s, which makes %i commits an hour", (workers, seconds, commits) => {
    expect(uploadIntervalFor(workers, null)).toBe(seconds);
    expect(projectedCommitsPerHour(workers, seconds, 0)).toBeCloseTo(commits);
  });

  it("keeps two fleets of eight on one repo under the limit together", () => {
    expect(uploadIntervalFor(8 + 8, null)).toBe(576);
  });

  it("rounds up, so that the commits never exceed what the formula allows", () => {
    for (let workers = 1; workers <= 1000; workers += 1) {
      expect(projectedCommitsPerHour(workers, uploadIntervalFor(workers, null), 0)).toBeLessThanOrEqual(100);
    }
  });

  it("can be lengthened by the spec, not shortened", () => {
    expect(uploadIntervalFor(4, 600)).toBe(600);
    expect(uploadIntervalFor(4, 240)).toBe(240);
    expect(uploadIntervalFor(12, 300)).toBe(432);
    expect(uploadIntervalFor(1, 60)).toBe(240);
  });

  it("is refused under 120 s from four workers on", () => {
    expect(uploadIntervalProblem(4, 119)).toContain("119 s is refused with 4 workers");
    // A fleet that was accepted with three is filled when others have joined it on the repo.
    expect(uploadIntervalFor(11, 100)).toBe(396);
    expect(uploadIntervalProblem(4, 120)).toBeNull();
    expect(uploadIntervalProblem(3, 119)).toBeNull();
    expect(uploadIntervalProblem(4, null)).toBeNull();
  });

  it("counts the learner's measured commits into the projection", () => {
    expect(projectedCommitsPerHour(12, 432, 16)).toBeCloseTo(116);
  });
});
