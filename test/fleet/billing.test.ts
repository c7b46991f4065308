import { expect, it } from "vitest";
import { billedUsdPerHour, workerUsdPerHour } from "../../src/fleet/billing.ts";
import { decide } from "../../src/fleet/decide.ts";
import { aBadStatus, aMemory, anInstance, aSituation, aSpec, aWorker } from "../support/builders.ts";

const prices = { usdPerHour: 0.072, storageUsdPerHour: 0.003 };

it.each([
  ["running", 0.072],
  ["exited", 0.003],
  ["stopped", 0.003],
  // What is billed of an offline host is not documented: in full.
  ["offline", 0.072],
  ["unknown", 0.072],
  ["loading", 0.072],
  [null, 0.072],
])("a box that is %s costs $%s an hour", (status, usdPerHour) => {
  expect(billedUsdPerHour({ status, ...prices })).toBe(usdPerHour);
});

it("a stopped box without a price of its disk costs its whole price, and one without any price is not counted", () => {
  expect(billedUsdPerHour({ status: "exited", usdPerHour: 0.072, storageUsdPerHour: null })).toBe(0.072);
  expect(billedUsdPerHour({ status: "exited", usdPerHour: null, storageUsdPerHour: null })).toBeNull();
});

it("a worker costs its disk where its contract is stopped, whatever its status says, and all of it while it plays", () => {
  const isStopped = true;
  const stopped = aWorker({ status: "loading", verdict: "failed", badStatus: aBadStatus({ isStopped }) });
  expect(workerUsdPerHour(stopped)).toBe(0.003);
  expect(workerUsdPerHour({ ...stopped, storageUsdPerHour: null })).toBe(0.072);
  expect(workerUsdPerHour(aWorker({ status: "exited", badStatus: aBadStatus() }))).toBe(0.072);
  expect(workerUsdPerHour(aWorker({ status: "exited", verdict: "failed", badStatus: aBadStatus() }))).toBe(0.003);
});

it("the fleet's $/hr is what is billed now", () => {
  const rows = [anInstance(), anInstance({ slot: 1, actualStatus: "exited", currentState: "stopped" })];
  const workers = [aWorker(), aWorker({ slot: 1 })];
  const { totals } = decide(aSituation({ rows, memory: aMemory({ workers }), spec: aSpec({ target: 2 }) }));
  expect(totals).toMatchObject({ live: 2 });
  expect(totals.usdPerHour).toBeCloseTo(0.075);
});
