import { describe, expect, it } from "vitest";
import { needsAttention, severityOf, type StateFacts, stateView, targetOf } from "../../dashboard/src/view/states.ts";
import { severity, verdictViews } from "../../dashboard/src/view/verdicts.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";

const NOW = Date.parse("2026-11-24T08:00:00Z");

function aFleet(facts: Partial<StateFacts>): StateFacts {
  return {
    state: "steady",
    mode: "active",
    spec: resolveSpec("zeb", { target: 8 }, null),
    totals: { live: 8, producing: 6, usdPerHour: 0.6, gamesPerSecond: 20 },
    workers: [],
    intents: [],
    debts: [],
    breaker: null,
    lookAgainAt: "2026-11-24T08:03:00Z",
    notes: [],
    spend: { todayUsd: 1, totalUsd: 5 },
    ...facts,
  };
}

const states: readonly StateFacts["state"][] = [
  "down",
  "draining",
  "paused",
  "no-credentials",
  "blind",
  "credit-wait",
  "over-budget",
  "waiting-for-weights",
  "breaker-open",
  "no-offers",
  "ramping",
  "steady",
];

describe("the state of a fleet", () => {
  it.each(states)("%s has a word for the badge and a sentence", (state) => {
    const view = stateView(aFleet({ state }), NOW);
    expect(view.word).toMatch(/^[a-z ]{4,14}$/);
    expect(view.sentence.length).toBeGreaterThan(view.word.length);
  });

  it("says how far a ramp is", () => {
    expect(stateView(aFleet({ state: "ramping" }), NOW).sentence).toBe("ramping, 6 of 8");
  });

  it("says when credit is tried again", () => {
    expect(stateView(aFleet({ state: "credit-wait" }), NOW).sentence).toBe("waiting for credit: next try in 3 min");
  });

  it("says on how many machines the breaker saw one error, and when one is tried again", () => {
    const breaker = {
      reason: "4 machines, same error: x",
      signature: "x",
      openedAt: "",
      tries: 0,
      nextCanaryAt: "2026-11-24T08:04:00Z",
    };
    const { sentence, reason } = stateView(aFleet({ state: "breaker-open", breaker }), NOW);
    expect(sentence).toBe("paused by the breaker: the same error on 4 machines; one is tried again in 4 min");
    expect(reason).toBe("x");
    expect(stateView(aFleet({ state: "breaker-open" }), NOW).sentence).toContain("on several machines");
  });

  it("says why the breaker is open rather than what the last CHECK noted", () => {
    const why = "same error on 3 machines";
    const breaker = { reason: why, signature: "x", openedAt: "", tries: 1, nextCanaryAt: "" };
    const view = stateView(aFleet({ state: "breaker-open", breaker, notes: ["something else"] }), NOW);
    expect([view.reason, view.tone]).toEqual([why, "bad"]);
  });

  it("names the budget that is spent, the day's first", () => {
    const spec = resolveSpec("zeb", { target: 8, budgetUsdPerDay: 1, budgetUsdTotal: 5 }, null);
    const words = (todayUsd: number): string =>
      stateView(aFleet({ state: "over-budget", spec, spend: { todayUsd, totalUsd: 5 } }), NOW).sentence;
    expect(words(1)).toBe("the day's budget is spent: $1.00 of $1.00");
    expect(words(0.99)).toBe("the budget is spent: $5.00 of $5.00");
  });

  it("names the cap under which there is no offer", () => {
    const { sentence } = stateView(aFleet({ state: "no-offers" }), NOW);
    expect(sentence).toBe("no offer under $0.090/hr: next search in 3 min");
  });

  it("counts no target for a fleet that is down", () => {
    expect([targetOf(aFleet({ mode: "down" })), targetOf(aFleet({}))]).toEqual([0, 8]);
  });

  it("comes first where something is wrong, and only there asks for a look", () => {
    const ordered = states.toSorted((a, b) => severityOf(a) - severityOf(b));
    const alarmed = states.filter((state) => needsAttention(stateView(aFleet({ state }), NOW).tone));
    expect(new Set(ordered.slice(0, alarmed.length))).toEqual(new Set(alarmed));
    expect(alarmed).toContain("blind");
    expect(alarmed).not.toContain("ramping");
  });
});

describe("the verdict of a worker", () => {
  it("has one tone for each shape, so that the shape alone tells it", () => {
    const byShape = Map.groupBy(Object.values(verdictViews), ({ shape }) => shape);
    for (const views of byShape.values()) expect(new Set(views.map(({ tone }) => tone)).size).toBe(1);
  });

  it("stands worst first", () => {
    expect(severity("failed")).toBeLessThan(severity("booting"));
    expect(severity("booting")).toBeLessThan(severity("producing"));
  });
});
