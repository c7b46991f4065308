// Which boxes go, why, and who is blamed; and what stays when many look sick at once.

import { describe, expect, it } from "vitest";
import { gapLimitMs } from "../../src/fleet/clock.ts";
import { decide } from "../../src/fleet/decide.ts";
import type { WorkerMemory } from "../../src/fleet/memory.ts";
import type { FaultClass } from "../../src/fleet/report.ts";
import type { AccountView, Situation } from "../../src/fleet/situation.ts";
import {
  aBadStatus,
  aBootingWorker,
  aDebt,
  aMemory,
  anAccount,
  anError,
  anInstance,
  anIntent,
  anOffer,
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
import { aDestroyOf, inShort } from "../support/plans.ts";

const three = someBoxes(3, 1);
const sweepAt = NOW - 2 * SECOND;

/** Slot 0 as given, slots 1 to 3 well. */
function withSlotZero(worker: WorkerMemory | null, row: Parameters<typeof anInstance>[0] = {}): Situation {
  const workers = worker === null ? three.workers : [worker, ...three.workers];
  return aSituation({ rows: [anInstance(row), ...three.rows], workers });
}

describe("over cost", () => {
  it("a box goes at once, though it produces, and nobody is struck", () => {
    const situation = withSlotZero(aWorker(), { usdPerHour: 0.1009 });
    const proof = aProof([anInstance({ usdPerHour: 0.1009 }), ...three.rows]);
    const evidence = { usdPerHour: 0.1009, maxPriceUsdPerHour: 0.1 };
    expect(decide(situation).actions).toEqual([
      aDestroyOf(0, "over-cost", "$0.101/hr is over the cap of $0.1/hr", evidence, proof),
    ]);
  });

  it.each([
    ["at the cap", { usdPerHour: 0.1 }, aSpec({ target: 4 })],
    ["rounding to the cap", { usdPerHour: 0.1004 }, aSpec({ target: 4 })],
    ["at a cap that rounds below it", { usdPerHour: 0.0905 }, aSpec({ target: 4, maxPriceUsdPerHour: 0.0905 })],
    ["where there is no cap", { usdPerHour: 9 }, aSpec({ target: 4, maxPriceUsdPerHour: null })],
  ])("a box %s stays", (_words, row, spec) => {
    expect(decide({ ...withSlotZero(aWorker(), row), spec }).actions).toEqual([]);
  });

  it("a box whose price nobody says stays", () => {
    expect(decide(withSlotZero(aWorker({ usdPerHour: null }), { usdPerHour: null })).actions).toEqual([]);
  });

  it("comes before health: the host of a box that is both is not struck", () => {
    const clock = { kind: "wait", sinceMs: NOW - HOUR, movedAtMs: NOW - HOUR, measuredAtMs: NOW } as const;
    expect(inShort(decide(withSlotZero(aWorker({ clock }), { usdPerHour: 0.2 })))).toEqual([
      ["destroy", 1000, "over-cost"],
    ]);
  });
});

describe("duplicates", () => {
  const twin = aWorker({ instanceId: 999, startedAtMs: NOW - 3 * HOUR });
  const twinRow = anInstance({ instanceId: 999, startedAtMs: NOW - 3 * HOUR });
  const situation = aSituation({
    rows: [twinRow, anInstance(), ...three.rows],
    workers: [twin, aWorker(), ...three.workers],
  });

  it("one of the two goes, no more, and nobody is struck", () => {
    const plan = decide(situation);
    expect(inShort(plan)).toEqual([["destroy", 999, "duplicate"]]);
    expect(plan.actions[0]?.reason).toBe("slot 0 is also held by instance 1000 (producing)");
  });

  it.each([
    ["is too dear", {}, { usdPerHour: 0.2 }, "over-cost"],
    [
      "stalls",
      { clock: { kind: "produce", sinceMs: NOW - HOUR, movedAtMs: NOW - HOUR, measuredAtMs: NOW } as const },
      {},
      "duplicate",
    ],
  ])("one that has produced and %s does not cost its sound twin its place", (_words, worker, row, cause) => {
    const plan = decide(
      aSituation({
        rows: [
          anInstance({ instanceId: 999, ...row }),
          anInstance({ actualStatus: "loading", startedAtMs: NOW - MINUTE }),
          ...three.rows,
        ],
        workers: [aWorker({ instanceId: 999, ...worker }), aBootingWorker(), ...three.workers],
      }),
    );
    expect(inShort(plan)).toEqual([["destroy", 999, cause]]);
  });

  it("both stay while a rent of the slot is unsettled", () => {
    const intents = [anIntent({ state: "unknown", instanceId: null })];
    const spec = aSpec({ target: 5 });
    expect(decide({ ...situation, spec, memory: { ...situation.memory, intents } }).actions).toEqual([]);
  });

  it.each([
    ["both stay until a log is read, where CHECKs have just begun to look again", NOW, NOW - HOUR, null, []],
    ["the same, where it was last read before that", NOW - MINUTE, NOW - HOUR, NOW - 50 * MINUTE, []],
    ["the same, where it was last read before the other came", NOW - HOUR, NOW - MINUTE, NOW - MINUTE - 1, []],
    ["the older goes, where it was read since then", NOW - HOUR, NOW - MINUTE, NOW - MINUTE, ["duplicate"]],
    ["the older goes, where nobody could read it for two polls", NOW - HOUR, NOW - HOUR, null, ["duplicate"]],
  ])("of two that nobody knows to work, %s", (_words, lookingSinceMs, sharedSinceMs, reportAtMs, causes) => {
    const since = { startedAtMs: NOW - HOUR, firstSeenAtMs: NOW - HOUR };
    const old = aBootingWorker({ instanceId: 999, status: "running", reportAtMs, ...since });
    const two = aSituation({
      rows: [anInstance({ instanceId: 999 }), anInstance({ actualStatus: "loading" }), ...three.rows],
      workers: [old, aBootingWorker({ firstSeenAtMs: sharedSinceMs }), ...three.workers],
    });
    const plan = decide({ ...two, memory: { ...two.memory, lookingSinceMs } });
    expect(inShort(plan).map(([, , cause]) => cause)).toEqual(causes);
  });

  it("go both or none where there are too many, and none before one that is known to start", () => {
    const since = { startedAtMs: NOW - HOUR, firstSeenAtMs: NOW - HOUR };
    const old = aBootingWorker({ instanceId: 999, status: "running", reportAtMs: NOW - 2 * MINUTE, ...since });
    const starts = aBootingWorker({ instanceId: 998, slot: 1, label: "zeb-worker-vast-1", usdPerHour: 0.01 });
    const two = aSituation({
      rows: [
        anInstance({ instanceId: 999 }),
        anInstance({ actualStatus: "loading" }),
        anInstance({ instanceId: 998, label: "zeb-worker-vast-1", actualStatus: "loading", usdPerHour: 0.01 }),
      ],
      workers: [old, aBootingWorker({ firstSeenAtMs: NOW - MINUTE }), starts],
      spec: aSpec({ target: 1 }),
    });
    const looking = { ...two, memory: { ...two.memory, lookingSinceMs: NOW - HOUR } };
    expect(inShort(decide(looking))).toEqual([["destroy", 998, "downscale"]]);
  });

  it("a twin that the list does not show condemns nobody", () => {
    const rows = [anInstance(), ...three.rows];
    expect(decide({ ...situation, sweep: aProvenSweep(rows) }).actions).toEqual([]);
  });
});

describe("errors", () => {
  const failing = (elapsedMs: number, changes: Parameters<typeof anError>[0] = {}): WorkerMemory =>
    aWorker({ error: { ...anError(changes), sinceMs: NOW - elapsedMs, seenAtMs: NOW } });

  it("one that may pass is waited for", () => {
    expect(decide(withSlotZero(failing(299 * SECOND))).actions).toEqual([]);
  });

  it("one that lasts 300 s costs the box, and strikes nobody where its cause is unknown", () => {
    expect(inShort(decide(withSlotZero(failing(300 * SECOND))))).toEqual([["destroy", 1000, "fatal-error"]]);
  });

  it("a final one of the host costs the box at once, and a strike", () => {
    expect(inShort(decide(withSlotZero(failing(0, { isFinal: true, faultClass: "host" }))))).toEqual([
      ["strike", 1000],
      ["destroy", 1000, "fatal-error"],
    ]);
  });
});

describe("time-outs", () => {
  const stuck = (kind: WorkerMemory["clock"]["kind"], elapsedMs: number): WorkerMemory =>
    aWorker({
      ...(kind === "produce" ? {} : { progress: null, verdict: "waiting" as const }),
      clock: { kind, sinceMs: NOW - elapsedMs, movedAtMs: NOW - elapsedMs, measuredAtMs: NOW },
    });

  it.each([
    ["setup", 600, "stuck-setup"],
    ["boot", 600, "stuck-boot"],
    ["wait", 900, "no-progress"],
    ["produce", 600, "stalled"],
  ] as const)("%s of %i s strikes and replaces, a millisecond less does not", (kind, limit, cause) => {
    expect(inShort(decide(withSlotZero(stuck(kind, limit * SECOND))))).toEqual([
      ["strike", 1000],
      ["destroy", 1000, cause],
    ]);
    expect(decide(withSlotZero(stuck(kind, limit * SECOND - 1))).actions).toEqual([]);
  });

  it("ask for no CHECK of their own: only news moves their clocks", () => {
    const plan = decide(withSlotZero(stuck("setup", 580 * SECOND)));
    expect([plan.lookAgainAtMs, plan.isEarly]).toEqual([NOW + 60 * SECOND, false]);
  });
});

it.each([
  ["a CHECK in time: it goes", 4 * MINUTE, ["stuck-boot"]],
  ["one that comes later: its log had no turn in between", 4 * MINUTE + 1, []],
])("a box on its way again for longer than a boot may take, at %s", (_words, lateMs, causes) => {
  const sinceMs = NOW - 2 * HOUR;
  const reboot = { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: NOW - MINUTE } as const;
  const worker = aWorker({ status: "loading", reboot, reportAtMs: NOW - 30 * MINUTE + 5 * MINUTE });
  const plan = decide({ ...withSlotZero(worker, { actualStatus: "loading" }), wantedAtMs: NOW - lateMs });
  expect(inShort(plan).flatMap(([kind, , cause]) => (kind === "destroy" ? [cause] : []))).toEqual(causes);
});

describe("a box that alone cannot be measured", () => {
  const limit = 1500;

  /** Runs, and nothing but its row has been seen since. */
  const silent = (seconds: number, changes: Partial<WorkerMemory> = {}): WorkerMemory => {
    const sinceMs = NOW - seconds * SECOND;
    const clock = { kind: "boot", sinceMs, movedAtMs: sinceMs, measuredAtMs: sinceMs } as const;
    return aBootingWorker({ status: "running", sinceMs, clock, ...changes });
  };
  const readAgo = (worker: WorkerMemory, agoMs: number): WorkerMemory => ({ ...worker, reportAtMs: NOW - agoMs });

  it.each([
    ["a second before 25 min are over", limit - 1, []],
    ["after 25 min", limit, ["no-progress"]],
    ["a second later", limit + 1, ["no-progress"]],
  ])("%s of silence", (_words, seconds, causes) => {
    expect(inShort(decide(withSlotZero(silent(seconds)))).map(([, , cause]) => cause)).toEqual(causes);
  });

  it.each([
    ["four minutes late: it counts", 4 * MINUTE, ["no-progress"]],
    ["later: the silence begins anew, because nobody looked", 4 * MINUTE + 1, []],
  ])("at a CHECK that comes %s", (_words, lateMs, causes) => {
    const plan = decide({ ...withSlotZero(silent(limit)), wantedAtMs: NOW - lateMs });
    expect(inShort(plan).map(([, , cause]) => cause)).toEqual(causes);
  });

  it.each([
    ["for so long: it goes", limit * SECOND, ["no-progress"]],
    ["a millisecond less: no box was the odd one before that", limit * SECOND - 1, []],
  ])("after an outage of all logs, while others' could be read %s", (_words, agoMs, causes) => {
    const situation = withSlotZero(silent(3 * limit));
    const memory = { ...situation.memory, logsReadSinceMs: NOW - agoMs };
    expect(inShort(decide({ ...situation, memory })).map(([, , cause]) => cause)).toEqual(causes);
  });

  it("goes and is replaced; its host is not struck", () => {
    const plan = decide({ ...withSlotZero(silent(limit)), offers: someOffers(2) });
    expect(inShort(plan)).toEqual([
      ["destroy", 1000, "no-progress"],
      ["rent", 0],
    ]);
    expect(plan.actions[0]?.reason).toBe("its log could not be read for 1500 s, while others' could");
  });

  it("goes though it has produced, and is loading for ever since its host came back", () => {
    const atMs = NOW - limit * SECOND;
    const worker = aWorker({
      clock: { kind: "produce", sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs },
      reportAtMs: atMs,
    });
    const situation = withSlotZero(worker, { actualStatus: "loading", statusMessage: "pulling" });
    expect(inShort(decide(situation))).toEqual([["destroy", 1000, "no-progress"]]);
  });

  it("stays where it is the only box: then the log service may be the one that is away", () => {
    const situation = { rows: [anInstance()], workers: [silent(10 * limit)], spec: aSpec({ target: 1 }) };
    expect(decide(aSituation(situation)).actions).toEqual([]);
    const slow = aSpec({ target: 1, cadenceSeconds: { ramp: 900 } });
    const read = readAgo(silent(limit), limit * SECOND);
    expect(decide(aSituation({ ...situation, workers: [read], spec: slow })).actions).toEqual([]);
  });

  it.each([
    ["a millisecond less than two polls and a log round ago: it goes", -1, 1],
    ["two polls and a log round ago: it stays", 0, 0],
  ])("while another was last measured %s", (_words, moreMs, count) => {
    const others = three.workers.map((worker) => readAgo(worker, 20 * MINUTE));
    const measured = readAgo(must(others[0]), gapLimitMs(aSpec()) + moreMs);
    const workers = [silent(3 * limit), measured, ...others.slice(1)];
    const situation = aSituation({ rows: [anInstance(), ...three.rows], workers });
    expect(decide(situation).actions).toHaveLength(count);
  });

  it("stays where none of the others has ever been measured", () => {
    const workers = [silent(3 * limit), ...three.workers.map((worker) => ({ ...worker, reportAtMs: null }))];
    expect(decide(aSituation({ rows: [anInstance(), ...three.rows], workers })).actions).toEqual([]);
  });

  it("goes alone: when a log service that was away is back, the fleet is read again one box after another", () => {
    const { rows, workers } = someBoxes(4);
    const dark = workers.map((worker) =>
      worker.slot === 3 ? worker : silent(2 * limit + worker.slot, { slot: worker.slot }),
    );
    expect(inShort(decide(aSituation({ rows, workers: dark })))).toEqual([["destroy", 1002, "no-progress"]]);
    const read = dark.map((worker) => (worker.slot === 0 ? worker : readAgo(worker, SECOND)));
    expect(inShort(decide(aSituation({ rows, workers: read })))).toEqual([["destroy", 1000, "no-progress"]]);
  });

  it.each([
    ["for a millisecond less than two polls and a log round", -1, []],
    ["no longer than two polls and a log round, though the market forgets it", 0, ["no-progress"]],
  ])("waits for another destroy to be proven %s", (_words, moreMs, causes) => {
    const debts = [aDebt({ createdAtMs: NOW - gapLimitMs(aSpec()) - moreMs, slot: 9 })];
    const situation = withSlotZero(silent(limit));
    const plan = decide({ ...situation, memory: { ...situation.memory, debts } });
    expect(inShort(plan).map(([, , cause]) => cause)).toEqual(causes);
  });

  it("goes for what is known to be wrong with it, where something is", () => {
    const error = { ...anError({ isFinal: true, faultClass: "host" }), sinceMs: NOW - HOUR, seenAtMs: NOW - HOUR };
    expect(inShort(decide(withSlotZero(silent(limit, { error }))))).toEqual([
      ["strike", 1000],
      ["destroy", 1000, "fatal-error"],
    ]);
  });
});

describe("a GPU type that runs out of memory", () => {
  const spec = aSpec({ target: 4 });
  const DAY = 24 * HOUR;
  const small = [anOffer({ offerId: 5001, usdPerHour: 0.04 }), anOffer({ offerId: 5002, usdPerHour: 0.041 })];
  const large = anOffer({ offerId: 5003, gpu: "RTX 4070 Ti", usdPerHour: 0.09 });
  const failed = (changes: Partial<WorkerMemory> = {}, faultClass: FaultClass = "gpu-size"): WorkerMemory =>
    aWorker({ error: { ...anError({ isFinal: true, faultClass }), sinceMs: NOW, seenAtMs: NOW }, ...changes });
  const exclusion = { gpu: "RTX 3070", weightsName: spec.weightsName, untilMs: NOW + DAY };

  it("is left out for a day for these weights, its host not struck, and the replacement is of another type", () => {
    const plan = decide({ ...withSlotZero(failed()), offers: [...small, large] });
    expect(inShort(plan)).toEqual([
      ["destroy", 1000, "fatal-error"],
      ["rent", 0],
    ]);
    expect(plan.memory.excludedGpus).toEqual([exclusion]);
    expect(plan.actions.at(-1)).toMatchObject({ offer: { offer: large } });
    expect(plan.spareOffers).toEqual([]);
  });

  it("is noted once, though two boxes of it failed; a box of which nobody says the type notes none", () => {
    const workers = [failed(), failed({ slot: 1 }), ...three.workers.slice(1)];
    const rows = [anInstance(), ...three.rows];
    expect(decide(aSituation({ rows, workers })).memory.excludedGpus).toEqual([exclusion]);
    const nameless = withSlotZero(failed({ gpu: null }), { gpu: null });
    expect(decide(nameless).memory.excludedGpus).toEqual([]);
  });

  it("is not left out for the weights of now when a box with others ran out of memory", () => {
    expect(decide(withSlotZero(failed({ fingerprint: "fingerprint-b" }))).memory.excludedGpus).toEqual([]);
    expect(decide(withSlotZero(failed({ fingerprint: null }))).memory.excludedGpus).toEqual([exclusion]);
  });

  it.each(["host", "workload", "credentials", "hub", "unknown"] as const)(
    "is not what an error of the %s tells of",
    (faultClass) => {
      expect(decide(withSlotZero(failed({}, faultClass))).memory.excludedGpus).toEqual([]);
    },
  );

  const rentsWith = (untilMs: number, weightsName = spec.weightsName) => {
    const memory = aMemory({ workers: three.workers, excludedGpus: [{ gpu: "RTX 3070", weightsName, untilMs }] });
    return decide(aSituation({ rows: three.rows, memory, offers: small }));
  };

  it("is rented again when the day is over, and not a millisecond before", () => {
    expect(inShort(rentsWith(NOW + 1))).toEqual([]);
    expect(rentsWith(NOW + 1).notes).toEqual([
      "no offers: refused: 2 gpu-ran-out-of-memory; to loosen: add larger GPU types",
    ]);
    expect(inShort(rentsWith(NOW))).toEqual([["rent", 0]]);
    expect(rentsWith(NOW).memory.excludedGpus).toEqual([]);
  });

  it("is rented for other weights", () => {
    expect(inShort(rentsWith(NOW + DAY, "zeb-other"))).toEqual([["rent", 0]]);
    expect(rentsWith(NOW + DAY, "zeb-other").memory.excludedGpus).toHaveLength(1);
  });

  it.each(["paused", "down"] as const)("stays left out while the fleet is %s", (mode) => {
    const excludedGpus = [exclusion];
    expect(decide(aSituation({ mode, memory: aMemory({ excludedGpus }) })).memory.excludedGpus).toEqual(excludedGpus);
  });
});

describe("a box that does not run", () => {
  const exited = { actualStatus: "exited" };

  it("has its log read at once, and is looked at again when 120 s are over", () => {
    const plan = decide(withSlotZero(aWorker(), exited));
    expect(plan).toMatchObject({ actions: [], needs: { logs: [1000] }, lookAgainAtMs: NOW + 60 * SECOND });
  });

  it("goes without a strike when nothing could be measured for 120 s", () => {
    const worker = aWorker({
      badStatus: aBadStatus({ sinceMs: NOW - 120 * SECOND }),
      reportAtMs: null,
    });
    expect(inShort(decide(withSlotZero(worker, exited)))).toEqual([["destroy", 1000, "status"]]);
  });

  it("whose container cannot start goes at once, with a strike", () => {
    const row = { actualStatus: "created", statusMessage: "OCI runtime create failed" };
    expect(inShort(decide(withSlotZero(aBootingWorker(), row)))).toEqual([
      ["strike", 1000],
      ["destroy", 1000, "start-error"],
    ]);
  });
});

describe("a mass stop", () => {
  const sinceMs = NOW - 3 * MINUTE;
  const badStatus = aBadStatus({ sinceMs });
  const { rows, workers } = someBoxes(4);

  /** The first `count` of four boxes stopped; of `unripe` of them no log has been read and the time is not over. */
  function stop(count: number, unripe = 0, changes: Partial<Situation> = {}): Situation {
    const isStopped = (slot: number): boolean => slot < count;
    const isRipe = (slot: number): boolean => slot < count - unripe;
    const stopped = workers.map((worker) =>
      !isStopped(worker.slot)
        ? worker
        : {
            ...worker,
            badStatus: { ...badStatus, sinceMs: isRipe(worker.slot) ? sinceMs : NOW - 60 * SECOND },
            progress: { ...must(worker.progress), atMs: sinceMs },
          },
    );
    const list = rows.map((row, slot) => (isStopped(slot) ? { ...row, actualStatus: "exited" } : row));
    return aSituation({ rows: list, workers: stopped, ...changes });
  }

  const causes = (situation: Situation): unknown[] => inShort(decide(situation)).map(([, , cause]) => cause);

  it("of two in four is no mass: they go", () => {
    expect(causes(stop(2))).toEqual(["status", "status"]);
  });

  it("of both boxes of a fleet of two is no mass: they go", () => {
    const situation = stop(2, 0, { account: anAccount({ readAtMs: sinceMs - 1 }) });
    const list = must(situation.sweep.proven ? situation.sweep.list.rows : null).slice(0, 2);
    const memory = { ...situation.memory, workers: situation.memory.workers.slice(0, 2) };
    expect(causes({ ...situation, spec: aSpec({ target: 2 }), sweep: aProvenSweep(list), memory })).toEqual([
      "status",
      "status",
    ]);
  });

  it("of three in four that a sweep 60 s later still shows, with credit there, is real: they go", () => {
    expect(causes(stop(3))).toEqual(["status", "status", "status"]);
  });

  it.each<[string, { sweep?: number; account?: AccountView }]>([
    ["the second sweep was begun less than 60 s after the first", { sweep: sinceMs + 60 * SECOND - 1 }],
    ["the account has not answered since", { account: anAccount({ readAtMs: sinceMs - 1 }) }],
    ["the credit is gone", { account: anAccount({ creditUsd: 0 }) }],
    ["nobody says what credit there is", { account: anAccount({ creditUsd: null }) }],
  ])("is held while %s", (_words, { sweep, account = anAccount() }) => {
    const situation = stop(3, 0, { account });
    const list = must(situation.sweep.proven ? situation.sweep.list.rows : null);
    const plan = decide(sweep === undefined ? situation : { ...situation, sweep: aProvenSweep(list, sweep) });
    expect(plan.actions).toEqual([]);
    expect(plan.needs.account).toBe(true);
    expect(plan.notes).toContain("3 of 4 boxes stopped at once: a second sweep and the account are asked first");
  });

  it("decides no shared slot: the market may be wrong about the one, and the other is sound", () => {
    const early = stop(3, 0, { account: anAccount({ readAtMs: sinceMs - 1 }) });
    const twin = aBootingWorker({ instanceId: 999 });
    const list = must(early.sweep.proven ? early.sweep.list.rows : null);
    const sweep = aProvenSweep([...list, anInstance({ instanceId: 999, actualStatus: "loading" })]);
    const memory = { ...early.memory, workers: [...early.memory.workers, twin] };
    expect(inShort(decide({ ...early, sweep, memory }))).toEqual([]);
  });

  it("is one of all boxes: what goes as a twin of one that plays counts too", () => {
    const twin = aWorker({ instanceId: 999 });
    const early = stop(3, 0, { account: anAccount({ readAtMs: sinceMs - 1 }) });
    const list = must(early.sweep.proven ? early.sweep.list.rows : null);
    const sweep = aProvenSweep([...list, anInstance({ instanceId: 999 })]);
    const memory = { ...early.memory, workers: [...early.memory.workers, twin] };
    expect(inShort(decide({ ...early, sweep, memory }))).toEqual([["destroy", 1000, "duplicate"]]);
  });

  it("is a mass though the logs tell of one box after the other", () => {
    const early = { account: anAccount({ readAtMs: sinceMs - 1 }) };
    expect(causes(stop(3, 2, early))).toEqual([]);
  });

  it("does not count boxes whose log still moves", () => {
    const situation = stop(3, 0, { account: anAccount({ readAtMs: sinceMs - 1 }) });
    const moving = situation.memory.workers.map((worker) =>
      worker.slot === 0 ? { ...worker, progress: { ...must(worker.progress), batch: 31, atMs: NOW - MINUTE } } : worker,
    );
    expect(inShort(decide({ ...situation, memory: aMemory({ workers: moving }) }))).toEqual([
      ["destroy", 1001, "status"],
      ["destroy", 1002, "status"],
    ]);
  });
});

it("while waiting for credit nothing is killed, whatever is wrong with it", () => {
  const creditWait = { sinceMs: NOW, nextProbeAtMs: NOW + MINUTE, why: "lacks credit" };
  const bad = [
    anInstance({ usdPerHour: 9 }),
    anInstance({ slot: 1, actualStatus: "created", statusMessage: "OCI runtime create failed" }),
    anInstance({ slot: 2 }),
    anInstance({ slot: 2, instanceId: 1 }),
    ...someBoxes(4, 3).rows,
  ];
  const plan = decide(aSituation({ rows: bad, workers: someBoxes(7).workers, account: anAccount({ creditWait }) }));
  expect(plan.actions.filter(({ kind }) => kind === "destroy" || kind === "strike")).toEqual([]);
  expect(plan).toMatchObject({
    state: "credit-wait",
    notes: [
      "waiting for credit (lacks credit): nothing is destroyed",
      "worker 1: left alone for now, though the host could not start the container: OCI runtime create failed",
    ],
  });
});

it("while waiting for credit a fleet that is down still empties itself", () => {
  const creditWait = { sinceMs: NOW, nextProbeAtMs: NOW + MINUTE, why: "lacks credit" };
  const plan = decide({ ...withSlotZero(aWorker()), mode: "down", account: anAccount({ creditWait }) });
  expect(plan.actions.map(({ kind }) => kind)).toEqual(["destroy", "destroy", "destroy", "destroy"]);
});

it("one box goes once, though several rules would have it", () => {
  const twin = {
    ...aWorker({ instanceId: 999 }),
    error: { ...anError({ isFinal: true }), sinceMs: sweepAt, seenAtMs: sweepAt },
  };
  const rows = [anInstance({ instanceId: 999, usdPerHour: 9 }), anInstance(), ...three.rows];
  const plan = decide(aSituation({ rows, workers: [twin, aWorker(), ...three.workers], spec: aSpec({ target: 3 }) }));
  const ids = plan.actions.flatMap((action) => (action.kind === "destroy" ? [action.instanceId] : []));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(2);
});

it("a bad status whose box the list had lost for a while has its time anew", () => {
  const worker = aWorker({
    badStatus: aBadStatus({ sinceMs: NOW - 10 * MINUTE, seenAtMs: NOW - MINUTE }),
    missing: { firstBegunAtMs: NOW - 9 * MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 8 },
    reportAtMs: NOW - 11 * MINUTE,
  });
  const rows = [anInstance({ actualStatus: "exited" })];
  const plan = decide(aSituation({ rows, workers: [worker], spec: aSpec({ target: 1 }) }));
  expect(plan).toMatchObject({ actions: [], needs: { logs: [1000] } });
});

it("a box that its log vouched for has its log asked for 120 s before it goes, however late the first CHECK asks", () => {
  const rows = [anInstance({ actualStatus: "offline" })];
  // Its log has overruled the status for an hour; then the clock was set forward by five minutes.
  const progress = { ...must(aWorker().progress), batch: 60, atMs: NOW - 5 * MINUTE };
  const badStatus = aBadStatus({ what: "offline", sinceMs: NOW - HOUR, seenAtMs: NOW - 5 * MINUTE, askedAtMs: null });
  const workers = [aWorker({ badStatus, progress, reportAtMs: NOW - 5 * MINUTE })];
  const spec = aSpec({ target: 1 });
  const first = decide(aSituation({ rows, workers, spec }));
  expect(first).toMatchObject({ actions: [], needs: { logs: [1000] }, lookAgainAtMs: NOW + 60 * SECOND });
  const later = (afterMs: number) =>
    decide(aSituation({ sweep: aProvenSweep(rows, NOW + afterMs), nowMs: NOW + afterMs, memory: first.memory, spec }));
  expect(inShort(later(120 * SECOND - 1))).toEqual([]);
  expect(inShort(later(120 * SECOND))).toEqual([["destroy", 1000, "status"]]);
});
