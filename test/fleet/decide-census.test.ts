// What a CHECK believes: whose the rows are, what has vanished, what has come back, what became of rents.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Confirmation } from "../../src/fleet/absence.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import {
  aDebt,
  aMemory,
  anAccount,
  anInstance,
  anIntent,
  aProof,
  aProvenSweep,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { aPlan, aRentOf, inShort } from "../support/plans.ts";

const offers = someOffers(6);
const four = someBoxes(4);
const sweepAt = NOW - 2 * SECOND;
const missingOnce = { firstBegunAtMs: sweepAt, lastBegunAtMs: sweepAt, sweeps: 1 };

describe("whose a box is", () => {
  it.each([
    ["with label and mark is ours", {}, true],
    ["with the label, unmarked, is ours", { keeperId: null }, true],
    ["with another keeper's mark is not", { keeperId: "keeper-b" }, false],
    ["of a fleet whose name begins like this one's is not", { fleet: "zeb-large" }, false],
    ["without a label is not", { label: null }, false],
    ["with a label of a person's own is not", { label: "my box" }, false],
  ])("%s", (_words, changes, expected) => {
    const plan = decide(aSituation({ rows: [anInstance(changes)], mode: "down" }));
    expect(inShort(plan)).toEqual(
      expected
        ? [
            ["adopt", 1000],
            ["destroy", 1000, "down"],
          ]
        : [],
    );
  });

  it("takes over an unmarked box of its label, with a note of how", () => {
    const rows = [anInstance({ keeperId: null, startedAtMs: NOW - HOUR })];
    const plan = decide(aSituation({ rows, spec: aSpec({ target: 1 }) }));
    expect(plan.actions).toEqual([
      {
        kind: "adopt",
        slot: 0,
        instanceId: 1000,
        reason: "it bears this fleet's label and no keeper's mark: taken over",
        evidence: { machineId: 100, gpu: "RTX 3070", usdPerHour: 0.072, intent: null },
      },
    ]);
    expect(plan.memory.workers).toMatchObject([{ slot: 0, fingerprint: null, firstSeenAtMs: sweepAt }]);
  });

  it("never touches a stray, in no mode", () => {
    const rows = [anInstance({ keeperId: "keeper-b", usdPerHour: 9, actualStatus: "exited" })];
    for (const mode of ["active", "paused", "down"] as const)
      expect(decide(aSituation({ rows, mode, spec: aSpec({ target: 0 }) })).actions).toEqual([]);
  });

  it("leaves a box alone that a person has relabelled, and fills its slot", () => {
    const rows = [anInstance({ label: "mine" }), ...four.rows.slice(1)];
    expect(inShort(decide(aSituation({ rows, workers: four.workers, offers })))).toEqual([
      ["gone", 1000],
      ["rent", 0],
    ]);
  });

  it("says which boxes of its label it leaves to another keeper, and only those", () => {
    const rows = [
      anInstance({ keeperId: "keeper-b" }),
      anInstance({ slot: 1, keeperId: "keeper-b" }),
      anInstance({ slot: 2, fleet: "zeb-large", keeperId: "keeper-b" }),
      anInstance({ slot: 3, label: null, keeperId: "keeper-b" }),
      anInstance({ slot: 4 }),
    ];
    const plan = decide(aSituation({ rows, spec: aSpec({ target: 1 }) }));
    expect(plan.notes).toEqual(["left alone, rented by another keeper under this fleet's label: 1000, 1001"]);
  });

  it("does not rent a second fleet when the list suddenly says no labels at all", () => {
    const rows = four.rows.map((row) => ({ ...row, label: null }));
    const plan = decide(aSituation({ rows, workers: four.workers, offers }));
    expect([inShort(plan), plan.memory.workers]).toEqual([[], four.workers]);
  });

  it.each([
    ["its uuid", { intentId: "intent-2" }],
    ["the id that the market named", { envReadable: false, keeperId: null }],
  ])(
    "does not rent again what it has just rented when the list says no labels: it knows the box by %s",
    (_w, marks) => {
      const rows = [anInstance({ slot: 2, label: null, ...marks })];
      const memory = aMemory({ intents: [anIntent({ slot: 2 })] });
      const plan = decide(aSituation({ rows, memory, spec: aSpec({ target: 1 }), offers }));
      expect(inShort(plan)).toEqual([["adopt", 1002]]);
      expect(plan.memory.workers).toMatchObject([{ slot: 2, label: "zeb-worker-vast-2" }]);
      expect(plan.memory.intents).toEqual([]);
    },
  );

  it("lets go of a known box that bears another keeper's mark, label or not", () => {
    const rows = [anInstance({ label: null, keeperId: "keeper-b" }), ...four.rows.slice(1)];
    expect(inShort(decide(aSituation({ rows, workers: four.workers, offers })))).toEqual([
      ["gone", 1000],
      ["rent", 0],
    ]);
  });
});

describe("a vanished box", () => {
  const rows = four.rows.slice(1);
  const seenBy = (confirmation?: Confirmation, account = anAccount()) =>
    aSituation({
      rows,
      workers: four.workers,
      offers,
      account,
      confirmations: confirmation === undefined ? new Map() : new Map([[1000, confirmation]]),
    });

  it("is asked for by id first; nothing is rented meanwhile", () => {
    const plan = decide(seenBy());
    expect(plan).toMatchObject({
      actions: [],
      state: "ramping",
      needs: { confirm: [1000], account: false },
      notes: ["not in the list, not yet proven gone: 1000"],
    });
    expect(plan.memory.workers.find(({ slot }) => slot === 0)?.missing).toEqual(missingOnce);
  });

  it("wants a good answer of the account besides the by-id answer", () => {
    const plan = decide(seenBy("absent", anAccount({ readAtMs: sweepAt - 1 })));
    expect([plan.actions, plan.needs.account]).toEqual([[], true]);
  });

  it("is gone with both, and its slot is rented again", () => {
    const plan = decide(seenBy("absent"));
    expect(plan.actions).toEqual([
      {
        kind: "gone",
        slot: 0,
        instanceId: 1000,
        reason: "instance 1000 is gone; this fleet did not destroy it",
        evidence: { machineId: 100, sweeps: 1 },
      },
      aRentOf(0, must(offers[0]), 1, 4, aProof(rows)),
    ]);
  });

  it.each(["unknown", "present"] as const)("stays, when the by-id answer is %s", (answer) => {
    expect(inShort(decide(seenBy(answer)))).toEqual([]);
  });

  it("is gone after a second sweep where asking by id brought no answer, and not before it was asked", () => {
    const first = decide(seenBy());
    const later = { nowMs: NOW + MINUTE, sweep: aProvenSweep(rows, NOW + MINUTE), memory: first.memory };
    const account = anAccount({ readAtMs: NOW });
    const unasked = decide({ ...seenBy(), ...later, account });
    expect([inShort(unasked), unasked.needs.confirm]).toEqual([[], [1000]]);
    expect(inShort(decide({ ...seenBy("unknown"), ...later, account }))).toEqual([
      ["gone", 1000],
      ["rent", 0],
    ]);
  });
});

describe("more than half of the boxes missing at once", () => {
  const absent = new Map<number, Confirmation>([1000, 1001, 1002].map((id) => [id, "absent"]));
  const first = decide(aSituation({ rows: four.rows.slice(3), workers: four.workers, offers, confirmations: absent }));

  it("are not believed gone by the by-id answer alone", () => {
    expect(first.actions).toEqual([]);
    expect(first.notes[0]).toContain("more than half at once");
  });

  it("are looked at again when the second sweep may be begun, before the cadence", () => {
    expect([first.lookAgainAtMs, first.isEarly]).toEqual([sweepAt + MINUTE, true]);
    const few = decide(aSituation({ rows: four.rows.slice(2), workers: four.workers, offers }));
    expect([few.lookAgainAtMs, few.isEarly]).toEqual([NOW + MINUTE, false]);
  });

  it.each([
    ["59.999 s later", 60 * SECOND - 1, []],
    ["60 s later", 60 * SECOND, ["gone", "gone", "gone", "rent", "rent", "rent"]],
  ])("are believed gone by a second sweep %s", (_words, laterMs, kinds) => {
    const nowMs = NOW + 2 * MINUTE;
    const plan = decide(
      aSituation({
        nowMs,
        sweep: aProvenSweep(four.rows.slice(3), sweepAt + laterMs),
        memory: first.memory,
        confirmations: absent,
        account: anAccount({ readAtMs: nowMs }),
        offers,
      }),
    );
    expect(plan.actions.map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe("a rent", () => {
  const three = someBoxes(3, 1);
  const lost = { state: "unknown", instanceId: null } as const;
  const old = { createdAtMs: NOW - 140 * SECOND, answeredAtMs: NOW - 130 * SECOND };
  const swept = { firstBegunAtMs: NOW - MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 1 };
  const after = (intent: ReturnType<typeof anIntent>, rows = three.rows) =>
    decide(aSituation({ rows, memory: aMemory({ workers: three.workers, intents: [intent] }), offers }));

  it("with a lost answer keeps its slot until two sweeps and 120 s have shown nothing", () => {
    expect(inShort(after(anIntent({ ...lost, ...old })))).toEqual([]);
    expect(inShort(after(anIntent({ ...lost, missing: swept })))).toEqual([]);
    expect(inShort(after(anIntent({ ...lost, ...old, missing: swept })))).toEqual([
      ["intent-settled", null],
      ["rent", 0],
    ]);
  });

  it("with a lost answer that succeeded is taken over, with its fingerprint, and weighs on the hourly limit", () => {
    const row = anInstance({ intentId: "intent-0", startedAtMs: NOW });
    const plan = after(anIntent(lost), [row, ...three.rows]);
    expect(inShort(plan)).toEqual([["adopt", 1000]]);
    expect(plan.memory.intents).toEqual([]);
    expect(plan.memory.workers[0]).toMatchObject({ intentId: "intent-0", fingerprint: anIntent().fingerprint });
    expect(plan.memory.rentedAtMs).toEqual([anIntent().createdAtMs]);
  });

  it("that was answered is not counted a second time when its box appears", () => {
    const row = anInstance({ intentId: "intent-0", startedAtMs: NOW });
    expect(after(anIntent(), [row, ...three.rows]).memory.rentedAtMs).toEqual([]);
  });

  it("whose named box the list has missed twice is asked for by id", () => {
    const plan = after(anIntent({ ...old, missing: swept, answeredAtMs: NOW - 119 * SECOND }));
    expect(plan.needs.confirm).toEqual([1000]);
  });

  it("whose named box a person has relabelled is settled, the box left alone, and its slot rented again", () => {
    const plan = after(anIntent(), [anInstance({ label: "mine", intentId: "intent-0" }), ...three.rows]);
    expect(inShort(plan)).toEqual([
      ["intent-settled", 1000],
      ["rent", 0],
    ]);
  });

  describe("whose row comes after it was settled is taken over", () => {
    const late = anInstance({ intentId: "intent-old", instanceId: 999, startedAtMs: NOW - 10 * MINUTE });
    const box = anInstance({ startedAtMs: NOW - MINUTE, actualStatus: "loading" });
    const planWith = (rows: readonly Instance[], target: number): Plan =>
      decide(
        aSituation({
          rows: [...rows, ...three.rows],
          spec: aSpec({ target }),
          memory: aMemory({ workers: three.workers }),
        }),
      );

    it("and the younger of the two stays, where neither runs", () => {
      const plan = planWith([{ ...late, actualStatus: "loading" }, box], 4);
      expect(inShort(plan)).toEqual([
        ["adopt", 999],
        ["adopt", 1000],
        ["destroy", 999, "duplicate"],
      ]);
    });

    it("and both are left until its log is read, where it runs: it may have played for hours", () => {
      expect(inShort(planWith([late, box], 4))).toEqual([
        ["adopt", 999],
        ["adopt", 1000],
      ]);
    });

    it("and both go where the fleet gives up their slot", () => {
      const plan = planWith([late, box], 0);
      expect(inShort(plan)).toEqual(
        expect.arrayContaining([
          ["destroy", 999, "downscale"],
          ["destroy", 1000, "downscale"],
        ]),
      );
    });
  });
});

describe("debts", () => {
  const debtRow = anInstance({ instanceId: 900, slot: 0 });

  it.each(["active", "paused", "down"] as const)("are paid again while the box is listed, when %s", (mode) => {
    const situation = aSituation({ rows: [debtRow], mode, memory: aMemory({ debts: [aDebt()] }), offers: [] });
    expect(decide(situation).actions.filter(({ kind }) => kind === "destroy")).toEqual([
      {
        kind: "destroy",
        slot: 0,
        instanceId: 900,
        cause: "debt",
        reason: "not proven gone after 1 destroys: given up",
        evidence: { attempts: 1, lastError: null, sinceMs: NOW - MINUTE },
        proof: aProof([debtRow]),
      },
    ]);
  });

  it("that were never sent are sent, as debts: the box has not come back, it has not gone", () => {
    const memory = aMemory({ debts: [aDebt({ attempts: 0, lastAttemptAtMs: null, createdAtMs: NOW - 1 })] });
    const plan = decide(aSituation({ rows: [debtRow], memory, spec: aSpec({ target: 0 }) }));
    expect(plan.actions).toMatchObject([{ kind: "destroy", cause: "debt", reason: "given up" }]);
  });

  it("are paid while waiting for credit", () => {
    const creditWait = { sinceMs: NOW, nextProbeAtMs: NOW + MINUTE, why: "lacks credit" };
    const memory = aMemory({ debts: [aDebt()] });
    expect(inShort(decide(aSituation({ rows: [debtRow], account: anAccount({ creditWait }), memory })))).toEqual([
      ["destroy", 900, "debt"],
    ]);
  });

  it("are retried at the ramp cadence while paused, and that never lets go of the ceiling", () => {
    const memory = aMemory({ debts: [aDebt()], workers: [], changedAtMs: NOW - 10 * HOUR });
    expect(decide(aSituation({ rows: [debtRow], mode: "paused", memory })).lookAgainAtMs).toBe(NOW + 60 * SECOND);
  });

  it("that will not go do not make the CHECKs race: only a first destroy asks for a sweep at once", () => {
    const debts = [aDebt(), aDebt({ instanceId: 901 })];
    const rows = [debtRow, anInstance({ instanceId: 901 }), ...someBoxes(3, 1).rows];
    const memory = aMemory({ debts, workers: someBoxes(3, 1).workers });
    const plan = decide(aSituation({ rows, memory, offers }));
    expect(inShort(plan)).toEqual([
      ["destroy", 900, "debt"],
      ["destroy", 901, "debt"],
    ]);
    expect([plan.isEarly, plan.lookAgainAtMs]).toEqual([false, NOW + 60 * SECOND]);
  });

  it("whose destroys were never taken are asked for by their ids, and hold the rents in their place until then", () => {
    const debts = Array.from({ length: 4 }, (_, slot) =>
      aDebt({ instanceId: 900 + slot, slot, isAccepted: false, lastError: "Vast answered 500" }),
    );
    const situation = aSituation({ rows: [], memory: aMemory({ debts }), offers });
    const ids = [900, 901, 902, 903];
    const unasked = decide(situation);
    expect(unasked.needs.confirm).toEqual(ids);
    expect(inShort(unasked)).toEqual([["rent", 0]]);
    const present = new Map(ids.map((id) => [id, "present"] as const));
    expect(inShort(decide({ ...situation, confirmations: present })).filter(([kind]) => kind === "destroy")).toEqual(
      ids.map((id) => ["destroy", id, "debt"]),
    );
    const absent = new Map(ids.map((id) => [id, "absent"] as const));
    const paid = decide({ ...situation, confirmations: absent });
    expect([paid.memory.debts, inShort(paid).filter(([kind]) => kind === "rent").length]).toEqual([[], 4]);
  });

  it("that nobody sent and no list shows do not make the CHECKs race while their ids are not answered", () => {
    const once = { firstBegunAtMs: NOW - 1, lastBegunAtMs: NOW - 1, sweeps: 1 };
    const owed = { attempts: 0, lastAttemptAtMs: null, isAccepted: false, missing: once };
    const debts = [aDebt(owed), aDebt({ ...owed, instanceId: 901 })];
    const { rows, workers } = someBoxes(3, 1);
    const plan = decide(aSituation({ rows, memory: aMemory({ debts, workers }), offers }));
    expect([plan.actions, plan.needs.confirm]).toEqual([[], [900, 901]]);
    expect([plan.isEarly, plan.lookAgainAtMs]).toEqual([false, NOW + 60 * SECOND]);
  });

  it("a destroyed box that comes back without its label is a debt again, but one with another keeper's mark is not", () => {
    const memory = aMemory({ watched: [{ instanceId: 1000, slot: 0, untilMs: NOW + HOUR }] });
    const back = (keeperId: string | null) =>
      decide(aSituation({ rows: [anInstance({ label: null, keeperId })], memory, spec: aSpec({ target: 0 }) }));
    expect(inShort(back(null))).toEqual([["destroy", 1000, "came-back"]]);
    expect(inShort(back("keeper-b"))).toEqual([]);
  });

  it("a destroyed box that comes back with its host is a debt again, at once and in every mode", () => {
    const watched = [{ instanceId: 1000, slot: 0, untilMs: NOW + HOUR }];
    for (const mode of ["active", "paused", "down"] as const) {
      const situation = aSituation({
        rows: [anInstance()],
        mode,
        memory: aMemory({ watched }),
        spec: aSpec({ target: 0 }),
      });
      const plan = decide(situation);
      expect(inShort(plan)).toEqual([["destroy", 1000, "came-back"]]);
      const again = decide({ ...situation, nowMs: NOW + 1, memory: plan.memory });
      expect(inShort(again)).toEqual([["destroy", 1000, "debt"]]);
      expect([plan.memory.debts.length, plan.memory.watched, plan.memory.workers]).toEqual([1, [], []]);
    }
  });
});

describe("what nobody can prove", () => {
  const blind = { proven: false, begunAtMs: NOW, reason: "the list is partial" } as const;
  const bad = someBoxes(6);

  it("blind: nothing is rented or destroyed, debts included, and it is said since when", () => {
    const memory = aMemory({ workers: bad.workers, debts: [aDebt()], blindSinceMs: NOW - MINUTE });
    expect(decide(aSituation({ sweep: blind, memory, offers }))).toEqual(
      aPlan({
        state: "blind",
        totals: expect.objectContaining({ live: 6 }),
        memory,
        notes: ["blind for 60 s: the list is partial; nothing is rented or destroyed"],
      }),
    );
  });

  it("blind begins to count at the first blind CHECK and ends with the first proven list", () => {
    const first = decide(aSituation({ sweep: blind }));
    expect(first.memory.blindSinceMs).toBe(NOW);
    expect(decide(aSituation({ memory: first.memory })).memory.blindSinceMs).toBeNull();
  });

  it.each([
    ["paused", [], "paused"],
    ["down", [], "down"],
    ["down", [aWorker()], "draining"],
    ["active", [], "blind"],
  ] as const)("a fleet that is %s is shown so, blind or not", (mode, workers, state) => {
    expect(decide(aSituation({ sweep: blind, mode, workers: [...workers] })).state).toBe(state);
  });

  it("a missing key: that is the state, and nothing is done", () => {
    const plan = decide(aSituation({ missingCredentials: "VAST_API_KEY is not set", offers }));
    expect(plan).toEqual(aPlan({ state: "no-credentials", notes: ["VAST_API_KEY is not set"] }));
  });
});
