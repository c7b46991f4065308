// The main stories of a CHECK, as whole plans.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Confirmation } from "../../src/fleet/absence.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import {
  aBootingWorker,
  aFault,
  aMemory,
  anInstance,
  anIntent,
  aProof,
  aRanked,
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
import { aDestroyOf, aNewDebtOf, aPlan, aRentOf, inShort } from "../support/plans.ts";

const allUp = { live: 4, producing: 4, usdPerHour: 0.288, gamesPerSecond: 9.6 };
const threeUp = { live: 3, producing: 3, usdPerHour: 0.216, gamesPerSecond: 7.2 };
const offers = someOffers(6);
const offer = (index: number) => must(offers[index]);

/** Sums of prices come out a hair off; the plan is the same. */
function rounded(plan: Plan): Plan {
  const round = (value: number): number => Math.round(value * 1e6) / 1e6;
  const { usdPerHour, gamesPerSecond } = plan.totals;
  return { ...plan, totals: { ...plan.totals, usdPerHour: round(usdPerHour), gamesPerSecond: round(gamesPerSecond) } };
}

describe("a quiet world", () => {
  it("gives an empty plan that changes nothing it remembers", () => {
    const { rows, workers } = someBoxes(4);
    expect(rounded(decide(aSituation({ rows, workers })))).toEqual(
      aPlan({
        state: "steady",
        totals: allUp,
        memory: aMemory({ workers }),
        lookAgainAtMs: NOW + 600 * SECOND,
        cadenceSeconds: 600,
      }),
    );
  });
});

describe("an empty fleet of target 4", () => {
  it("asks for a search first", () => {
    const plan = decide(aSituation());
    expect(plan).toEqual(aPlan({ needs: { confirm: [], account: false, offers: true, rates: true, logs: [] } }));
  });

  it("rents exactly four, slots 0 to 3, on the four best offers, one machine each", () => {
    const plan = decide(aSituation({ offers }));
    const rents = [0, 1, 2, 3].map((slot) => aRentOf(slot, offer(slot), 4, 4, aProof([])));
    expect(plan).toEqual(
      aPlan({
        actions: rents,
        spareOffers: [aRanked(offer(4)), aRanked(offer(5))],
        memory: aMemory({ changedAtMs: NOW }),
      }),
    );
  });

  it("with target 0 is settled", () => {
    expect(decide(aSituation({ spec: aSpec({ target: 0 }), offers })).actions).toEqual([]);
  });
});

describe("a dud that is stuck in BOOT", () => {
  const good = someBoxes(3, 1);
  const dud = aBootingWorker({
    sinceMs: NOW - 601 * SECOND,
    clock: {
      kind: "boot",
      sinceMs: NOW - 602 * SECOND,
      movedAtMs: NOW - 602 * SECOND,
      measuredAtMs: NOW - 60 * SECOND,
    },
  });
  const rows = [
    anInstance({ actualStatus: "loading", statusMessage: "pulling", startedAtMs: dud.startedAtMs }),
    ...good.rows,
  ];
  const reason = "stuck in BOOT for 600 s (limit 600 s), last seen: pulling";
  const evidence = { elapsedSeconds: 600, limitSeconds: 600, milestone: null, batch: null };

  it("strikes its host, goes, and is replaced in the same CHECK: the ceiling has room for one", () => {
    const plan = decide(aSituation({ rows, workers: [dud, ...good.workers], offers }));
    expect(rounded(plan)).toEqual(
      aPlan({
        actions: [
          { kind: "strike", slot: 0, instanceId: 1000, machineId: 100, faultClass: "host", reason, evidence },
          aDestroyOf(0, "stuck-boot", reason, evidence, aProof(rows)),
          aRentOf(0, offer(0), 1, 4, aProof(rows)),
        ],
        spareOffers: offers.slice(1).map((one) => aRanked(one)),
        totals: threeUp,
        memory: aMemory({
          workers: good.workers,
          debts: [aNewDebtOf(0, reason)],
          changedAtMs: NOW,
          faults: [
            aFault({
              machineId: 100,
              signature: "timeout:boot:nothing",
              line: "stuck in BOOT after nothing was printed",
              faultClass: "host",
              isHostsUsual: true,
              isStruck: true,
              phase: "boot",
              rentedAtMs: must(dud.startedAtMs),
              commit: null,
            }),
          ],
        }),
      }),
    );
  });

  it("never strikes a machine that nobody can name", () => {
    const nameless = rows.map((row) => (row.instanceId === 1000 ? { ...row, machineId: null } : row));
    const plan = decide(aSituation({ rows: nameless, workers: [{ ...dud, machineId: null }, ...good.workers] }));
    expect(inShort(plan)).toEqual([["destroy", 1000, "stuck-boot"]]);
  });

  it("of two, one is replaced at once; the other waits for a sweep one second later", () => {
    const second = { ...dud, instanceId: 1001, slot: 1, label: "zeb-worker-vast-1", machineId: 101 };
    const both = [must(rows[0]), { ...must(rows[0]), instanceId: 1001, label: second.label, machineId: 101 }];
    const rest = someBoxes(2, 2);
    const plan = decide(aSituation({ rows: [...both, ...rest.rows], workers: [dud, second, ...rest.workers], offers }));
    expect(inShort(plan).slice(2)).toEqual([
      ["destroy", 1000, "stuck-boot"],
      ["destroy", 1001, "stuck-boot"],
      ["rent", 0],
    ]);
    expect(plan).toMatchObject({
      lookAgainAtMs: NOW + SECOND,
      isEarly: true,
      notes: ["2 missing, 1 ordered now: destroyed boxes are not yet proven gone"],
    });
  });
});

describe("12 → 8", () => {
  const { rows, workers } = someBoxes(12);
  const slow = new Set([1, 2, 4, 5]);
  const rated = workers.map((worker) =>
    slow.has(worker.slot) ? { ...worker, progress: { ...must(worker.progress), gamesPerSecond: 1 } } : worker,
  );

  it("gives up the four of worst value, whatever their slots, and strikes nobody", () => {
    const plan = decide(aSituation({ rows, workers: rated, spec: aSpec({ target: 8 }) }));
    const reason = "12 live, target 8: given up as producing";
    const evidence = { live: 12, target: 8, verdict: "producing" };
    expect(plan.actions).toEqual(
      [5, 4, 2, 1].map((slot) => aDestroyOf(slot, "downscale", reason, evidence, aProof(rows))),
    );
    expect(plan.memory.workers.map(({ slot }) => slot)).toEqual([0, 3, 6, 7, 8, 9, 10, 11]);
    expect(plan.memory.debts.map(({ instanceId }) => instanceId)).toEqual([1005, 1004, 1002, 1001]);
  });

  it("leaves the survivors where they are: slots at or beyond the target count like any other", () => {
    const left = [0, 3, 6, 7, 8, 9, 10, 11];
    const survivors = {
      rows: left.map((slot) => anInstance({ slot })),
      workers: left.map((slot) => aWorker({ slot })),
    };
    expect(decide(aSituation({ ...survivors, spec: aSpec({ target: 8 }), offers })).actions).toEqual([]);
  });

  it("counts a sick box as gone already: no healthy one goes in its place", () => {
    const five = someBoxes(5);
    const dear = five.rows.map((row) => (row.instanceId === 1002 ? { ...row, usdPerHour: 0.2 } : row));
    expect(inShort(decide(aSituation({ rows: dear, workers: five.workers })))).toEqual([
      ["destroy", 1002, "over-cost"],
    ]);
  });

  it("costs no listed box its place for one that the list does not show", () => {
    const five = someBoxes(5);
    expect(inShort(decide(aSituation({ rows: five.rows.slice(1), workers: five.workers })))).toEqual([]);
  });

  it("leaves rents under way alone until they are there", () => {
    const { rows: live, workers: known } = someBoxes(4);
    const intents = [4, 5].map((slot) => anIntent({ slot }));
    const plan = decide(aSituation({ rows: live, workers: known, memory: aMemory({ intents }) }));
    expect(inShort(plan)).toEqual([]);
    const there = [4, 5].map((slot) => anInstance({ slot, intentId: `intent-${slot}`, startedAtMs: NOW }));
    const next = decide(aSituation({ rows: [...live, ...there], memory: { ...plan.memory } }));
    expect(inShort(next)).toEqual([
      ["adopt", 1004],
      ["adopt", 1005],
      ["destroy", 1005, "downscale"],
      ["destroy", 1004, "downscale"],
    ]);
  });
});

it("slot 1 lost while 10 and 11 live is filled as slot 1", () => {
  const slots = [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  const rows = slots.map((slot) => anInstance({ slot }));
  const workers = slots.map((slot) => aWorker({ slot }));
  const plan = decide(aSituation({ rows, workers, spec: aSpec({ target: 12 }), offers }));
  expect(inShort(plan)).toEqual([["rent", 1]]);
});

describe("the states that a person orders", () => {
  const { rows, workers } = someBoxes(4);
  const dear = rows.map((row) => ({ ...row, usdPerHour: 1 }));

  it("paused: watches, and touches neither a sick box nor a missing slot", () => {
    const plan = decide(aSituation({ rows: dear.slice(1), workers: workers.slice(1), mode: "paused", offers }));
    expect(plan).toMatchObject({
      actions: [],
      state: "paused",
      notes: ["paused: nothing is rented", "paused: observing only, and destroying what is already owed"],
    });
  });

  it("down: destroys every box and rents none", () => {
    const plan = decide(aSituation({ rows: rows.slice(0, 1), workers: workers.slice(0, 1), mode: "down", offers }));
    const debts = [aNewDebtOf(0, "the fleet is down")];
    expect(plan).toEqual(
      aPlan({
        actions: [aDestroyOf(0, "down", "the fleet is down", {}, aProof(rows.slice(0, 1)))],
        state: "draining",
        memory: aMemory({ debts, changedAtMs: NOW }),
      }),
    );
  });

  it("down: a box that appears late goes too", () => {
    const plan = decide(aSituation({ rows: [anInstance({ slot: 7 })], mode: "down" }));
    expect(inShort(plan)).toEqual([
      ["adopt", 1007],
      ["destroy", 1007, "down"],
    ]);
  });

  it("down: a box that the list hides goes too, where the by-id answer shows it; any other answer proves nothing", () => {
    const destroyed = (answer?: Confirmation) => {
      const confirmations = new Map(answer === undefined ? [] : [[1000, answer]]);
      const plan = decide(aSituation({ rows: [], workers: workers.slice(0, 1), mode: "down", confirmations }));
      return plan.actions.filter(({ kind }) => kind === "destroy");
    };
    expect(destroyed("present")).toEqual([aDestroyOf(0, "down", "the fleet is down", {}, aProof([]))]);
    expect([destroyed(), destroyed("unknown"), destroyed("absent")]).toEqual([[], [], []]);
  });

  it("active: a box that the list hides stays, though the by-id answer shows it", () => {
    const hidden = { rows: rows.slice(1), workers, confirmations: new Map([[1000, "present" as const]]) };
    expect(inShort(decide(aSituation(hidden)))).toEqual([]);
  });

  it("down: is down when nothing is left, and draining while a rent or a debt is open", () => {
    const stateWith = (memory: Parameters<typeof aMemory>[0]) =>
      decide(aSituation({ mode: "down", memory: aMemory(memory) })).state;
    expect([stateWith({}), stateWith({ intents: [anIntent()] })]).toEqual(["down", "draining"]);
  });
});

it("looks again within the ramp cadence for 30 minutes after a change, then at the steady one", () => {
  const { rows, workers } = someBoxes(4);
  const at = (changedAtMs: number): number[] => {
    const plan = decide(aSituation({ rows, memory: aMemory({ workers, changedAtMs }) }));
    return [plan.lookAgainAtMs - NOW, plan.cadenceSeconds];
  };
  expect([at(NOW - 30 * MINUTE + 1), at(NOW - 30 * MINUTE)]).toEqual([
    [60 * SECOND, 60],
    [600 * SECOND, 600],
  ]);
});
