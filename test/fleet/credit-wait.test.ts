// Rule 19 within a fleet: what a wait for credit holds back, and how a fleet comes out of it.

import { describe, expect, it } from "vitest";
import { decide } from "../../src/fleet/decide.ts";
import type { FleetMemory, WorkerMemory } from "../../src/fleet/memory.ts";
import type { Plan } from "../../src/fleet/plan.ts";
import {
  aBadStatus,
  aMemory,
  anAccount,
  anError,
  anInstance,
  aProvenSweep,
  aSituation,
  aSpec,
  aWorker,
  HOUR,
  MINUTE,
  must,
  NOW,
  SECOND,
} from "../support/builders.ts";
import { inShort } from "../support/plans.ts";

const creditWait = { sinceMs: NOW - HOUR, nextProbeAtMs: NOW + MINUTE, why: "$0.02 left" };
const stale = { sinceMs: NOW - 2 * HOUR, movedAtMs: NOW - 2 * HOUR, measuredAtMs: NOW - SECOND };
const stopped = aBadStatus({ sinceMs: NOW - HOUR });

/** What an hour without credit makes of four boxes: stopped, silent, an error in the log, a boot that leads nowhere. */
const workers: readonly WorkerMemory[] = [
  aWorker({ badStatus: stopped }),
  aWorker({ slot: 1, badStatus: stopped, clock: { kind: "produce", ...stale } }),
  aWorker({
    slot: 2,
    error: { ...anError({ isFinal: true, faultClass: "host" }), sinceMs: NOW - HOUR, seenAtMs: NOW },
  }),
  aWorker({ slot: 3, progress: null, clock: { kind: "boot", ...stale } }),
];
const running = workers.map(({ slot }) => anInstance({ slot }));
const exited = workers.map(({ slot }) => anInstance({ slot, actualStatus: "exited", intendedStatus: "stopped" }));

function check(memory: FleetMemory, changes: Parameters<typeof aSituation>[0] = {}): Plan {
  return decide(aSituation({ rows: running, memory, ...changes }));
}

it("kills nothing during the wait, and remembers that there is one", () => {
  const plan = check(aMemory({ workers }), { rows: exited, account: anAccount({ creditWait }) });
  expect([inShort(plan), plan.state, plan.memory.isHeldForCredit]).toEqual([[], "credit-wait", true]);
});

it("would have struck and replaced them without one", () => {
  expect(inShort(check(aMemory({ workers })))).not.toEqual([]);
});

describe("after the wait", () => {
  const held = aMemory({ workers, isHeldForCredit: true });

  it("nobody is given up for uploads that could not be made meanwhile", () => {
    const delivery = {
      ...must(aWorker().delivery),
      fromBatch: 20,
      sinceMs: NOW - 2 * HOUR,
      measuredAtMs: NOW - SECOND,
    };
    const silent = [aWorker({ delivery }), aWorker({ slot: 1 })];
    const two = { rows: silent.map(({ slot }) => anInstance({ slot })), spec: aSpec({ target: 2 }) };
    const alone = {
      ...two,
      memory: aMemory({ workers: [must(silent[0])] }),
      rows: [anInstance()],
      spec: aSpec({ target: 1 }),
    };
    expect(inShort(decide(aSituation(alone)))).toEqual([["destroy", 1000, "undelivered"]]);
    const plan = check(aMemory({ workers: silent, isHeldForCredit: true }), two);
    expect([inShort(plan), plan.memory.delivery.alert]).toEqual([[], null]);
    expect(plan.memory.workers[0]?.delivery?.sinceMs).toBe(NOW);
    const lone = decide(aSituation({ ...alone, memory: { ...alone.memory, isHeldForCredit: true } }));
    expect(inShort(lone)).toEqual([]);
  });

  it("nothing is struck or destroyed of boxes that run again, and all clocks begin anew", () => {
    const plan = check(held);
    expect([inShort(plan), plan.memory.isHeldForCredit]).toEqual([[], false]);
    for (const { clock, error, badStatus } of plan.memory.workers)
      expect([clock.sinceMs, clock.measuredAtMs, error, badStatus]).toEqual([NOW, NOW, null, null]);
  });

  it("a box that is loading again has a boot's whole time from then on", () => {
    const again = aWorker({ reboot: { kind: "boot", ...stale }, reportAtMs: stale.sinceMs });
    const loading = [anInstance({ actualStatus: "loading" })];
    const first = check(aMemory({ workers: [again], isHeldForCredit: true }), { rows: loading });
    expect([inShort(first), first.memory.workers[0]?.reboot]).toEqual([[], null]);
    const spec = aSpec({ target: 1 });
    expect(inShort(check(aMemory({ workers: [again] }), { rows: loading, spec }))).toEqual([
      ["strike", 1000],
      ["destroy", 1000, "stuck-boot"],
    ]);
  });

  it("boxes that stay stopped have their usual time from then on, and go by the usual rules", () => {
    const first = check(held, { rows: exited });
    expect(inShort(first)).toEqual([]);
    const { statusConfirm } = aSpec().timeoutsSeconds;
    const at = (nowMs: number): Plan =>
      check(first.memory, { sweep: aProvenSweep(exited, nowMs), nowMs, account: anAccount({ readAtMs: nowMs }) });
    expect(inShort(at(NOW + statusConfirm * SECOND - 1))).toEqual([]);
    expect(inShort(at(NOW + statusConfirm * SECOND))).toEqual([
      ["destroy", 1000, "status"],
      ["destroy", 1001, "status"],
      ["destroy", 1002, "status"],
      ["destroy", 1003, "status"],
    ]);
    expect(at(NOW + statusConfirm * SECOND).actions.filter(({ kind }) => kind === "strike")).toEqual([]);
  });

  it("the clocks begin once: the CHECK after that counts on", () => {
    const first = check(held);
    const second = check(first.memory, { nowMs: NOW + MINUTE });
    expect(must(second.memory.workers[1]).clock.sinceMs).toBe(NOW);
  });
});
