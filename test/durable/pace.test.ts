import { describe, expect, it } from "vitest";
import { FREE_PACE, learnRefusal, learnSuccess, takePlaces } from "../../src/durable/pace.ts";

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
  const pace = learnRefusal(FREE_PACE, refused(4.5), NOW);

  it("waits it out with a margin and the spread of the refused burst, then keeps the interval", () => {
    const first = NOW + 4725 + 500;
    expect(takePlaces(pace, 3, NOW).startsAtMs).toEqual([first, first + 4725, first + 9450]);
  });

  it("keeps the interval through successes", () => {
    expect(learnSuccess(pace)).toEqual(pace);
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
      pace = learnRefusal(pace, refused(null), Math.max(NOW, pace.nextAtMs));
      intervals.push(pace.intervalMs);
    }
    expect(intervals).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * SECOND));
    expect(learnSuccess(pace).intervalMs).toBe(54 * SECOND);
  });
});

it("learns one thing of a burst, however many of its calls are refused: they were sent before any refusal came", () => {
  let pace = FREE_PACE;
  for (let call = 0; call < 100; call++) pace = learnRefusal(pace, refused(null), NOW + call * 10);
  expect([pace.intervalMs, pace.nextAtMs]).toEqual([SECOND, NOW + 990 + 1500]);
  expect(learnRefusal(pace, refused(null), pace.nextAtMs).intervalMs).toBe(2 * SECOND);
});

it.each([
  ["a threshold in milliseconds", refused(4500)],
  ["a Retry-After of a day", refused(null, 86_400)],
])("stills a route for two minutes at most: %s", (_what, odd) => {
  const [startAtMs = 0] = takePlaces(learnRefusal(FREE_PACE, odd, NOW), 1, NOW).startsAtMs;
  expect(startAtMs - NOW).toBeLessThanOrEqual(120 * SECOND + 500);
});
