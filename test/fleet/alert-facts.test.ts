import { describe, expect, it } from "vitest";
import {
  type AccountFactsForAlerts,
  accountConditions,
  fleetConditions,
  type FleetFacts,
} from "../../src/fleet/alert-facts.ts";
import type { Verdict } from "../../src/fleet/memory.ts";
import type { FleetState } from "../../src/fleet/plan.ts";
import { aWorker } from "../support/builders.ts";

const T0 = 1_800_000_000_000;
const IN_ORDER = { replaced: [], alert: null };

function withWorkers(verdicts: readonly Verdict[], facts: Partial<FleetFacts> = {}): FleetFacts {
  const workers = verdicts.map((verdict, slot) => aWorker({ instanceId: 100 + slot, slot, verdict }));
  return {
    mode: "active",
    state: "ramping",
    target: 4,
    notes: [],
    ...facts,
    memory: { workers, intents: [], debts: [], breaker: null, blindSinceMs: null, delivery: IN_ORDER, ...facts.memory },
  };
}

const kindsOf = (facts: FleetFacts): readonly string[] => fleetConditions(facts).map(({ kind }) => kind);

describe("a fleet", () => {
  it("is short when it lacks a box, or when fewer than half of its target are at work", () => {
    expect(kindsOf(withWorkers(["producing", "producing", "producing"]))).toEqual(["below-target"]);
    expect(kindsOf(withWorkers(["producing", "producing", "booting", "waiting"]))).toEqual([]);
    expect(kindsOf(withWorkers(["producing", "booting", "booting", "waiting"]))).toEqual(["below-target"]);
    // What nobody has measured is not held against it.
    expect(kindsOf(withWorkers(["unknown", "unknown", "booting", "booting"]))).toEqual([]);
  });

  it.each<[FleetState, string]>([
    ["ramping", "measured"],
    ["no-offers", "measured"],
    ["no-credentials", "measured"],
    ["waiting-for-weights", "measured"],
    ["blind", "not measured"],
    ["credit-wait", "not measured"],
    ["breaker-open", "not measured"],
    ["down", "absent"],
    ["draining", "absent"],
    ["paused", "absent"],
    ["over-budget", "absent"],
  ])("without a box in state %s its shortage is %s", (state, expected) => {
    const found = fleetConditions(withWorkers([], { state })).find(({ kind }) => kind === "below-target");
    expect(found === undefined ? "absent" : found.isMeasured ? "measured" : "not measured").toBe(expected);
  });

  it("delivers nothing since the CHECK that found it, unless it is down", () => {
    const why = "workers 0, 1 produce and deliver nothing: HF_TOKEN needs write access";
    const delivery = { replaced: [], alert: { sinceMs: T0, why } };
    const memory = { workers: [], intents: [], debts: [], breaker: null, blindSinceMs: null, delivery };
    const told = fleetConditions(withWorkers([], { target: 0, memory }));
    expect(told).toEqual([{ key: "undelivered", kind: "undelivered", isMeasured: true, sinceMs: T0, summary: why }]);
    expect(fleetConditions(withWorkers([], { state: "draining", mode: "down", memory }))).toEqual([]);
  });

  it("is blind since the instant it remembers, unless it is down and empty", () => {
    const memory = { workers: [], intents: [], debts: [], breaker: null, blindSinceMs: T0, delivery: IN_ORDER };
    expect(fleetConditions(withWorkers([], { state: "blind", memory }))).toContainEqual(
      expect.objectContaining({ kind: "blind", sinceMs: T0 }),
    );
    expect(fleetConditions(withWorkers([], { state: "down", mode: "down", memory }))).toEqual([]);
  });
});

describe("an account", () => {
  const quiet: AccountFactsForAlerts = { creditWait: null, hoursLeft: 40, creditUsd: 20, usdPerHour: 0.5, strays: [] };
  const shown = (facts: Partial<AccountFactsForAlerts>): readonly string[] =>
    accountConditions({ ...quiet, ...facts }).map(({ key, isMeasured }) => `${key} ${isMeasured}`);

  it("runs low below 12 hours of credit, is well from 13 on, and in between stays what it was", () => {
    expect(shown({ hoursLeft: 11.99 })).toEqual(["credit-hours true"]);
    expect(shown({ hoursLeft: 12 })).toEqual(["credit-hours false"]);
    expect(shown({ hoursLeft: 12.99 })).toEqual(["credit-hours false"]);
    expect(shown({ hoursLeft: 13 })).toEqual([]);
    expect(shown({ hoursLeft: null })).toEqual([]);
  });

  it("out of credit is said alone: how long it lasts is not measured meanwhile", () => {
    const creditWait = { cause: "low", sinceMs: T0, why: "$0.10 left" };
    expect(shown({ creditWait, hoursLeft: 0.2 })).toEqual(["out-of-credit true", "credit-hours false"]);
    expect(shown({ creditWait, hoursLeft: null })).toEqual(["out-of-credit true", "credit-hours false"]);
  });

  it("names each stray that bills or may bill", () => {
    const stray = { instanceId: 7, label: null, usdPerHour: 0.1, why: "no label" };
    const strays = [stray, { ...stray, instanceId: 8, usdPerHour: null }, { ...stray, instanceId: 9, usdPerHour: 0 }];
    expect(shown({ strays })).toEqual(["stray:7 true", "stray:8 true"]);
  });
});
