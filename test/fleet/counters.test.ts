import { describe, expect, it } from "vitest";
import { blindMsSince, callsOf, countPlan, NO_COUNTERS, workOf } from "../../src/fleet/counters.ts";
import type { Action } from "../../src/fleet/plan.ts";
import { aMemory, aWorker, MINUTE, NOW } from "../support/builders.ts";

const span = { lastCheckAtMs: NOW - MINUTE, nowMs: NOW };
const tally = { batches: 31, games: 7936, uploads: 12, logCalls: { "2xx": 40, lost: 2 } } as const;

function anAction(action: Partial<Action> & Pick<Action, "kind">): Action {
  return { slot: 0, instanceId: 1, reason: "", evidence: {}, ...action } as unknown as Action;
}

describe("a fleet's counters after a CHECK", () => {
  it("count each kind of action once, and a debt that is tried again not at all", () => {
    const actions = [
      anAction({ kind: "destroy", cause: "stuck-boot" }),
      anAction({ kind: "destroy", cause: "stuck-boot" }),
      anAction({ kind: "destroy", cause: "debt" }),
      anAction({ kind: "strike", faultClass: "host" }),
      anAction({ kind: "refund" }),
      anAction({ kind: "gone" }),
      anAction({ kind: "breaker-opened" }),
      anAction({ kind: "breaker-closed" }),
      anAction({ kind: "alert" }),
    ];
    expect(countPlan(NO_COUNTERS, aMemory(), { memory: aMemory(), actions }, span)).toEqual({
      ...NO_COUNTERS,
      destroys: { "stuck-boot": 2 },
      strikes: { host: 1 },
      refunds: 1,
      vanished: 1,
      breakerOpenings: 1,
    });
  });

  it("take over what a worker has made when it leaves, so that no sum falls", () => {
    const [stays, leaves] = [aWorker({ slot: 0, tally }), aWorker({ slot: 1, tally })];
    const before = aMemory({ workers: [stays, leaves] });
    const after = countPlan(NO_COUNTERS, before, { memory: aMemory({ workers: [stays] }), actions: [] }, span);
    expect(after.work).toEqual({ batches: 31, games: 7936, uploads: 12 });
    expect(workOf(after, [stays])).toEqual(workOf(NO_COUNTERS, before.workers));
    expect(callsOf(after, [stays])).toEqual(callsOf(NO_COUNTERS, before.workers));
    expect(callsOf(after, [stays])).toEqual({ "request-logs": { "2xx": 80, lost: 4 } });
  });

  it("count the time since the last CHECK as blind where that one was blind", () => {
    const count = (blindSinceMs: number | null) =>
      countPlan(NO_COUNTERS, aMemory({ blindSinceMs }), { memory: aMemory(), actions: [] }, span).blindMs;
    expect(count(NOW - 10 * MINUTE)).toBe(MINUTE);
    expect(count(null)).toBe(0);
    expect(blindMsSince(NOW, { lastCheckAtMs: null, nowMs: NOW })).toBe(0);
    expect(blindMsSince(NOW, { lastCheckAtMs: NOW + MINUTE, nowMs: NOW })).toBe(0);
  });

  it("go on from what an earlier version has not stored", () => {
    const worker = aWorker();
    expect(worker.tally).toBeUndefined();
    expect(workOf(NO_COUNTERS, [worker])).toEqual(NO_COUNTERS.work);
  });
});
