import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import {
  aMemory,
  anAccount,
  aProof,
  aProvenSweep,
  aSituation,
  aSpec,
  MINUTE,
  NOW,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { aDestroyOf, aNewDebtOf, inShort } from "../support/plans.ts";

const four = someBoxes(4);
const order = { instanceId: 1001, slot: 1, by: "admin", atMs: NOW - MINUTE };
const WAITS = "ordered by hand, waiting for a proven list that shows it: destroy 1001";

function withOrder(changes: Partial<Situation> = {}): Situation {
  const memory = aMemory({ workers: four.workers, orders: [order] });
  return aSituation({ rows: four.rows, memory, ...changes });
}

describe("a box that a person ordered to go", () => {
  it("goes though it produces, as a debt and without a strike, and another is rented", () => {
    const plan = decide(withOrder({ offers: someOffers(1) }));
    expect(inShort(plan)).toEqual([
      ["destroy", 1001, "by-hand"],
      ["rent", 1],
    ]);
    expect(plan.actions[0]).toEqual(aDestroyOf(1, "by-hand", "ordered by admin", { by: "admin" }, aProof(four.rows)));
    expect(plan.memory).toMatchObject({ orders: [], debts: [aNewDebtOf(1, "ordered by admin")] });
  });

  it("is replaced though the hourly limit is reached: a person gave it up, no fault did", () => {
    const rentedAtMs = Array.from({ length: 8 }, () => NOW - MINUTE);
    const memory = aMemory({ workers: four.workers, orders: [order], rentedAtMs });
    expect(inShort(decide(withOrder({ memory, offers: someOffers(1) })))).toContainEqual(["rent", 1]);
  });

  it.each([
    ["paused", { mode: "paused" }],
    ["down", { mode: "down" }],
    [
      "waiting for credit",
      { account: anAccount({ creditWait: { sinceMs: NOW, nextProbeAtMs: NOW + MINUTE, why: "no" } }) },
    ],
  ] as const)("goes while the fleet is %s", (_words, changes) => {
    const plan = decide(withOrder(changes));
    expect(inShort(plan)).toContainEqual(["destroy", 1001, "by-hand"]);
    expect(plan.memory.orders).toEqual([]);
  });

  it("comes before the target: with one box too many it is the one that goes", () => {
    expect(inShort(decide(withOrder({ spec: aSpec({ target: 3 }) })))).toEqual([["destroy", 1001, "by-hand"]]);
  });

  it.each([
    ["the fleet is blind", { sweep: { proven: false, begunAtMs: NOW, reason: "partial" } as const }],
    ["there is no key", { missingCredentials: "VAST_API_KEY missing" }],
  ])("waits while %s, and the note says so", (_words, changes) => {
    const plan = decide(withOrder(changes));
    expect(plan.actions).toEqual([]);
    expect(plan.memory.orders).toEqual([order]);
    expect(plan.notes).toContain(WAITS);
  });

  it("waits while the list does not show it, and goes when its id does", () => {
    const hidden = aProvenSweep(four.rows.filter(({ instanceId }) => instanceId !== 1001));
    const plan = decide(withOrder({ sweep: hidden }));
    expect([plan.needs.confirm, plan.memory.orders]).toEqual([[1001], [order]]);
    expect(plan.notes).toContain(WAITS);
    const seen = decide(withOrder({ sweep: hidden, confirmations: new Map([[1001, "present"]]) }));
    expect(inShort(seen)).toContainEqual(["destroy", 1001, "by-hand"]);
  });

  it("is settled with a note where it is no worker any more", () => {
    const memory = aMemory({ workers: four.workers, orders: [{ ...order, instanceId: 77 }] });
    const plan = decide(withOrder({ memory }));
    expect([plan.actions, plan.memory.orders]).toEqual([[], []]);
    expect(plan.notes).toEqual(["instance 77 was to be destroyed by hand and is gone, or going, already"]);
  });
});
