// The running sum of what was spent: exact whenever and however often it is added to.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addCharges, beginSpend, type Charge, countedUntil, type Spend, utcDay } from "../../src/fleet/spend.ts";
import { HOUR, MINUTE, NOW, SECOND } from "../support/builders.ts";

const MIDNIGHT = Date.parse("2026-11-24T00:00:00Z");
const DAY = 24 * HOUR;

/** One box at $0.60/hr, charged from where the sum has got to. */
function advance(spend: Spend, nowMs: number, usdPerHour: number | null = 0.6): Spend {
  const charge: Charge = { usdPerHour, fromMs: countedUntil(spend, nowMs), toMs: nowMs };
  return addCharges(spend, [charge], nowMs);
}

describe("what is spent", () => {
  it("is price × time, today and in total", () => {
    const spend = advance(beginSpend(NOW), NOW + 10 * MINUTE);
    expect(spend).toEqual({
      dayAtMs: utcDay(NOW),
      dayUsd: expect.closeTo(0.1),
      totalUsd: expect.closeTo(0.1),
      atMs: NOW + 10 * MINUTE,
    });
  });

  it("counts nothing for a price that the market does not tell", () => {
    expect(advance(beginSpend(NOW), NOW + HOUR, null)).toMatchObject({ dayUsd: 0, totalUsd: 0 });
  });

  it("begins the day anew at midnight UTC, with only what belongs to it", () => {
    const before = advance(beginSpend(MIDNIGHT - HOUR), MIDNIGHT - 1);
    expect(before.dayUsd).toBeCloseTo(0.6, 5);
    const after = advance(before, MIDNIGHT + 10 * MINUTE);
    expect(after).toMatchObject({ dayAtMs: MIDNIGHT, dayUsd: expect.closeTo(0.1), totalUsd: expect.closeTo(0.7) });
  });

  it("counts a gap of days whole, and of it today's part today", () => {
    const after = advance(beginSpend(NOW), MIDNIGHT + 2 * DAY + HOUR);
    expect(after.totalUsd).toBeCloseTo(0.6 * (6 + 48 + 1));
    expect(after.dayUsd).toBeCloseTo(0.6);
  });

  it("counts no hour twice when the clock is set back for a while, over midnight too", () => {
    const late = advance(beginSpend(MIDNIGHT - 30 * MINUTE), MIDNIGHT + 30 * MINUTE);
    const back = advance(late, MIDNIGHT - 10 * MINUTE);
    expect(back).toEqual(late);
    expect(advance(back, MIDNIGHT + 40 * MINUTE).totalUsd).toBeCloseTo(0.7);
  });

  it("goes on from where a clock was set back to by more than an hour: a budget that watches nothing costs more", () => {
    const ahead = advance(beginSpend(NOW), NOW + DAY);
    const justBack = advance(ahead, NOW + DAY - HOUR);
    expect(justBack.atMs).toBe(NOW + DAY);
    const back = advance(ahead, NOW + SECOND);
    expect(back.atMs).toBe(NOW + SECOND);
    expect(advance(back, NOW + SECOND + HOUR).totalUsd).toBeCloseTo(0.6 * 25);
  });

  it("is the same however often it is looked at", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 * DAY }), { maxLength: 40 }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        (looks, usdPerHour) => {
          const endMs = NOW + 5 * DAY;
          const often = [...looks.toSorted((a, b) => a - b).map((inMs) => NOW + inMs), endMs].reduce(
            (spend, atMs) => advance(spend, atMs, usdPerHour),
            beginSpend(NOW),
          );
          const once = advance(beginSpend(NOW), endMs, usdPerHour);
          expect(often.totalUsd).toBeCloseTo(once.totalUsd, 6);
          expect(often.dayUsd).toBeCloseTo(once.dayUsd, 6);
        },
      ),
      { numRuns: 300 },
    );
  });
});
