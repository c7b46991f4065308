// Faults of the market, of workers and of the account that no other file has by name: docs/faults.md has all of them.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { accountStub } from "../../src/durable/stubs.ts";
import { must } from "../support/builders.ts";
import { fleetOf, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, clearFaults, countWrites, fault, paidBoxes, steer, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, SECOND } from "../support/world.ts";

const GOOD = { dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };

const isWhole = async (): Promise<boolean> => {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.producing === spec.target;
};

async function aWholeFleet(spec: Record<string, unknown> = {}, market: Record<string, unknown> = {}): Promise<void> {
  await beginWorld(market);
  await putFleet("zeb", spec);
  await passUntil(isWhole, { limitMs: 15 * MINUTE });
}

async function isReplaced(id: number): Promise<boolean> {
  return (await fleetOf("zeb")).workers.every(({ instanceId }) => instanceId !== id) && (await isWhole());
}

const strikes = (): Promise<unknown> => env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n");

// --- the market -----------------------------------------------------------------------------------------------------------

it("rents the one offer that there is once, says that there are no more, and keeps asking", async () => {
  await beginWorld({ hosts: { list: [{ machineId: 4411, gpuName: "RTX 3070", gpuUsdPerHour: 0.07, trait: "good" }] } });
  await putFleet("zeb");
  await pass(10 * MINUTE);
  expect((await boxesEver("zeb")).map(({ machineId }) => machineId)).toEqual([4411]);
  const fleet = await fleetOf("zeb");
  expect(fleet).toMatchObject({ state: "no-offers", totals: { live: 1, producing: 1 }, debts: [], intents: [] });
  expect(fleet.notes.join()).toContain("no offers: the market shows no");
});

it("leaves a box alone whose price is to rise, and replaces it when it has risen over the cap, without a strike", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 2);
  const writes = await countWrites();
  await fault("price-rise", { match: { instance: String(id) }, value: { pending: 0.9 } });
  await pass(5 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  await fault("price-rise", { match: { instance: String(id) }, value: { usdPerHour: 0.9 } });
  await passUntil(() => isReplaced(id));
  expect(await strikes()).toBe(0);
});

it("keeps a box until its contract ends, and replaces it then, without a strike", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 1);
  const writes = await countWrites();
  await fault("contract-ends", { match: { instance: String(id) }, value: 5 * MINUTE });
  await pass(5 * MINUTE - SECOND);
  expect(await countWrites()).toEqual(writes);
  const tookMs = await passUntil(() => isReplaced(id));
  figure(`a contract that ended: replaced and whole after ${tookMs / SECOND} s`);
  expect((await truth()).boxes.find((box) => box.id === id)?.endedBy).toBe("vanish");
  expect((await countWrites()).destroys).toBe(writes.destroys);
  expect(await strikes()).toBe(0);
});

it("measures slow GPUs by their own batches: none is taken for stalled", async () => {
  await aWholeFleet({}, { hosts: { ...GOOD, count: 60, slowShare: 1 } });
  const writes = await countWrites();
  await pass(15 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(await fleetOf("zeb")).toMatchObject({ totals: { live: 4, producing: 4 } });
});

// --- workers --------------------------------------------------------------------------------------------------------------

it("keeps a worker that decays slowly, and shows how slow it is", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 0);
  const before = Number((await fleetOf("zeb")).workers[0]?.gamesPerSecond);
  const writes = await countWrites();
  for (let step = 0; step < 3; step++) {
    await fault("box-slows", { match: { instance: String(id) }, value: 0.7 });
    await pass(2 * MINUTE);
  }
  expect(await countWrites()).toEqual(writes);
  const after = must((await fleetOf("zeb")).workers[0]);
  expect(after).toMatchObject({ instanceId: id, verdict: "producing" });
  expect(after.gamesPerSecond).toBeLessThan(before * 0.45);
});

it.each([
  ["crashes at its start", "code-broken"],
  ["is sent to a commit that is not there", "commit-missing"],
])("replaces the one new worker that %s, by its error: %s", async (_words, name) => {
  await aWholeFleet();
  await fault("box-vanish", { match: { instance: String((await boxOfSlot("zeb", 1)).id) } });
  // Met by the box that comes in its place.
  await fault(name, { times: 1 });
  await passUntil(async () => (await boxesEver("zeb")).length === 6 && (await isWhole()), { limitMs: 15 * MINUTE });
  const { results } = await env.DB.prepare(
    "SELECT end_cause AS cause FROM instances WHERE end_cause IS NOT NULL",
  ).all();
  expect(new Set(results.map(({ cause }) => cause))).toEqual(new Set(["fatal-error", "vanished"]));
  // The software's fault strikes no host.
  expect(await strikes()).toBe(0);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(5);
  expect(await paidBoxes("zeb")).toHaveLength(4);
});

it("replaces a worker whose disk is full, and strikes its host", async () => {
  await aWholeFleet();
  const { id, machineId } = await boxOfSlot("zeb", 1);
  const value = { line: "OSError: [Errno 28] No space left on device", dies: true };
  await fault("worker-error", { match: { instance: String(id) }, value });
  await passUntil(() => isReplaced(id));
  const struck = await env.DB.prepare("SELECT machine_id AS machineId, reason FROM strikes").all();
  expect(struck.results).toEqual([{ machineId, reason: expect.stringContaining("No space left on device") }]);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(5);
});

// --- the account ----------------------------------------------------------------------------------------------------------

it("without credit, shows of the stopped boxes what their disks cost, as the market bills them", async () => {
  await aWholeFleet();
  const running = (await fleetOf("zeb")).totals.usdPerHour;
  await steer("/sim/credit", { usd: 0 });
  await pass(2 * MINUTE);
  const { account } = (await truth()) as unknown as { readonly account: { readonly burnUsdPerHour: number } };
  const fleet = await fleetOf("zeb");
  figure(`four boxes cost $${running.toFixed(3)}/hr running and $${fleet.totals.usdPerHour.toFixed(4)}/hr stopped`);
  expect(fleet).toMatchObject({ state: "credit-wait", totals: { live: 4 } });
  expect(fleet.totals.usdPerHour).toBeCloseTo(account.burnUsdPerHour, 4);
  expect(fleet.totals.usdPerHour).toBeLessThan(running / 5);
  expect((await accountStub(env).credit()).usdPerHour).toBeCloseTo(account.burnUsdPerHour, 4);
  const [before, spentBefore] = [(await truth()) as unknown as { billedUsd: number }, fleet.spend.totalUsd];
  await pass(5 * MINUTE);
  const after = (await truth()) as unknown as { billedUsd: number };
  const counted = (await fleetOf("zeb")).spend.totalUsd - spentBefore;
  expect(counted).toBeCloseTo(after.billedUsd - before.billedUsd, 4);
  // Credit for less than half an hour of running boxes is none, though it lasts for hours while they are stopped.
  await steer("/sim/credit", { usd: running / 4 });
  await pass(3 * MINUTE);
  expect((await fleetOf("zeb")).state).toBe("credit-wait");
  await clearFaults();
});
