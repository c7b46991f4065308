import { afterEach, expect, it } from "vitest";
import { forgetFleets, takeFleets, takeMessage, workerCell } from "../../dashboard/src/data/fleets.ts";
import { replaceOrder } from "../../dashboard/src/pages/fleet/worker-actions.ts";
import { type FleetDocument, workerDocuments } from "../../src/fleet/document.ts";
import { aMemory, aWorker, must, NOW } from "../support/builders.ts";

const rows = workerDocuments(aMemory({ workers: [aWorker({ slot: 3, instanceId: 10 })] }), new Map(), NOW);
const named = must(rows[0]);
const totals = { live: 1, producing: 1, usdPerHour: 0.1, gamesPerSecond: 3 };
const fleet = { name: "zeb", totals, workers: rows } as unknown as FleetDocument;
const at = "2026-11-23T18:00:00Z";

afterEach(forgetFleets);

it("ends the instance that was named, never what is in its slot by then", () => {
  expect(replaceOrder(named)).toMatchObject({ path: "/api/instances/10", method: "DELETE" });
});

it("knows when the instance that a sheet shows is gone, though another is in its slot", () => {
  takeFleets({ fleets: [fleet], notes: [] });
  expect(workerCell("zeb", 10)?.row.peek()).toBe(named);
  takeMessage("zeb", {
    type: "changes",
    seq: 1,
    at,
    fleet: {},
    workers: [{ ...named, instanceId: 11 }],
    gone: [10],
  });
  expect(workerCell("zeb", 10)).toBeNull();
  expect(workerCell("zeb", 11)?.row.peek().slot).toBe(3);
  expect(workerCell("other", 11)).toBeNull();
});
