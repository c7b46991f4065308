import { expect, it } from "vitest";
import { completeWorker, type WorkerMemory } from "../../src/fleet/memory.ts";
import { aBadStatus, aWorker } from "../support/builders.ts";

it("a worker that an earlier version stored lacks only knowledge", () => {
  const { uploadIntervalSeconds: _interval, delivery: _delivery, reboot: _reboot, ...old } = aWorker();
  const { isStopped: _stopped, still: _still, askedAtMs: _asked, ...badStatus } = aBadStatus();
  const known = { uploadIntervalSeconds: null, delivery: null };
  expect(completeWorker(old as WorkerMemory)).toEqual(aWorker(known));
  expect(completeWorker({ ...old, badStatus } as WorkerMemory)).toEqual(
    aWorker({ ...known, badStatus: aBadStatus({ askedAtMs: null }) }),
  );
  const still = { mark: "mark-30", sinceMs: 1, measuredAtMs: 2 };
  const read = { ...badStatus, still } as unknown as WorkerMemory["badStatus"];
  expect(completeWorker(aWorker({ badStatus: read })).badStatus?.still).toEqual({ ...still, hasMoved: false });
  expect(completeWorker(aWorker())).toEqual(aWorker());
  const { storageUsdPerHour: _storage, unproductiveSinceMs: _since, ...older } = aWorker();
  // Its start is not known: it has the whole time of one from the phase on that it is in.
  const since = { storageUsdPerHour: null, unproductiveSinceMs: older.clock.sinceMs };
  expect(completeWorker(older as WorkerMemory)).toEqual(aWorker(since));
});
