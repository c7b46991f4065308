// Rule 22: what a budget does at its edge. Through `decide`, as a CHECK does it.

import { describe, expect, it } from "vitest";
import { budgetDeadlines, cents } from "../../src/fleet/budget.ts";
import { decide } from "../../src/fleet/decide.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import type { SpecPatch } from "../../src/fleet/spec.ts";
import { beginSpend, type Spend } from "../../src/fleet/spend.ts";
import {
  aMemory,
  anAccount,
  anInstance,
  aSituation,
  aSpec,
  aWorker,
  MINUTE,
  must,
  NOW,
  SECOND,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const offers = someOffers(14);
const MIDNIGHT = Date.parse("2026-11-24T00:00:00Z");
const two = someBoxes(2);
const steady = aMemory().changedAtMs;

const spent = (dayUsd: number, totalUsd = dayUsd): Spend => ({ ...beginSpend(NOW), dayUsd, totalUsd });

/** A fleet of four with two boxes at $0.072/hr, on this spec and with so much spent. */
function plan(patch: SpecPatch, spend: Spend, changes: Parameters<typeof aSituation>[0] = {}): Plan {
  const spec = aSpec({ target: 4, ...patch });
  return decide(
    aSituation({ rows: two.rows, memory: aMemory({ workers: two.workers, spend }), spec, offers, ...changes }),
  );
}

describe.each<[string, SpecPatch, Spend, Spend, string, number | null]>([
  [
    "per day",
    { budgetUsdPerDay: 5 },
    spent(4.99, 99),
    spent(5, 99),
    "budget reached: $5.00 of $5.00 today (UTC)",
    MIDNIGHT,
  ],
  [
    "in total",
    { budgetUsdTotal: 50 },
    spent(0, 49.99),
    spent(0, 50),
    "budget reached: $50.00 of $50.00 in total",
    null,
  ],
])("a budget %s", (_words, patch, below, at, what, goesOnAtMs) => {
  const until = goesOnAtMs === null ? "until the spec allows more" : "until 2026-11-24T00:00Z or a higher budget";

  it("lets the fleet fill itself before it is reached", () => {
    expect(inShort(plan(patch, below))).toEqual([
      ["rent", 2],
      ["rent", 3],
    ]);
  });

  it("reached: nothing is rented, and the boxes stay", () => {
    const held = plan(patch, at);
    expect(held).toMatchObject({ actions: [], state: "over-budget", spareOffers: [] });
    expect(held.needs.offers).toBe(false);
    expect(held.notes).toEqual([`${what}: nothing is rented ${until}, the boxes stay (onBudget hold)`]);
  });

  it("reached with onBudget down: every box goes, with the figures", () => {
    const ended = plan({ ...patch, onBudget: "down" }, at);
    expect(inShort(ended)).toEqual([
      ["destroy", 1000, "budget"],
      ["destroy", 1001, "budget"],
    ]);
    expect(ended.actions[0]).toMatchObject({ reason: what, evidence: { todayUsd: at.dayUsd, totalUsd: at.totalUsd } });
    expect(ended.state).toBe("over-budget");
    expect(ended.memory.workers).toEqual([]);
    expect(ended.memory.debts).toHaveLength(2);
  });

  it("reached: is looked at at the steady cadence, and again when it is over", () => {
    const nowMs = MIDNIGHT - 5 * MINUTE;
    const held = plan(patch, at, { rows: [], memory: aMemory({ spend: at }), nowMs });
    const inMs = goesOnAtMs === null ? 600 * SECOND : 5 * MINUTE;
    expect([held.lookAgainAtMs, held.cadenceSeconds]).toEqual([nowMs + inMs, 600]);
  });
});

it("the next UTC day goes on, without a change of mode", () => {
  const spec: SpecPatch = { budgetUsdPerDay: 5, onBudget: "down" };
  const empty = { rows: [], memory: aMemory({ spend: spent(5) }) };
  expect(plan(spec, spent(5), { ...empty, nowMs: MIDNIGHT - 1 })).toMatchObject({ actions: [], state: "over-budget" });
  expect(inShort(plan(spec, spent(5), { ...empty, nowMs: MIDNIGHT }))).toHaveLength(4);
});

it("a higher budget goes on at once", () => {
  expect(plan({ budgetUsdPerDay: 5.01 }, spent(5)).actions).toHaveLength(2);
});

describe("stopAt", () => {
  const stopAt = "2026-11-23T19:00:00+01:00";

  it.each([
    [NOW - 1, 2, "ramping"],
    [NOW, 0, "over-budget"],
  ])("at %i: %i rents, %s", (nowMs, rents, state) => {
    const made = plan({ stopAt }, spent(0), { nowMs });
    expect([made.actions.length, made.state]).toEqual([rents, state]);
  });

  it("is an end for good, whatever the day's budget says", () => {
    expect(plan({ stopAt, budgetUsdPerDay: 1 }, spent(5)).notes[0]).toBe(
      `stopAt ${stopAt} has passed: nothing is rented until the spec allows more, the boxes stay (onBudget hold)`,
    );
    expect(inShort(plan({ stopAt, onBudget: "down" }, spent(0)))).toHaveLength(2);
  });

  it("asks for a CHECK at its moment", () => {
    const made = plan({ stopAt: "2026-11-23T18:00:07Z", target: 2 }, spent(0));
    expect([made.lookAgainAtMs, made.isEarly]).toEqual([NOW + 7 * SECOND, true]);
  });
});

describe("the moment when a budget will be reached", () => {
  /** Two boxes of $0.60/hr: 2 cents a minute. */
  const rows = [0, 1].map((slot) => anInstance({ slot, usdPerHour: 0.6 }));
  const workers = [0, 1].map((slot) => aWorker({ slot, usdPerHour: 0.6 }));
  const at = (patch: SpecPatch, spend: Spend, nowMs = NOW) => {
    const spec = aSpec({ target: 2, maxPriceUsdPerHour: 1, ...patch });
    const memory = aMemory({ workers, changedAtMs: steady, spend: { ...spend, atMs: nowMs } });
    return decide(aSituation({ rows, memory, spec, nowMs }));
  };

  it.each<[string, SpecPatch, Spend]>([
    ["of the day", { budgetUsdPerDay: 5 }, spent(4.9)],
    ["in total", { budgetUsdTotal: 5 }, spent(0, 4.9)],
  ])("%s asks for a CHECK then", (_words, patch, spend) => {
    const made = at(patch, spend);
    expect(made.lookAgainAtMs - NOW).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(made.lookAgainAtMs - NOW).toBeLessThanOrEqual(5 * MINUTE + 2);
    expect([made.isEarly, made.state]).toEqual([true, "steady"]);
  });

  it("counts from midnight where the day ends first", () => {
    const spec = aSpec({ budgetUsdPerDay: 0.1 });
    const [deadlineMs] = budgetDeadlines(spec, spent(0.01), 1.2, MIDNIGHT - 2 * MINUTE);
    expect(must(deadlineMs) - MIDNIGHT).toBeCloseTo(5 * MINUTE, -1);
    expect(budgetDeadlines(spec, spent(0.01), 0, NOW)).toEqual([]);
  });

  it("is reached at that CHECK", () => {
    const made = at({ budgetUsdPerDay: 5 }, spent(4.9));
    const then = decide(
      aSituation({
        rows,
        memory: made.memory,
        spec: aSpec({ target: 2, maxPriceUsdPerHour: 1, budgetUsdPerDay: 5 }),
        nowMs: made.lookAgainAtMs,
      }),
    );
    expect(then.state).toBe("over-budget");
  });

  it.each<[string, SpecPatch, Spend, readonly string[]]>([
    ["half of it", { budgetUsdPerDay: 5 }, spent(2.5), []],
    ["more", { budgetUsdPerDay: 5 }, spent(2.6), ["budget: $2.60 of $5.00 today, reached in 2.0 h at $1.200/hr"]],
    ["not today", { budgetUsdPerDay: 15 }, spent(7.6), ["budget: $7.60 of $15.00 today, not reached at $1.200/hr"]],
    [
      "in total",
      { budgetUsdTotal: 50 },
      spent(0, 38),
      ["budget: $38.00 of $50.00 in total, reached in 10.0 h at $1.200/hr"],
    ],
  ])("is told in a note when more than half is spent: %s", (_words, patch, spend, notes) => {
    expect(at(patch, spend).notes).toEqual(notes);
  });
});

describe("a reached budget", () => {
  const patch: SpecPatch = { budgetUsdPerDay: 5, onBudget: "down" };
  const creditWait = { sinceMs: NOW - MINUTE, nextProbeAtMs: NOW, why: "lacks credit" };

  it("kills nothing and rents nothing while the account waits for credit, its probe included", () => {
    const made = plan(patch, spent(5), { account: anAccount({ creditWait }) });
    expect([made.actions, made.state]).toEqual([[], "credit-wait"]);
    expect(made.notes[0]).toContain("the boxes are destroyed after the wait for credit (onBudget down)");
  });

  it("kills nothing while the fleet is paused, and nothing on an unproven list", () => {
    expect(plan(patch, spent(5), { mode: "paused" })).toMatchObject({ actions: [], state: "paused" });
    const sweep = { proven: false, begunAtMs: NOW, reason: "partial" } as const;
    expect(plan(patch, spent(5), { sweep })).toMatchObject({ actions: [], state: "blind" });
  });

  it("comes after missing credentials of the Hub, before missing weights", () => {
    expect(plan({ budgetUsdPerDay: 5 }, spent(5), { weights: "no-credentials" }).state).toBe("no-credentials");
    expect(plan({ budgetUsdPerDay: 5 }, spent(5), { weights: "missing" }).state).toBe("over-budget");
  });

  it("that holds replaces nothing: a sick box goes all the same", () => {
    const rows = [anInstance({ usdPerHour: 9 }), anInstance({ slot: 1 })];
    expect(inShort(plan({ budgetUsdPerDay: 5 }, spent(5), { rows }))).toEqual([["destroy", 1000, "over-cost"]]);
  });
});

it.each([
  [0.43, "$0.43"],
  [-0.43, "-$0.43"],
  [-0.004, "$0.00"],
  [0, "$0.00"],
  [-0, "$0.00"],
  [-12.345, "-$12.35"],
])("writes a balance of %d as %s", (usd, text) => {
  expect(cents(usd)).toBe(text);
});
