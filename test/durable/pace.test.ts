import { describe, expect, it } from "vitest";
import { FREE_PACE, isPlaceGood, learnRefusal, learnSuccess, takePlaces } from "../../src/durable/pace.ts";

const NOW = 1_000_000;
const SECOND = 1000;
const refused = (thresholdSeconds: number | null, retryAfterSeconds: number | null = null) => ({
  thresholdSeconds,
  retryAfterSeconds,
});

describe("before any refusal", () => {
  it("lets a whole burst start at once", () => {
    expect(takePlaces(FREE_PACE, 4, NOW).startsAtMs).toEqual([NOW, NOW, NOW, NOW]);
  });
});

describe("after a stated threshold", () => {
  const pace = learnRefusal(FREE_PACE, "destroy", refused(4.5), NOW);

  it("waits it out with a margin and the spread of the refused burst, then keeps the interval", () => {
    const first = NOW + 4725 + 500;
    expect(takePlaces(pace, 3, NOW).startsAtMs).toEqual([first, first + 4725, first + 9450]);
  });

  it("keeps the interval through successes", () => {
    expect(learnSuccess(pace, NOW + 60 * SECOND)).toEqual(pace);
  });

  it("books no place that begins at or after the limit, so that a backlog cannot grow", () => {
    const taken = takePlaces(pace, 100, NOW, NOW + 10 * SECOND);
    expect(taken.startsAtMs).toEqual([NOW + 5225, NOW + 9950]);
    expect(taken.pace.nextAtMs).toBe(NOW + 5225 + 2 * 4725);
    expect(takePlaces(taken.pace, 100, NOW, NOW + 10 * SECOND).pace).toEqual(taken.pace);
  });
});

describe("after a refusal without a threshold", () => {
  it("guesses a second, doubles with each later refusal up to a minute, and forgets with successes", () => {
    const intervals: number[] = [];
    let pace = FREE_PACE;
    for (let refusal = 0; refusal < 8; refusal++) {
      pace = learnRefusal(pace, "list", refused(null), Math.max(NOW, pace.nextAtMs));
      intervals.push(pace.intervalMs);
    }
    expect(intervals).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * SECOND));
    expect(learnSuccess(pace, pace.nextAtMs).intervalMs).toBe(54 * SECOND);
    // One that was sent with the refused ones says nothing.
    expect(learnSuccess(pace, pace.nextAtMs - 1)).toEqual(pace);
  });
});

it("learns one thing of a burst, however many of its calls are refused: they were sent before any refusal came", () => {
  let pace = FREE_PACE;
  for (let call = 0; call < 100; call++) pace = learnRefusal(pace, "list", refused(null), NOW + call * 10);
  expect([pace.intervalMs, pace.nextAtMs]).toEqual([SECOND, NOW + 990 + 1500]);
  expect(learnRefusal(pace, "list", refused(null), pace.nextAtMs).intervalMs).toBe(2 * SECOND);
});

describe("after a create that came too early", () => {
  it("waits for the documented penalty as well, and then keeps the interval", () => {
    const pace = learnRefusal(FREE_PACE, "rent", refused(4.5), NOW);
    const first = NOW + 4725 + 12_000 + 500;
    expect(takePlaces(pace, 2, NOW).startsAtMs).toEqual([first, first + 4725]);
  });

  it("takes the documented interval where none is stated", () => {
    expect(learnRefusal(FREE_PACE, "rent", refused(null), NOW).intervalMs).toBe(4725);
  });

  it("makes places void that were given before, and lets those stand that come after the rest", () => {
    const paced = { ...FREE_PACE, intervalMs: 4725 };
    const { pace, startsAtMs } = takePlaces(paced, 5, NOW);
    const rested = learnRefusal(pace, "rent", refused(4.5), NOW);
    expect(startsAtMs.map((startAtMs) => isPlaceGood(rested, startAtMs))).toEqual([false, false, false, false, true]);
    expect(takePlaces(rested, 1, NOW).startsAtMs).toEqual([NOW + 5 * 4725]);
  });
});

it.each([
  ["a threshold in milliseconds", refused(4500)],
  ["a Retry-After of a day", refused(null, 86_400)],
])("stills a route for two minutes at most: %s", (_what, odd) => {
  const [startAtMs = 0] = takePlaces(learnRefusal(FREE_PACE, "rent", odd, NOW), 1, NOW).startsAtMs;
  expect(startAtMs - NOW).toBeLessThanOrEqual((120 + 12) * SECOND + 500);
});
