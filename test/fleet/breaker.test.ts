// The same error from several machines is not the machines' fault: what opens the breaker, what it holds back, what ends it.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Fault, WorkerMemory } from "../../src/fleet/memory.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import { closeByHand, failedOfBatch, nextBreaker } from "../../src/fleet/breaker.ts";
import {
  aBootingWorker,
  aBreaker,
  aDebt,
  aFault,
  aMemory,
  anError,
  anInstance,
  anIntent,
  aSituation,
  aSpec,
  aWorker,
  FINGERPRINT,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
  someBoxes,
  someOffers,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const torch = { line: aFault().line, signature: aFault().signature, faultClass: "workload" } as const;

/** A box of five minutes that ends in a final error before it has produced. */
function aBroken(slot: number, changes: Partial<WorkerMemory> = {}): WorkerMemory {
  const startedAtMs = NOW - 5 * MINUTE;
  return aBootingWorker({
    slot,
    status: "running",
    startedAtMs,
    firstSeenAtMs: startedAtMs,
    error: { ...anError({ ...torch, isFinal: true }), sinceMs: NOW - SECOND, seenAtMs: NOW - SECOND },
    clock: { kind: "wait", sinceMs: NOW - MINUTE, movedAtMs: NOW - MINUTE, measuredAtMs: NOW - SECOND },
    reportAtMs: NOW - SECOND,
    verdict: "failed",
    ...changes,
  });
}

function rowOf(worker: WorkerMemory): ReturnType<typeof anInstance> {
  return anInstance({ slot: worker.slot, machineId: worker.machineId, startedAtMs: worker.startedAtMs });
}

function aFleetOf(workers: readonly WorkerMemory[], changes: Partial<Situation> = {}): Situation {
  return aSituation({
    rows: workers.map((worker) => rowOf(worker)),
    spec: aSpec({ target: 12 }),
    offers: someOffers(20),
    isFingerprintProven: false,
    ...changes,
    memory: aMemory({ filledTarget: 0, ...changes.memory, workers }),
  });
}

const now = { fingerprint: FINGERPRINT, target: 12, nowMs: NOW };
const kinds = (plan: Plan): readonly string[] => inShort(plan).map(([kind]) => kind);

describe("it opens", () => {
  const broken = [0, 1, 2, 3].map((slot) => aBroken(slot));

  it("when all four boxes of the first launch end alike: three go unreplaced, one is kept, no host is struck", () => {
    const plan = decide(aFleetOf(broken));
    expect(inShort(plan)).toEqual([
      ["breaker-opened", null],
      ["destroy", 1001, "fatal-error"],
      ["destroy", 1002, "fatal-error"],
      ["destroy", 1003, "fatal-error"],
    ]);
    expect(plan.state).toBe("breaker-open");
    expect(plan.memory.breaker).toEqual(
      aBreaker({
        reason: "4 machines, same error: ModuleNotFoundError: No module named 'torch'",
        openedAtMs: NOW,
        nextCanaryAtMs: NOW + 5 * MINUTE,
        keptInstanceId: 1000,
      }),
    );
    expect(plan.notes.join()).toContain("breaker open for 0 min: 4 machines, same error: ModuleNotFoundError");
    expect(plan.lookAgainAtMs).toBe(NOW + MINUTE);
  });

  it("on two machines of the four, while the others are undecided", () => {
    const others = [2, 3].map((slot) => aBootingWorker({ slot, startedAtMs: NOW - 5 * MINUTE }));
    expect(kinds(decide(aFleetOf([aBroken(0), aBroken(1), ...others])))).toEqual(["breaker-opened", "destroy"]);
  });

  it("not on one machine, nor twice on the same", () => {
    const others = [2, 3].map((slot) => aBootingWorker({ slot }));
    const twice = [aBroken(0), aBroken(1, { machineId: 100 })];
    expect(decide(aFleetOf([aBroken(0), aBootingWorker({ slot: 1 }), ...others])).memory.breaker).toBeNull();
    expect(decide(aFleetOf([...twice, ...others])).memory.breaker).toBeNull();
  });

  it("not on less than half of what was rented since", () => {
    const others = [2, 3, 4].map((slot) => aBootingWorker({ slot, startedAtMs: NOW - 4 * MINUTE }));
    expect(decide(aFleetOf([aBroken(0), aBroken(1), ...others])).memory.breaker).toBeNull();
  });

  it("not while one that was rented since produces", () => {
    const producing = aWorker({ slot: 2, startedAtMs: NOW - 4 * MINUTE });
    const plan = decide(aFleetOf([aBroken(0), aBroken(1), producing], { isFingerprintProven: true }));
    expect(plan.memory.breaker).toBeNull();
    expect(kinds(plan).filter((kind) => kind === "destroy")).toHaveLength(2);
  });

  it("though ten older boxes go on producing: a broken push reaches only the new ones", () => {
    const old = someBoxes(10);
    const fresh = [aBroken(10), aBroken(11)];
    const plan = decide(aFleetOf([...old.workers, ...fresh], { isFingerprintProven: true }));
    expect(inShort(plan)).toEqual([
      ["breaker-opened", null],
      ["destroy", 1011, "fatal-error"],
    ]);
    expect(plan.totals.producing).toBe(10);
  });

  it("when weights that nobody can load reach a running fleet: at half of it, if no other box produces", () => {
    const failed = (slot: number): WorkerMemory => aBroken(slot, { ...produced, startedAtMs: NOW - 2 * HOUR });
    const produced = { progress: aWorker().progress, clock: aWorker().clock };
    const silent = [2, 3].map((slot) => aWorker({ slot, clock: { ...aWorker().clock, measuredAtMs: NOW - HOUR } }));
    expect(kinds(decide(aFleetOf([failed(0), failed(1), ...silent])))).toContain("breaker-opened");
    const working = [2, 3].map((slot) => aWorker({ slot }));
    expect(decide(aFleetOf([failed(0), failed(1), ...working])).memory.breaker).toBeNull();
  });

  it.each<[string, Partial<Fault>]>([
    ["BOOT time-outs", { signature: "timeout:boot:nothing", isHostsUsual: true, faultClass: "host", phase: "boot" }],
    ["No CUDA", { signature: "No CUDA", isHostsUsual: true, faultClass: "host", phase: "setup" }],
  ])("on three machines, not on two, for what a bad host shows by itself: %s", (_words, usual) => {
    const faults = [1, 2, 3].map((index) => aFault({ ...usual, instanceId: index, machineId: index }));
    const terms = { memory: { breaker: null, faults: [] }, workers: [], ...now };
    expect(nextBreaker({ ...terms, failed: faults.slice(1) }).breaker).toBeNull();
    expect(nextBreaker({ ...terms, failed: faults }).breaker).toMatchObject({
      reason: expect.stringMatching(/^3 mach/),
    });
  });

  it("for too little GPU memory on three types of GPU only: one type alone is left out, and others tried", () => {
    const small = (gpu: string, index: number): Fault =>
      aFault({ gpu, instanceId: index, machineId: index, faultClass: "gpu-size", signature: "CUDA out of memory" });
    const terms = { memory: { breaker: null, faults: [] }, workers: [], ...now };
    const two = [small("RTX 3060", 1), small("RTX 3070", 2), small("RTX 3070", 3)];
    expect(nextBreaker({ ...terms, failed: two }).breaker).toBeNull();
    expect(nextBreaker({ ...terms, failed: [...two, small("RTX 3080", 4)] }).breaker).not.toBeNull();
  });

  it("never on errors of another fingerprint, nor on those of more than two hours ago", () => {
    const others = [aFault({ fingerprint: "old" }), aFault({ fingerprint: "old", instanceId: 2, machineId: 2 })];
    const late = aFault({ instanceId: 3, machineId: 3, atMs: NOW - 2 * HOUR });
    const terms = { workers: [], ...now };
    expect(nextBreaker({ ...terms, memory: { breaker: null, faults: others }, failed: [] }).breaker).toBeNull();
    const one = { memory: { breaker: null, faults: [late] }, failed: [aFault()] };
    expect(nextBreaker({ ...terms, ...one })).toMatchObject({ breaker: null, faults: [aFault()] });
    const inTime = { memory: { breaker: null, faults: [{ ...late, atMs: late.atMs + 1 }] }, failed: [aFault()] };
    expect(nextBreaker({ ...terms, ...inTime }).breaker).not.toBeNull();
  });
});

describe("blame", () => {
  const stuck = { signature: "timeout:setup:repo cloned", faultClass: "host" } as const;
  const struck = aFault({ ...stuck, instanceId: 900, machineId: 90, isStruck: true, phase: "setup" });
  const elapsed = {
    kind: "setup",
    sinceMs: NOW - 10 * MINUTE,
    movedAtMs: NOW - 10 * MINUTE,
    measuredAtMs: NOW,
  } as const;
  const second = aBroken(0, { error: null, clock: elapsed, milestone: "repo cloned" });

  it("a strike given before the second machine failed alike is taken back, and none is given now", () => {
    const plan = decide(aFleetOf([second], { memory: aMemory({ faults: [struck] }) }));
    expect(inShort(plan)).toEqual([
      ["refund", 900],
      ["breaker-opened", null],
    ]);
    expect(plan.actions[0]).toMatchObject({ machineId: 90, reason: expect.stringContaining("so it was not the host") });
    expect(plan.memory.faults.map(({ isStruck }) => isStruck)).toEqual([false, false]);
  });

  it("a host that fails by itself is struck while the breaker is open, a box with the breaker's error never", () => {
    const memory = aMemory({ breaker: aBreaker() });
    const dud = { ...second, instanceId: 1001, slot: 1, label: "zeb-worker-vast-1", machineId: 101 };
    const plan = decide(aFleetOf([aBroken(0), dud], { memory }));
    expect(inShort(plan)).toEqual([
      ["strike", 1001],
      ["destroy", 1000, "fatal-error"],
      ["destroy", 1001, "stuck-setup"],
    ]);
  });

  it("a fleet of one keeps no evidence: the canary needs its slot", () => {
    const faults = [aFault({ instanceId: 900, machineId: 90 })];
    const plan = decide(aFleetOf([aBroken(0)], { spec: aSpec({ target: 1 }), memory: aMemory({ faults }) }));
    expect(inShort(plan)).toEqual([
      ["breaker-opened", null],
      ["destroy", 1000, "fatal-error"],
    ]);
  });
});

describe("while it is open", () => {
  const open = (changes: Parameters<typeof aBreaker>[0] = {}): Partial<Situation> => ({
    memory: aMemory({ breaker: aBreaker(changes), filledTarget: 0 }),
  });

  it("nothing is rented before the canary is due, and the fleet looks again then", () => {
    const plan = decide(aFleetOf([], open({ nextCanaryAtMs: NOW + 30 * SECOND })));
    expect(plan.actions).toEqual([]);
    expect([plan.lookAgainAtMs, plan.isEarly]).toEqual([NOW + 30 * SECOND, true]);
  });

  it("one canary is rented when it is due, no more", () => {
    expect(inShort(decide(aFleetOf([], open({ nextCanaryAtMs: NOW }))))).toEqual([["rent", 0]]);
  });

  it("a canary that ends without a fault of its own is followed after its wait, not at once", () => {
    const due = open({ nextCanaryAtMs: NOW, tries: 1 });
    const sent = decide(aFleetOf([], due));
    expect(sent.memory.breaker?.nextCanaryAtMs).toBe(NOW + 10 * MINUTE);
    const vanished = { ...sent.memory, workers: [], intents: [] };
    expect(decide(aFleetOf([], { memory: vanished })).actions).toEqual([]);
  });

  it("no second canary while one is out, as a box or as a rent", () => {
    const due = open({ nextCanaryAtMs: NOW });
    const canary = aBootingWorker({ startedAtMs: NOW - 30 * SECOND });
    expect(decide(aFleetOf([canary], due)).actions).toEqual([]);
    const intents = [anIntent({ state: "unknown", instanceId: null })];
    const waiting = aMemory({ ...due.memory, intents, filledTarget: 0 });
    expect(kinds(decide(aFleetOf([], { memory: waiting })))).toEqual([]);
  });

  describe("a canary whose log never comes", () => {
    const limit = 1500;
    const hourly = open({ openedAtMs: NOW - HOUR, nextCanaryAtMs: NOW - 10 * MINUTE });

    /** Runs for this long, and nothing but its row has been seen. */
    const silent = (seconds: number, changes: Partial<WorkerMemory> = {}): WorkerMemory => {
      const sinceMs = NOW - seconds * SECOND;
      const clock = { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: sinceMs } as const;
      return aBootingWorker({ status: "running", sinceMs, clock, ...changes });
    };

    it("goes after BOOT and WAIT together though no other log can be read, unblamed, and the next one is rented", () => {
      const plan = decide(aFleetOf([silent(limit)], hourly));
      expect(inShort(plan)).toEqual([
        ["destroy", 1000, "no-progress"],
        ["rent", 0],
      ]);
      expect(plan.actions[0]?.reason).toBe(
        "its log could not be read for 1500 s, and the breaker waits for it as its canary",
      );
      expect(plan.memory.breaker).toMatchObject({ tries: 0, hostRetries: 0, nextCanaryAtMs: NOW + 5 * MINUTE });
      expect(decide(aFleetOf([silent(limit - 1)], hourly)).actions).toEqual([]);
    });

    it("is the one that goes, though another that cannot be read either has been silent for longer", () => {
      const older = silent(2 * limit + 3600, { slot: 1 });
      expect(inShort(decide(aFleetOf([silent(limit), older], hourly)))[0]).toEqual(["destroy", 1000, "no-progress"]);
    });

    it.each<[string, Partial<WorkerMemory>, Partial<Situation>]>([
      ["a box of before the opening", { startedAtMs: NOW - 2 * HOUR }, {}],
      ["a box with other software", { fingerprint: "fingerprint-b" }, {}],
    ])("%s is none, and stays", (_words, changes, around) => {
      expect(kinds(decide(aFleetOf([silent(limit, changes)], { ...hourly, ...around })))).not.toContain("destroy");
    });

    it("stays where the breaker closes in this very CHECK, because the software has changed", () => {
      const plan = decide(aFleetOf([silent(limit)], { ...hourly, fingerprint: "fingerprint-b" }));
      expect(plan.memory.breaker).toBeNull();
      expect(kinds(plan)).not.toContain("destroy");
    });

    it("waits for another destroy to be proven, like every box that goes for its silence", () => {
      const memory = aMemory({ ...hourly.memory, debts: [aDebt({ slot: 9 })] });
      expect(kinds(decide(aFleetOf([silent(limit)], { memory })))).not.toContain("destroy");
    });
  });

  it("the kept box stays ten minutes from the opening, and goes then", () => {
    const kept = (openedAtMs: number): readonly string[] =>
      kinds(decide(aFleetOf([aBroken(0)], open({ openedAtMs, keptInstanceId: 1000 }))));
    expect(kept(NOW - 10 * MINUTE + 1)).toEqual([]);
    expect(kept(NOW - 10 * MINUTE)).toEqual(["destroy"]);
  });

  it("a fleet on its way down destroys the kept box too", () => {
    const situation = aFleetOf([aBroken(0)], { ...open({ keptInstanceId: 1000 }), mode: "down" });
    expect(kinds(decide(situation))).toEqual(["destroy"]);
  });
});

describe("canaries", () => {
  const canary = (changes: Partial<Fault> = {}): Fault => aFault({ rentedAtMs: NOW - 30 * SECOND, ...changes });
  const after = (breaker: ReturnType<typeof aBreaker>, failed: Fault) =>
    must(
      nextBreaker({
        memory: { breaker, faults: [] },
        failed: [failed],
        workers: [],
        ...now,
      }).breaker,
    );

  it("come after 5, 10, 20, 40 and then every 60 minutes", () => {
    const waits = [0, 1, 2, 3, 4].map((tries) => (after(aBreaker({ tries }), canary()).nextCanaryAtMs - NOW) / MINUTE);
    expect(waits).toEqual([10, 20, 40, 60, 60]);
  });

  it("that meet a bad host are tried elsewhere at once, twice", () => {
    const dud = canary({ faultClass: "host", signature: "timeout:boot:nothing" });
    const first = after(aBreaker(), dud);
    expect(first).toMatchObject({ tries: 0, hostRetries: 1, nextCanaryAtMs: NOW });
    const second = after(first, dud);
    expect(second).toMatchObject({ tries: 0, hostRetries: 2, nextCanaryAtMs: NOW });
    expect(after(second, dud)).toMatchObject({ tries: 1, hostRetries: 0, nextCanaryAtMs: NOW + 10 * MINUTE });
  });

  it("that fail together in one CHECK are one try", () => {
    const failed = [0, 1, 2].map((slot) => canary({ instanceId: 2000 + slot, machineId: 200 + slot }));
    const together = nextBreaker({
      memory: { breaker: aBreaker({ tries: 1 }), faults: [] },
      failed,
      workers: [],
      ...now,
    });
    expect(together.breaker).toMatchObject({ tries: 2, nextCanaryAtMs: NOW + 20 * MINUTE });
    const duds = failed.map((one) => ({ ...one, faultClass: "host" as const, signature: "timeout:boot:nothing" }));
    const mixed = [...duds.slice(0, 2), ...failed.slice(2)];
    const afterAll = (few: readonly Fault[]) =>
      nextBreaker({ memory: { breaker: aBreaker(), faults: [] }, failed: few, workers: [], ...now }).breaker;
    expect(afterAll(duds)).toMatchObject({ tries: 0, hostRetries: 1, nextCanaryAtMs: NOW });
    expect(afterAll(mixed)).toMatchObject({ tries: 1, hostRetries: 0 });
  });

  it("are counted once each, and boxes rented before the opening are none", () => {
    const breaker = aBreaker();
    const terms = { workers: [], ...now };
    const known = nextBreaker({ ...terms, memory: { breaker, faults: [canary()] }, failed: [canary()] });
    const older = nextBreaker({ ...terms, memory: { breaker, faults: [] }, failed: [aFault()] });
    expect([known.breaker, older.breaker]).toEqual([breaker, breaker]);
  });
});

describe("it closes", () => {
  const breaker = aBreaker({ openedAtMs: NOW - 10 * MINUTE });
  const clock = (kind: WorkerMemory["clock"]["kind"], measuredAtMs = NOW): WorkerMemory["clock"] => ({
    kind,
    sinceMs: NOW - MINUTE,
    movedAtMs: NOW,
    measuredAtMs,
  });
  const isClosedBy = (worker: WorkerMemory, of = breaker): boolean =>
    nextBreaker({
      memory: { breaker: of, faults: [aFault(), aFault({ signature: "another" })] },
      failed: [],
      workers: [worker],
      ...now,
    }).breaker === null;

  it("when a canary gets past the failed phase, not when it reaches it", () => {
    const setup = { ...breaker, failedPhase: "setup" as const };
    expect(isClosedBy(aBootingWorker({ clock: clock("setup") }), setup)).toBe(false);
    expect(isClosedBy(aBootingWorker({ clock: clock("wait") }), setup)).toBe(true);
    expect(isClosedBy(aWorker({ startedAtMs: NOW - MINUTE, clock: clock("produce") }))).toBe(true);
  });

  it("not by a box that was rented before the first failed one, nor by what was measured before it opened", () => {
    const worker = aWorker({ startedAtMs: NOW - MINUTE, clock: clock("produce") });
    expect(isClosedBy({ ...worker, startedAtMs: breaker.sinceMs - 1 })).toBe(false);
    expect(isClosedBy({ ...worker, clock: clock("produce", breaker.openedAtMs) })).toBe(false);
    expect(isClosedBy({ ...worker, error: { ...anError(), sinceMs: NOW, seenAtMs: NOW } })).toBe(false);
    expect(isClosedBy({ ...worker, fingerprint: null })).toBe(false);
  });

  it("after a fault of producing workers, when one has made a batch more, or four", () => {
    const at = (batch: number): WorkerMemory =>
      aWorker({ startedAtMs: NOW - MINUTE, progress: { ...must(aWorker().progress), batch }, clock: clock("produce") });
    const early = { ...breaker, failedPhase: "produce" as const, failedBatch: 2 };
    expect([isClosedBy(at(2), early), isClosedBy(at(3), early)]).toEqual([false, true]);
    const late = { ...early, failedBatch: 5000 };
    expect([isClosedBy(at(3), late), isClosedBy(at(4), late)]).toEqual([false, true]);
  });

  it("when the fingerprint changes, and what was counted for it counts no more", () => {
    const situation = aFleetOf([], { memory: aMemory({ breaker, faults: [aFault()], filledTarget: 0 }) });
    const plan = decide({ ...situation, fingerprint: "fingerprint-b" });
    expect(kinds(plan)).toEqual(["breaker-closed", "rent", "rent", "rent", "rent"]);
    expect([plan.memory.breaker, plan.memory.faults]).toEqual([null, []]);
  });

  it("when no worker is missing any more and all produce: nothing is left to try", () => {
    const { workers } = someBoxes(10);
    const at = (target: number) =>
      nextBreaker({ memory: { breaker, faults: [] }, failed: [], workers, ...now, target }).change?.reason;
    expect([at(11), at(10)]).toEqual([undefined, "no worker is missing any more"]);
  });

  it("by hand; the same old evidence does not open it again", () => {
    const other = aFault({ instanceId: 2, machineId: 2, signature: "another" });
    const faults = [aFault(), aFault({ instanceId: 1, machineId: 1 }), other];
    const closed = closeByHand(aMemory({ breaker, faults }), { by: "admin", nowMs: NOW });
    expect([closed.breaker, closed.faults]).toEqual([null, [other]]);
    expect(decide(aFleetOf([], { memory: { ...closed, filledTarget: 0 } })).state).toBe("ramping");
  });

  it("by hand: the box kept for a look goes without a strike, and stays where it works by now", () => {
    const boot = { kind: "boot", sinceMs: NOW - HOUR, movedAtMs: NOW - HOUR, measuredAtMs: NOW - SECOND } as const;
    const kept = aBreaker({ signature: "timeout:boot:nothing", keptInstanceId: 1000 });
    const closed = (worker: WorkerMemory) =>
      closeByHand(aMemory({ workers: [worker], breaker: kept }), { by: "admin", nowMs: NOW });
    const plan = decide(
      aSituation({ rows: [anInstance({ actualStatus: "loading" })], memory: closed(aBootingWorker({ clock: boot })) }),
    );
    expect(inShort(plan)).toEqual([["destroy", 1000, "by-hand"]]);
    expect(closed(aWorker()).orders).toEqual([]);
  });
});

describe("a first launch", () => {
  it("of four is not added to while one of it has failed and another is undecided", () => {
    const undecided = [1, 2, 3].map((slot) => aBootingWorker({ slot, startedAtMs: NOW - 5 * MINUTE }));
    const plan = decide(aFleetOf([aBroken(0), ...undecided]));
    expect(inShort(plan)).toEqual([["destroy", 1000, "fatal-error"]]);
    expect(plan.notes.join()).toContain("have not produced yet: at most 4 out until one does");
  });

  it("that has failed altogether with different errors is followed by another", () => {
    const faults = [0, 1, 2, 3].map((index) =>
      aFault({ instanceId: index, machineId: index, signature: `error ${"abcd"[index] ?? ""}` }),
    );
    expect(failedOfBatch(faults, [], FINGERPRINT)).toBe(0);
    expect(kinds(decide(aFleetOf([], { memory: aMemory({ faults, filledTarget: 0 }) })))).toEqual([
      "rent",
      "rent",
      "rent",
      "rent",
    ]);
  });

  it("of one box in a fleet of one is replaced at once", () => {
    const plan = decide(aFleetOf([aBroken(0)], { spec: aSpec({ target: 1 }) }));
    expect(inShort(plan)).toEqual([
      ["destroy", 1000, "fatal-error"],
      ["rent", 0],
    ]);
  });
});
