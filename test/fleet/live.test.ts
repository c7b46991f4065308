import { expect, it } from "vitest";
import type { FleetDocument, WorkerDocument } from "../../src/fleet/document.ts";
import { changesBetween, markOf } from "../../src/fleet/live.ts";
import { aFleetDocument, aWorkerDocument } from "../support/day.ts";

const worker = (slot: number, changes: Partial<WorkerDocument> = {}): WorkerDocument =>
  aWorkerDocument({ slot, ...changes });

function aFleetOf(workers: readonly WorkerDocument[], changes: Partial<FleetDocument> = {}): FleetDocument {
  return { ...aFleetDocument(), workers, ...changes };
}

const before = aFleetOf([worker(0), worker(1), worker(2)]);

it("finds nothing where only time has passed", () => {
  const later = aFleetOf(
    before.workers.map((row) => ({ ...row, ageSeconds: row.ageSeconds + 60 })),
    { spend: { todayUsd: 99, totalUsd: 99 }, rollOut: null },
  );
  expect(changesBetween(before, later)).toBeNull();
  expect(markOf(later)).toBe(markOf(before));
});

it("tells the rows that changed, whole, and no others", () => {
  const row = worker(1, { batch: 32, detail: "batch 32", ageSeconds: 36_060 });
  const changes = changesBetween(before, aFleetOf([worker(0), row, worker(2)]));
  expect(changes).toEqual({ fleet: { spend: before.spend }, workers: [row], gone: [] });
});

it("tells a box that is new in a slot as a new row, and the one before it as gone", () => {
  const row = worker(1, { instanceId: 7001, verdict: "booting" });
  const changes = changesBetween(before, aFleetOf([worker(0), row, worker(2)]));
  expect(changes).toMatchObject({ workers: [row], gone: [1001] });
});

it("tells fields of the fleet that changed, whole, with what it has spent", () => {
  const spend = { todayUsd: 2, totalUsd: 3 };
  const changes = changesBetween(before, aFleetOf([...before.workers], { checks: 13, notes: ["why"], spend }));
  expect(changes).toEqual({ fleet: { checks: 13, notes: ["why"], spend }, workers: [], gone: [] });
});

it("does not call the age of a debt or an order a change", () => {
  const debt = { instanceId: 1, slot: 1, label: null, reason: "old", attempts: 1, lastError: null, ageSeconds: 5 };
  const [first, second, third] = [debt, { ...debt, ageSeconds: 65 }, { ...debt, attempts: 2 }].map((one) =>
    aFleetOf([], { debts: [one] }),
  );
  expect(changesBetween(first as FleetDocument, second as FleetDocument)).toBeNull();
  expect(changesBetween(first as FleetDocument, third as FleetDocument)?.fleet).toMatchObject({
    debts: [{ attempts: 2 }],
  });
});

it("marks two states alike only where there is no change between them", () => {
  expect(markOf(aFleetOf([worker(0)]))).not.toBe(markOf(aFleetOf([worker(0, { batch: 77 })])));
});
