import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { FleetMemory } from "../../src/fleet/memory.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import {
  aBootingWorker,
  aBreaker,
  aDebt,
  aMemory,
  anAccount,
  anInstance,
  anIntent,
  aProvenSweep,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  NOW,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const rollOut = { specVersion: 7, by: "admin", atMs: NOW - MINUTE };
const six = someBoxes(6);
const NEW = "fingerprint-b";

/** Six producing boxes; the first `renewed` of them of the new software. */
function rolling(renewed: number, changes: Partial<Situation> = {}, memory: Partial<FleetMemory> = {}): Situation {
  const workers = six.workers.map((worker, slot) => (slot < renewed ? { ...worker, fingerprint: NEW } : worker));
  return aSituation({
    rows: six.rows,
    spec: aSpec({ target: 6, launchBatch: 2 }),
    fingerprint: NEW,
    offers: someOffers(8),
    memory: aMemory({ filledTarget: 6, workers, rollOut, ...memory }),
    ...changes,
  });
}

const rolled = (situation: Situation): readonly (number | null)[] =>
  decide(situation).actions.flatMap((one) =>
    one.kind === "destroy" && one.cause === "roll-out" ? [one.instanceId] : [],
  );

describe("a roll-out", () => {
  it("takes a launch batch, and no strike is given for it", () => {
    const plan = decide(rolling(0));
    expect(rolled(rolling(0))).toHaveLength(2);
    expect(inShort(plan).filter(([kind]) => kind === "strike")).toEqual([]);
    expect(plan.memory.rollOut).toEqual(rollOut);
    expect(plan.notes[0]).toBe("roll-out of version 7, 6 boxes left: 2 go now");
    expect([plan.state, plan.cadenceSeconds]).toEqual(["ramping", 60]);
  });

  it("takes first what does not produce", () => {
    const situation = rolling(0);
    const workers = situation.memory.workers.map((worker) =>
      worker.slot === 4 ? aBootingWorker({ slot: 4, instanceId: 1004 }) : worker,
    );
    expect(rolled({ ...situation, memory: { ...situation.memory, workers } })[0]).toBe(1004);
  });

  it("takes no more than there are offers for, and looks for offers before it takes any", () => {
    expect(rolled(rolling(0, { offers: someOffers(1) }))).toHaveLength(1);
    const plan = decide(rolling(0, { offers: null }));
    expect([plan.actions, plan.needs.offers]).toEqual([[], true]);
  });

  it("is over when every box matches and produces, and says so", () => {
    const plan = decide(rolling(6));
    expect(plan.memory.rollOut).toBeNull();
    expect(plan.actions).toMatchObject([
      { kind: "roll-out", reason: "roll-out of version 7 is done: all 6 boxes match the spec" },
    ]);
  });

  it.each<[string, Partial<Situation>, Partial<FleetMemory>]>([
    ["a rent is under way", {}, { intents: [anIntent({ slot: 9, instanceId: 4000 })] }],
    [
      "a destroyed box is still listed",
      { sweep: aProvenSweep([...six.rows, anInstance({ slot: 9, instanceId: 900 })]) },
      { debts: [aDebt()] },
    ],
    ["the market offers nothing", { offers: [] }, {}],
    ["the last search found nothing", {}, { drought: { tries: 1, nextSearchAtMs: NOW + MINUTE, why: "none" } }],
    [
      "credit is waited for",
      { account: anAccount({ creditWait: { sinceMs: NOW, nextProbeAtMs: NOW, why: "no" } }) },
      {},
    ],
    ["the new weights are not there", { weights: "missing" }, {}],
    [
      "the hourly limit is passed by more than its own batch",
      {},
      { rentedAtMs: Array.from({ length: 14 }, () => NOW - MINUTE) },
    ],
    ["a target has been raised", { spec: aSpec({ target: 7, launchBatch: 2 }) }, {}],
  ])("takes nothing while %s", (_words, changes, memory) => {
    const situation = rolling(2, changes, memory);
    expect(rolled(situation)).toEqual([]);
    const plan = decide(situation);
    expect(plan.memory.rollOut).toEqual(rollOut);
    expect(plan.notes.join("\n")).toContain("roll-out of version 7, 4 boxes left: ");
  });

  it("waits for its replacements to produce, all of them", () => {
    const situation = rolling(2);
    const starting = aWorker({
      slot: 1,
      fingerprint: NEW,
      progress: null,
      verdict: "setting-up",
      clock: { kind: "setup", sinceMs: NOW, movedAtMs: NOW, measuredAtMs: NOW },
    });
    const workers = situation.memory.workers.map((worker) => (worker.slot === 1 ? starting : worker));
    expect(rolled({ ...situation, memory: { ...situation.memory, workers } })).toEqual([]);
    expect(rolled(situation)).toHaveLength(2);
  });

  it("waits for a box that the list does not show", () => {
    const situation = rolling(2);
    const sweep = aSituation({ rows: six.rows.slice(0, 5) }).sweep;
    expect(rolled({ ...situation, sweep })).toEqual([]);
  });

  it("takes nothing while the breaker is open, not even a box that does not produce", () => {
    const situation = rolling(0);
    const boots = aBootingWorker({ slot: 5, instanceId: 1005 });
    const workers = [...situation.memory.workers.slice(0, 5), boots];
    const broken = (breaker: FleetMemory["breaker"]): Situation => ({
      ...situation,
      memory: { ...situation.memory, workers, breaker },
    });
    const times = { openedAtMs: NOW - HOUR, sinceMs: NOW - HOUR, nextCanaryAtMs: NOW };
    expect(rolled(broken(aBreaker({ fingerprint: NEW, ...times })))).toEqual([]);
    expect(rolled(broken(null))).toContain(1005);
  });

  it("ends where the fleet is paused or down, and stands while it is blind", () => {
    expect(decide(rolling(0, { mode: "paused" })).memory.rollOut).toBeNull();
    expect(decide(rolling(0, { mode: "down" })).memory.rollOut).toBeNull();
    const blind = decide(rolling(0, { sweep: { proven: false, begunAtMs: NOW, reason: "partial" } }));
    expect([blind.actions, blind.memory.rollOut]).toEqual([[], rollOut]);
  });
});
