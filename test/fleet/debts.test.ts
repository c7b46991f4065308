import { describe, expect, it } from "vitest";
import { type DebtTerms, isUnconfirmed, settleDebts, unprovenDebts, WATCH_MS } from "../../src/fleet/debts.ts";
import { aDebt, anInstance, MINUTE, NOW, SECOND } from "../support/builders.ts";

const terms: DebtTerms = {
  sweepBegunAtMs: NOW - SECOND,
  nowMs: NOW,
  confirmations: new Map(),
  accountReadAtMs: NOW,
};
const nothing = { debts: [], watched: [], due: [], actions: [] };
const once = { firstBegunAtMs: NOW - SECOND, lastBegunAtMs: NOW - SECOND, sweeps: 1 };

it("owes nothing where nothing was destroyed", () => {
  expect(settleDebts([], [], [anInstance()], terms)).toEqual(nothing);
});

it("is due again while the list shows the instance, and forgets the sweeps that did not", () => {
  const debt = aDebt({ missing: once });
  const kept = aDebt({ missing: null });
  expect(settleDebts([debt], [], [anInstance({ instanceId: 900 })], terms)).toEqual({
    ...nothing,
    debts: [kept],
    due: [kept],
  });
});

it("knows its instance by id, whatever label it bears by now", () => {
  const row = anInstance({ instanceId: 900, label: "mine-now", keeperId: "someone" });
  expect(settleDebts([aDebt()], [], [row], terms).due).toHaveLength(1);
});

it("stands after one sweep without the instance, and no longer counts against the ceiling", () => {
  const { debts, due } = settleDebts([aDebt()], [], [], terms);
  expect(debts).toEqual([aDebt({ missing: once })]);
  expect(due).toEqual([]);
  expect(debts.map(isUnconfirmed)).toEqual([false]);
});

it.each([
  ["the attempt", { lastAttemptAtMs: NOW - SECOND }],
  ["its birth where nothing was sent yet", { lastAttemptAtMs: null, createdAtMs: NOW - SECOND, attempts: 0 }],
])("learns nothing from a sweep begun no later than %s", (_words, changes) => {
  const { debts } = settleDebts([aDebt(changes)], [], [], terms);
  expect(debts.map(isUnconfirmed)).toEqual([true]);
});

it("is settled by one sweep and the by-id answer, and its id is watched for seven days", () => {
  const outcome = settleDebts([aDebt()], [], [], { ...terms, confirmations: new Map([[900, "absent"]]) });
  expect(outcome).toEqual({
    ...nothing,
    watched: [{ instanceId: 900, slot: 0, untilMs: NOW + WATCH_MS }],
    actions: [
      {
        kind: "debt-settled",
        slot: 0,
        instanceId: 900,
        reason: "instance 900 is proven gone; it went for: given up",
        evidence: { destroyAttempts: 1, sweeps: 1 },
      },
    ],
  });
});

it("is settled by two sweeps", () => {
  const before = { firstBegunAtMs: NOW - MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 1 };
  expect(settleDebts([aDebt({ missing: before })], [], [], terms).debts).toEqual([]);
});

it("is not settled while the account has not answered since", () => {
  const before = { firstBegunAtMs: NOW - MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 1 };
  const stale = { ...terms, accountReadAtMs: NOW - 2 * MINUTE };
  expect(settleDebts([aDebt({ missing: before })], [], [], stale).debts).toHaveLength(1);
});

describe("whose destroy the market has not taken", () => {
  const refused = aDebt({ isAccepted: false, lastError: "Vast answered 500" });
  const before = { firstBegunAtMs: NOW - MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 1 };
  const said = (answer: "absent" | "present" | "unknown"): DebtTerms => ({
    ...terms,
    confirmations: new Map([[900, answer]]),
  });

  it.each([
    ["it is not asked", terms, 0],
    ["nobody answers, and it is due again", said("unknown"), 1],
  ])(
    "is not settled by lists alone, is asked for by its id, and counts against the ceiling: %s",
    (_words, asked, times) => {
      const { debts, due } = settleDebts([{ ...refused, missing: before }], [], [], asked);
      expect(debts).toEqual([{ ...refused, missing: { ...before, lastBegunAtMs: NOW - SECOND, sweeps: 2 } }]);
      expect([due, unprovenDebts(debts), debts.map(isUnconfirmed)]).toEqual([debts.slice(0, times), [900], [true]]);
    },
  );

  it("is not sent again for a silent id before a list has missed it, nor once it was taken", () => {
    const unswept = { ...refused, lastAttemptAtMs: NOW };
    expect(settleDebts([unswept], [], [], said("unknown")).due).toEqual([]);
    expect(settleDebts([aDebt()], [], [], said("unknown")).due).toEqual([]);
  });

  it("is settled by one sweep and its id", () => {
    expect(settleDebts([refused], [], [], said("absent"))).toMatchObject({ debts: [], actions: [{ instanceId: 900 }] });
  });

  it("is due again where its id shows it and the list does not", () => {
    const { debts, due } = settleDebts([{ ...refused, missing: before }], [], [], said("present"));
    expect([debts, due]).toEqual([[refused], [refused]]);
  });

  it("is not asked for while the list shows it, nor is one that was taken", () => {
    expect(unprovenDebts([refused, aDebt({ missing: before })])).toEqual([]);
  });
});

it.each([
  ["a millisecond before seven days are over", NOW + 1, 1],
  ["after seven days", NOW, 0],
])("watches a destroyed id %s", (_words, untilMs, left) => {
  expect(settleDebts([], [{ instanceId: 900, slot: 0, untilMs }], [], terms).watched).toHaveLength(left);
});
