import { expect, it } from "vitest";
import { applyChanges, isSameWorker, keepsOrder } from "../../dashboard/src/view/changes.ts";
import { type FleetDocument, workerDocuments } from "../../src/fleet/document.ts";
import { aMemory, aWorker, NOW } from "../support/builders.ts";

const workers = [aWorker({ slot: 0, instanceId: 10 }), aWorker({ slot: 1, instanceId: 11 })];
const rows = workerDocuments(aMemory({ workers }), new Map(), NOW);
const [first, second] = rows;
if (first === undefined || second === undefined) throw new Error("two rows are needed");
const fleet = { name: "zeb", checks: 1, notes: ["old"], workers: rows } as unknown as FleetDocument;

it("does not take a worker's growing age for a change", () => {
  expect(isSameWorker(first, { ...first, ageSeconds: first.ageSeconds + 60 })).toBe(true);
});

it("takes an equal copy of its rates for no change, and another rate for one", () => {
  expect(isSameWorker(first, { ...first, recentGamesPerSecond: [...first.recentGamesPerSecond] })).toBe(true);
  expect(isSameWorker(first, { ...first, recentGamesPerSecond: [9] })).toBe(false);
  expect(isSameWorker(first, { ...first, batch: 99 })).toBe(false);
});

it("keeps the order where the very same things stand in it", () => {
  expect(keepsOrder([first, second], [first, second])).toBe(true);
  expect(keepsOrder([first, second], [second, first])).toBe(false);
  expect(keepsOrder([first], [first, second])).toBe(false);
});

it("puts changed rows in place, takes gone ones away and leaves the others as they are", () => {
  const replacement = { ...second, instanceId: 12, batch: 1 };
  const after = applyChanges(fleet, { fleet: { checks: 2 }, workers: [replacement], gone: [11] });
  expect(after.workers.map(({ instanceId }) => instanceId)).toEqual([10, 12]);
  expect(after.workers[0]).toBe(first);
  expect([after.checks, after.notes]).toEqual([2, ["old"]]);
});

it("shows two instances of one slot, by their numbers", () => {
  const after = applyChanges(fleet, { fleet: {}, workers: [{ ...first, instanceId: 9 }], gone: [] });
  expect(after.workers.map(({ slot, instanceId }) => `${slot} ${instanceId}`)).toEqual(["0 9", "0 10", "1 11"]);
});

it("does no harm when a message comes twice", () => {
  const changes = { fleet: { checks: 3 }, workers: [{ ...second, batch: 7 }], gone: [10] };
  const once = applyChanges(fleet, changes);
  expect(applyChanges(once, changes)).toEqual(once);
});
