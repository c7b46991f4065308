import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { Delivery, DeliveryMemory, WorkerMemory } from "../../src/fleet/memory.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import type { UploadError, UploadFault } from "../../src/fleet/report.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import {
  aBootingWorker,
  aBreaker,
  aMemory,
  anAccount,
  anInstance,
  anOffer,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
  someOffers,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

// Interval 240 s, batches of 100 s: an upload each 300 s, undelivered after 900 s.
const nothing: DeliveryMemory = { replaced: [], alert: null };

const failed = (fault: UploadFault, inARow = 1): UploadError => ({ fault, line: `the text of ${fault}`, inARow });

function delivery(silentSeconds: number, error: UploadError | null = null): Delivery {
  const sinceMs = NOW - silentSeconds * SECOND;
  return { sinceMs, measuredAtMs: NOW, fromBatch: 20, batch: 19, deliveredAtMs: sinceMs, error };
}

const silent = (slot: number, error: UploadError | null = null): WorkerMemory =>
  aWorker({ slot, delivery: delivery(900, error) });
const delivering = (slot: number, secondsAgo = 60): WorkerMemory => aWorker({ slot, delivery: delivery(secondsAgo) });

function situation(
  workers: readonly WorkerMemory[],
  memory: DeliveryMemory = nothing,
  changes: Partial<Situation> = {},
): Situation {
  const rows = workers.map(({ slot, instanceId, status }) => anInstance({ slot, instanceId, actualStatus: status }));
  const spec = aSpec({ target: workers.length });
  return aSituation({ rows, spec, memory: aMemory({ workers, delivery: memory }), ...changes });
}

const plan = (...args: Parameters<typeof situation>): Plan => decide(situation(...args));
const kinds = (made: Plan): readonly string[] => made.actions.map(({ kind }) => kind);

describe("one worker alone that delivers nothing", () => {
  it("goes once, without a strike, while others go on delivering", () => {
    const made = plan([silent(0, failed("refused")), delivering(1), delivering(2)]);
    expect(inShort(made)).toEqual([["destroy", 1000, "undelivered"]]);
    expect(made.actions[0]).toMatchObject({
      reason: "it produces and delivers nothing: no upload completed for 900 s of 900 s: the text of refused",
      evidence: { uploadIntervalSeconds: 240, deliveredBatch: 19, batch: 30, uploadFault: "refused" },
    });
    expect(made.memory.delivery).toEqual({ replaced: [{ slot: 0, instanceId: 1000, atMs: NOW }], alert: null });
  });

  // Its clock began 900 s ago: two uploads were missed 300 s ago.
  it.each([
    ["300 s ago, when two uploads had been missed", 300, ["destroy"]],
    ["a moment before that", 301, []],
  ])("where another delivered last %s", (_words, secondsAgo, expected) => {
    const made = plan([silent(0), delivering(1, secondsAgo)]);
    expect(kinds(made)).toEqual(expected);
    const waits = "worker 0: no upload completed for 900 s of 900 s; it is replaced if the others go on delivering";
    expect(made.notes.includes(waits)).toBe(expected.length === 0);
  });

  it("of a fleet of one goes, unless the Hub refuses the token", () => {
    expect(inShort(plan([silent(0)]))).toEqual([["destroy", 1000, "undelivered"]]);
    expect(inShort(plan([silent(0, failed("unreachable"))]))).toEqual([["destroy", 1000, "undelivered"]]);
    expect(kinds(plan([silent(0, failed("refused"))]))).toEqual(["alert"]);
  });

  it("is not compared with those that do not work", () => {
    expect(inShort(plan([silent(0), aBootingWorker({ slot: 1 })]))).toEqual([["destroy", 1000, "undelivered"]]);
  });

  it("is never replaced for the commit quota", () => {
    const made = plan([silent(0, failed("quota")), delivering(1)]);
    expect(kinds(made)).toEqual(["alert"]);
    expect(made.notes[0]).toContain(
      "slow down: the hourly commit quota of jasonyandell/zeb-42-examples is used up (429)",
    );
  });

  it("stays where it would go, in a fleet that is paused or out of credit", () => {
    const creditWait = { sinceMs: NOW, nextProbeAtMs: NOW + MINUTE, why: "lacks credit" };
    const workers = [silent(0), delivering(1)];
    expect(kinds(plan(workers, nothing, { mode: "paused" }))).toEqual([]);
    expect(kinds(plan(workers, nothing, { account: anAccount({ creditWait }) }))).toEqual([]);
  });
});

describe("a replacement that fails the same way", () => {
  const memory: DeliveryMemory = { replaced: [{ slot: 0, instanceId: 900, atMs: NOW - HOUR }], alert: null };
  const neverDelivered = aWorker({ delivery: { ...delivery(900), batch: null, deliveredAtMs: null } });

  it("is not replaced again", () => {
    const made = plan([neverDelivered, delivering(1)], memory);
    expect(kinds(made)).toEqual(["alert"]);
    expect(made.memory.delivery.alert?.sinceMs).toBe(NOW);
  });

  it("is one in its own slot only", () => {
    expect(inShort(plan([delivering(0, 10), silent(1)], { ...memory, replaced: [] }))).toEqual([
      ["destroy", 1001, "undelivered"],
    ]);
    expect(inShort(plan([aBootingWorker(), silent(1)], memory))).toEqual([["destroy", 1001, "undelivered"]]);
  });

  it("is forgotten once a worker of that slot has delivered, and after a day", () => {
    expect(plan([delivering(0), delivering(1)], memory).memory.delivery.replaced).toEqual([]);
    expect(plan([aBootingWorker(), delivering(1)], memory).memory.delivery.replaced).toEqual(memory.replaced);
    const old = { ...memory, replaced: [{ slot: 0, instanceId: 900, atMs: NOW - 24 * HOUR }] };
    expect(plan([aBootingWorker(), delivering(1)], old).memory.delivery.replaced).toEqual([]);
    expect(inShort(plan([neverDelivered, delivering(1)], old))).toEqual([["destroy", 1000, "undelivered"]]);
  });
});

describe("two or more that deliver nothing", () => {
  const two = [silent(0, failed("refused")), silent(2), delivering(1)];
  const why =
    "workers 0, 2 produce and deliver nothing: the Hub refuses the upload (401, 403): HF_TOKEN needs write access to " +
    "jasonyandell/zeb-42-examples (the text of refused). Nothing is rented and nobody destroyed for it";

  it("are a systemic fault: an alert that names the error, and nobody goes", () => {
    const made = plan(two);
    expect(made.actions).toEqual([
      {
        kind: "alert",
        slot: null,
        instanceId: null,
        reason: why,
        evidence: { isOver: false, slots: "0, 2", faults: "refused" },
      },
    ]);
    expect(made.memory.delivery.alert).toEqual({ sinceMs: NOW, why });
    expect(made.notes).toContain(why);
    expect(made.totals).toMatchObject({ live: 3, producing: 1 });
  });

  it("are said once, and shown for as long as it lasts", () => {
    const alert = { sinceMs: NOW - HOUR, why: "since an hour" };
    const made = plan(two, { replaced: [], alert });
    expect(kinds(made)).toEqual([]);
    expect(made.memory.delivery.alert).toEqual({ sinceMs: alert.sinceMs, why });
    expect(made.notes).toContain(why);
  });

  it("hold rents", () => {
    const offers = someOffers(3);
    const short = { spec: aSpec({ target: 4 }), offers };
    expect(kinds(plan([delivering(0), delivering(1)], nothing, short))).toEqual(["rent", "rent"]);
    const held = plan(two, nothing, short);
    expect(kinds(held)).toEqual(["alert"]);
    expect(held.notes).toContain("nothing is rented while what is produced does not reach the Hub");
  });

  it("do not hold the rents of a roll-out: new boxes are what a person has ordered", () => {
    const rollOut = { specVersion: 2, by: "admin", atMs: NOW - HOUR };
    const base = situation(two, nothing, { spec: aSpec({ target: 4 }), offers: someOffers(3) });
    const made = decide({ ...base, memory: { ...base.memory, rollOut } });
    expect(kinds(made)).toEqual(["alert", "rent"]);
  });

  it.each<[UploadFault | null, string]>([
    ["quota", "slow down: the hourly commit quota of jasonyandell/zeb-42-examples is used up (429)"],
    ["conflict", "too many writers on jasonyandell/zeb-42-examples"],
    ["unreachable", "the Hub cannot be reached from the boxes"],
    ["other", "the upload fails"],
    [null, "their logs name no upload error"],
  ])("for %s say what to do", (fault, words) => {
    const error = fault === null ? null : failed(fault);
    expect(plan([silent(0, error), silent(1, error)]).memory.delivery.alert?.why).toContain(words);
  });

  const alert = { sinceMs: NOW - HOUR, why: "since an hour" };

  it("are over when all deliver again", () => {
    const made = plan([delivering(0), delivering(1)], { replaced: [], alert });
    expect(made.actions).toEqual([
      {
        kind: "alert",
        slot: null,
        instanceId: null,
        reason: "over: nothing is known to be undelivered any more",
        evidence: { isOver: true, slots: "", faults: "" },
      },
    ]);
    expect(made.memory.delivery.alert).toBeNull();
  });

  it("are not over because they cannot be measured", () => {
    const lostSight = (slot: number): WorkerMemory => {
      const worker = silent(slot);
      const atMs = NOW - HOUR;
      const clock = { ...worker.clock, sinceMs: atMs, movedAtMs: atMs, measuredAtMs: atMs };
      const known = must(worker.delivery);
      return {
        ...worker,
        clock,
        reportAtMs: atMs,
        delivery: { ...known, sinceMs: known.sinceMs - HOUR, measuredAtMs: atMs },
      };
    };
    const made = plan([lostSight(0), lostSight(1)], { replaced: [], alert });
    expect(kinds(made)).toEqual([]);
    expect(made.memory.delivery.alert).toEqual(alert);
  });
});

describe("notes about failed uploads, long before anybody has delivered nothing", () => {
  const failing = (slot: number, error: UploadError): WorkerMemory =>
    aWorker({ slot, delivery: { ...delivery(60), error } });
  const notes = (...workers: WorkerMemory[]): readonly string[] => {
    const made = plan(workers);
    expect(made.actions).toEqual([]);
    return made.notes;
  };

  it("ask to slow down for the commit quota", () => {
    expect(notes(failing(2, failed("quota")), failing(0, failed("quota")), delivering(1))).toEqual([
      "slow down: the hourly commit quota of jasonyandell/zeb-42-examples is used up (429); fewer workers on it, or a longer uploadIntervalSeconds (workers 0, 2)",
    ]);
  });

  it("say that too many write, after three commits refused in a row", () => {
    expect(notes(failing(0, failed("conflict", 2)), delivering(1))).toEqual([]);
    expect(notes(failing(0, failed("conflict", 3)), delivering(1))).toEqual([
      "too many writers on jasonyandell/zeb-42-examples: commits are refused one after another (412); fewer workers on it, or a longer uploadIntervalSeconds (workers 0)",
    ]);
  });

  it("say nothing of a failure that passes", () => {
    expect(notes(failing(0, failed("unreachable", 9)), failing(1, failed("other", 9)))).toEqual([]);
  });
});

it("a worker that delivers nothing and costs too much goes for its price", () => {
  const workers = [silent(0), delivering(1)];
  const rows = [anInstance({ usdPerHour: 9 }), anInstance({ slot: 1 })];
  const made = decide(aSituation({ rows, spec: aSpec({ target: 2 }), workers, offers: [anOffer()] }));
  expect(inShort(made)[0]).toEqual(["destroy", 1000, "over-cost"]);
  expect(made.memory.delivery).toEqual(nothing);
});

it("while the breaker is open nobody is judged by the uploads: nothing would come in its place", () => {
  const workers = [silent(0), delivering(1)];
  const made = decide({
    ...situation(workers),
    memory: aMemory({ workers, breaker: aBreaker({ openedAtMs: NOW - MINUTE }) }),
    spec: aSpec({ target: 3 }),
  });
  expect(made.actions).toEqual([]);
  expect(made.memory.delivery).toEqual(nothing);
});

it.each([
  ["that is over ends, so that the breaker's canary is not held by it", [delivering(0), delivering(1)], null],
  ["that is not over stays", [silent(0), silent(1)], { sinceMs: NOW - MINUTE, why: "nothing arrives" }],
])("while the breaker is open an alert %s", (_words, workers, alert) => {
  const before = { replaced: [], alert: { sinceMs: NOW - MINUTE, why: "nothing arrives" } };
  const memory = aMemory({ workers, delivery: before, breaker: aBreaker({ openedAtMs: NOW - MINUTE }) });
  expect(decide({ ...situation(workers), memory, spec: aSpec({ target: 3 }) }).memory.delivery.alert).toEqual(alert);
});
