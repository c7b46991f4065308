import { expect, it } from "vitest";
import { completeWorker, type WorkerMemory } from "../../src/fleet/memory.ts";
import { aBadStatus, aWorker } from "../support/builders.ts";

it("a worker that an earlier version stored lacks only knowledge", () => {
  const { uploadIntervalSeconds: _interval, delivery: _delivery, ...old } = aWorker();
  const { isStopped: _stopped, still: _still, ...badStatus } = aBadStatus();
  const known = { uploadIntervalSeconds: null, delivery: null };
  expect(completeWorker(old as WorkerMemory)).toEqual(aWorker(known));
  expect(completeWorker({ ...old, badStatus } as WorkerMemory)).toEqual(aWorker({ ...known, badStatus: aBadStatus() }));
  expect(completeWorker(aWorker())).toEqual(aWorker());
});
