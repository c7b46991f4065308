// How many boxes are rented, and what is said where fewer are. Through `decide`, as a CHECK does it.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import {
  aBootingWorker,
  aBreaker,
  aDebt,
  aMemory,
  anAccount,
  anInstance,
  anIntent,
  anOffer,
  aSituation,
  aSpec,
  aWorker,
  MINUTE,
  NOW,
  SECOND,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const offers = someOffers(14);
const rents = (plan: Plan): unknown[] => inShort(plan).flatMap(([kind, slot]) => (kind === "rent" ? [slot] : []));

describe("a list that misses boxes that are known", () => {
  /** So many workers known, the first few of them not in the list. */
  const plan = (known: number, missing: number): Plan => {
    const { rows, workers } = someBoxes(known);
    return decide(aSituation({ rows: rows.slice(missing), workers, spec: aSpec({ target: 8 }), offers }));
  };

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [5, 3],
  ])("of %i, %i: nothing is rented on it, and it is said why", (known, missing) => {
    expect(rents(plan(known, missing))).toEqual([]);
    expect(plan(known, missing).notes).toContain(
      `the list misses ${missing} of ${known} known boxes: nothing is rented on it`,
    );
  });

  it.each([
    [2, 1],
    [3, 1],
    [4, 2],
  ])("of %i, %i: boxes vanish, and the fleet is filled as ever", (known, missing) => {
    expect(rents(plan(known, missing))).not.toEqual([]);
  });
});

describe("the weights", () => {
  const two = someBoxes(2);
  const note = (plan: Plan): string => plan.notes.join("; ");

  it.each([
    ["missing", "waiting-for-weights", "waiting for weights: zeb-557k-1m is not in jasonyandell/zeb-42"],
    ["no-credentials", "no-credentials", "the Hub refuses the token for jasonyandell/zeb-42"],
    [
      "unknown",
      "ramping",
      "the Hub does not answer, and zeb-557k-1m has not been seen in jasonyandell/zeb-42: nothing is rented",
    ],
  ] as const)("%s: nothing is rented, nothing killed, and it is said why", (weights, state, words) => {
    const plan = decide(aSituation({ ...two, weights, offers }));
    expect(plan).toMatchObject({ actions: [], state });
    expect(plan.notes[0]).toBe(words);
    expect(plan.needs.offers).toBe(false);
  });

  it("unconfirmed: one canary starts", () => {
    const plan = decide(aSituation({ ...two, weights: "unconfirmed", offers }));
    expect([rents(plan), note(plan)]).toEqual([
      [2],
      "2 missing, 1 ordered now: the Hub does not answer: one canary only",
    ]);
  });

  it.each([
    ["a rent", { intents: [anIntent({ slot: 2 })], workers: two.workers }, two.rows],
    [
      "a box that does not produce yet",
      { workers: [...two.workers, aBootingWorker({ slot: 2 })] },
      [...two.rows, anInstance({ slot: 2, actualStatus: "loading", statusMessage: "pulling" })],
    ],
  ])("unconfirmed: %s under way is that canary", (_words, memory, rows) => {
    const plan = decide(aSituation({ rows, memory: aMemory(memory), weights: "unconfirmed", offers }));
    expect([rents(plan), note(plan)]).toEqual([[], "the Hub does not answer, and one canary is out: waiting"]);
  });
});

describe("waiting for credit", () => {
  const waiting = (inMs: number): Plan =>
    decide(
      aSituation({
        offers,
        account: anAccount({ creditWait: { sinceMs: NOW - MINUTE, nextProbeAtMs: NOW + inMs, why: "lacks credit" } }),
      }),
    );

  it("rents nothing before the probe, and looks again then", () => {
    const plan = waiting(20 * SECOND);
    expect(plan).toMatchObject({ actions: [], state: "credit-wait", lookAgainAtMs: NOW + 20 * SECOND, isEarly: true });
    expect(plan.notes).toContain("waiting for credit (lacks credit): next probe in 20 s");
  });

  it("sends one rent as the probe", () => {
    expect(rents(waiting(0))).toEqual([0]);
    expect(rents(waiting(1))).toEqual([]);
  });
});

describe("an unproven fingerprint", () => {
  const eight = { spec: aSpec({ target: 8 }), isFingerprintProven: false, offers };

  it("is launched in one batch of four, and no more until it has produced", () => {
    const plan = decide(aSituation(eight));
    expect(rents(plan)).toEqual([0, 1, 2, 3]);
    expect(plan.notes).toEqual([
      "8 missing, 4 ordered now: this image, commit and weights have not produced yet: at most 4 out until one does (proveFirst)",
    ]);
  });

  it.each([
    ["four rents of it", { intents: [0, 1, 2, 3].map((slot) => anIntent({ slot })) }, []],
    ["three rents of it", { intents: [0, 1, 2].map((slot) => anIntent({ slot })) }, [3]],
  ])("with %s out", (_words, memory, slots) => {
    expect(rents(decide(aSituation({ ...eight, memory: aMemory(memory) })))).toEqual(slots);
  });

  it("is not held up by boxes of another fingerprint, or taken over from the old scripts", () => {
    const { rows, workers } = someBoxes(6);
    const others = workers.map((worker) => ({ ...worker, fingerprint: worker.slot === 0 ? null : "older" }));
    expect(rents(decide(aSituation({ ...eight, rows, workers: others })))).toEqual([6, 7]);
  });

  it("is launched freely once proven, or where no proof is asked for", () => {
    expect(rents(decide(aSituation({ ...eight, isFingerprintProven: true })))).toHaveLength(8);
    expect(rents(decide(aSituation({ ...eight, spec: aSpec({ target: 8, proveFirst: false }) })))).toHaveLength(8);
  });
});

it("the hourly limit ends a run of failing rents, in words", () => {
  const rentedAtMs = Array.from({ length: 8 }, (_, index) => NOW - index * MINUTE);
  const plan = decide(
    aSituation({ ...someBoxes(3), offers, memory: aMemory({ rentedAtMs, workers: someBoxes(3).workers }) }),
  );
  expect(plan).toMatchObject({
    actions: [],
    notes: [
      "1 missing, 0 ordered now: the hourly limit of 8 rents is reached; the next one may go in 3180 s, or at once after a change of the spec",
    ],
  });
});

it("a canary that the hourly limit holds is not said to be ordered for the breaker", () => {
  const rentedAtMs = Array.from({ length: 8 }, (_, index) => NOW - index * MINUTE);
  const due = aBreaker({ nextCanaryAtMs: NOW });
  const notesWith = (rented: readonly number[]) =>
    decide(aSituation({ offers, memory: aMemory({ breaker: due, rentedAtMs: rented }) })).notes.join("\n");
  expect(notesWith(rentedAtMs)).toContain("4 missing, 0 ordered now: the hourly limit of 8 rents is reached");
  expect(notesWith([])).toContain("4 missing, 1 ordered now: one canary of the breaker");
});

it("the first fill of a target does not weigh on the hourly limit", () => {
  const rentedAtMs = [NOW - 4, NOW - 3, NOW - 2, NOW - 1];
  const four = someBoxes(4);
  const fill = (filledTarget: number) =>
    decide(aSituation({ rows: four.rows, memory: aMemory({ workers: four.workers, rentedAtMs, filledTarget }) }))
      .memory;
  expect(fill(0)).toMatchObject({ filledTarget: 4, rentedAtMs: [] });
  expect(fill(3)).toMatchObject({ filledTarget: 4, rentedAtMs: rentedAtMs.slice(1) });
  expect(fill(9)).toMatchObject({ filledTarget: 9, rentedAtMs });
});

describe("which offers are taken", () => {
  it("none on a machine that the fleet is on, is renting, or still owes a destroy", () => {
    const shown = [100, 101, 102, 200].map((machineId, index) => anOffer({ offerId: 5000 + index, machineId }));
    const memory = aMemory({
      workers: [aWorker()],
      intents: [anIntent({ slot: 1 })],
      debts: [aDebt({ machineId: 102, missing: { firstBegunAtMs: NOW, lastBegunAtMs: NOW, sweeps: 1 } })],
    });
    const plan = decide(aSituation({ rows: [anInstance()], memory, offers: shown }));
    expect(plan.actions.map((action) => (action.kind === "rent" ? action.offer.offer.machineId : null))).toEqual([200]);
  });

  it("none on a blocked machine", () => {
    const hosts = { blocked: new Set([500]), strikesByMachine: new Map<number, number>() };
    const plan = decide(aSituation({ offers: someOffers(2), hosts }));
    expect(plan.actions.map((action) => (action.kind === "rent" ? action.offer.offer.machineId : null))).toEqual([501]);
  });

  it("as many as there are, and it is said why not more", () => {
    const plan = decide(aSituation({ offers: [anOffer(), anOffer({ offerId: 5001, usdPerHour: 0.5 })] }));
    expect(rents(plan)).toEqual([0]);
    expect(plan.notes).toEqual(["1 of 4 wanted offers found: refused: 1 price; to loosen: raise maxPriceUsdPerHour"]);
    expect(plan.memory.drought).toBeNull();
  });
});

describe("a drought of offers", () => {
  const search = (tries: number, shown: readonly ReturnType<typeof anOffer>[] = []) =>
    decide(
      aSituation({
        offers: shown,
        memory: aMemory({ drought: tries === 0 ? null : { tries, nextSearchAtMs: NOW, why: "none" } }),
      }),
    );

  it.each([
    [0, 60],
    [1, 120],
    [2, 240],
    [3, 480],
    [4, 600],
    [40, 600],
  ])("after %i vain searches waits %i s", (tries, waitSeconds) => {
    const { state, memory, lookAgainAtMs } = search(tries);
    expect(memory.drought).toMatchObject({ tries: tries + 1, nextSearchAtMs: NOW + waitSeconds * SECOND });
    expect([state, lookAgainAtMs]).toEqual(["no-offers", NOW + 60 * SECOND]);
  });

  it("says how many were refused for what, and what to loosen", () => {
    const shown = [anOffer({ gpu: "RTX 5090" }), anOffer({ usdPerHour: 1 }), anOffer({ usdPerHour: 2 })];
    expect(search(0, shown).notes).toEqual([
      "no offers: refused: 2 price, 1 gpu-type; to loosen: raise maxPriceUsdPerHour, add GPU types",
    ]);
  });

  it("says what the market does not show", () => {
    const plan = decide(aSituation({ offers: [], spec: aSpec({ target: 4, gpus: ["RTX 3090"] }) }));
    expect(plan.notes).toEqual([
      "no offers: the market shows no RTX 3090 up to $0.1/hr; raise maxPriceUsdPerHour or add GPU types",
    ]);
  });

  it("names the minimums that the search itself carries, so that nobody looks elsewhere", () => {
    const spec = aSpec({ gpus: ["RTX 3090"], minReliability: 0.99, minDurationDays: 30 });
    expect(decide(aSituation({ offers: [], spec })).notes).toEqual([
      expect.stringMatching(/add GPU types, or lower minReliability, or lower minDurationDays$/),
    ]);
  });

  it("does not search again before its time", () => {
    const drought = { tries: 2, nextSearchAtMs: NOW + 1, why: "none" };
    const plan = decide(aSituation({ memory: aMemory({ drought }) }));
    expect([plan.needs.offers, plan.memory.drought, plan.notes]).toEqual([false, drought, ["no offers: none"]]);
    expect(decide(aSituation({ memory: aMemory({ drought: { ...drought, nextSearchAtMs: NOW } }) })).needs.offers).toBe(
      true,
    );
  });

  it("ends with the first offer, and where nothing is missing", () => {
    expect(search(3, [anOffer()]).memory.drought).toBeNull();
    const drought = { tries: 2, nextSearchAtMs: NOW + MINUTE, why: "none" };
    const { rows, workers } = someBoxes(4);
    expect(decide(aSituation({ rows, memory: aMemory({ workers, drought }) })).memory.drought).toBeNull();
  });
});
