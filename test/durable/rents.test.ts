// A rent has no idempotency key at the market: whatever becomes of the call, of its answer and of the object that sent
// it, the fleet ends at its target and no box is paid for that the keeper does not know.

import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { askForCheck, fleetOf, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, countCalls, endDirectly, fault, paidBoxes, RENT, truth } from "../support/market.ts";
import {
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  moveTo,
  pass,
  passUntil,
  SECOND,
  realWait,
} from "../support/world.ts";

async function aNewFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", spec);
  await moveTo(Date.now() + 10);
}

/** Starts the first CHECK and kills every object while this many creates are out. */
async function dieWhileRenting(creates: number): Promise<void> {
  const check = askForCheck("zeb").catch(() => null);
  while ((await countCalls(RENT)) < creates) await realWait(5);
  await abortAllDurableObjects();
  await check;
}

/** Exactly the target, each box known to the keeper by its id. */
async function expectNothingLostOrDoubled(target: number): Promise<void> {
  const [paid, fleet] = [await paidBoxes("zeb"), await fleetOf("zeb")];
  expect(paid).toHaveLength(target);
  expect(fleet.workers.map(({ instanceId }) => instanceId)).toEqual(paid.map(({ id }) => id));
  expect({ intents: fleet.intents, debts: fleet.debts }).toEqual({ intents: [], debts: [] });
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(target + 1);
}

it("ends at its target when the object dies between an intent and its create", async () => {
  await aNewFleet();
  await fault("create-hangs", { value: 500, times: 4 });
  await dieWhileRenting(4);
  expect(await paidBoxes("zeb")).toHaveLength(0);
  expect((await fleetOf("zeb")).intents).toHaveLength(4);

  figure(`rents that never reached the market are sent again after ${(await passUntil(isFull)) / SECOND} s`);
  await pass(MINUTE);
  await expectNothingLostOrDoubled(4);
});

it("ends at its target when the object dies between a create and its answer", async () => {
  await aNewFleet();
  await fault("create-timeout-but-rented", { value: 500, times: 4 });
  await dieWhileRenting(4);
  expect(await paidBoxes("zeb")).toHaveLength(4);

  const knowsAll = async (): Promise<boolean> => (await fleetOf("zeb")).workers.length === 4;
  figure(`boxes of a keeper that died are adopted after ${(await passUntil(knowsAll)) / SECOND} s`);
  await pass(MINUTE);
  await expectNothingLostOrDoubled(4);
  expect(await boxesEver("zeb")).toHaveLength(4);
});

it("leaves out for a while an offer that is refused each time, and fills the fleet from the others", async () => {
  await aNewFleet();
  await passUntil(isFull);
  const best = await boxOfSlot("zeb", 0);
  for (const { id } of await paidBoxes("zeb")) await endDirectly(id);
  const refusal = { status: 400, body: { success: false, error: "host_busy", msg: "not on this machine" } };
  await fault("create-error", { match: { machine: best.machineId }, value: refusal });
  await pass(MINUTE);
  await passUntil(isFull, { limitMs: 5 * MINUTE });
  const paid = await paidBoxes("zeb");
  expect(paid.map(({ id }) => id)).not.toContain(best.id);
  expect(paid.map(({ machineId }) => machineId)).not.toContain(best.machineId);
  await expectNothingLostOrDoubled(4);
});

it("ends at its target when the object dies twice and half of the creates have come through", async () => {
  await aNewFleet({ target: 6, launchBatch: 6, proveFirst: false });
  await fault("create-hangs", { value: 500, times: 3 });
  await fault("create-timeout-but-rented", { value: 500, times: 1 });
  await dieWhileRenting(5);
  await fault("create-timeout-but-rented", { value: 500, times: 1 });
  await dieWhileRenting(5);
  await pass(3 * MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(6);
  await expectNothingLostOrDoubled(6);
});

it("forgets nothing when it is evicted while all is quiet", async () => {
  await aNewFleet();
  await pass(MINUTE);
  await evictDurableObject(fleetObject("zeb"));
  await pass(MINUTE);
  await expectNothingLostOrDoubled(4);
  expect(await boxesEver("zeb")).toHaveLength(4);
});

it.each([
  ["create-timeout-but-rented", 30],
  ["create-error-but-rented", 500],
  ["create-error-but-rented", 502],
])("adopts by its uuid a box whose create was answered by %s %i", async (name, value) => {
  await aNewFleet();
  await fault(name, { value, times: 2 });
  await askForCheck("zeb");
  const { intents } = await fleetOf("zeb");
  expect(intents.filter(({ state }) => state === "unknown")).toHaveLength(2);

  await pass(MINUTE);
  await expectNothingLostOrDoubled(4);
  expect(await countCalls(RENT)).toBe(4);
  expect(new Set((await paidBoxes("zeb")).map(({ intentId }) => intentId))).toEqual(
    new Set(intents.map(({ id }) => id)),
  );
});

it("keeps a slot for a rent that never happened until two sweeps and the settle time have passed", async () => {
  await aNewFleet();
  await fault("create-error", { value: 504, times: 1 });
  await askForCheck("zeb");
  const [lost] = (await fleetOf("zeb")).intents.filter(({ state }) => state === "unknown");
  expect(lost).toBeDefined();

  await pass(19 * SECOND);
  expect(await countCalls(RENT)).toBe(4);
  expect((await fleetOf("zeb")).intents.map(({ id }) => id)).toEqual([lost?.id]);
  figure(`a rent that never happened is sent again ${19 + (await passUntil(isFull)) / SECOND} s after its call`);
  expect(await countCalls(RENT)).toBe(5);
  await pass(MINUTE);
  await expectNothingLostOrDoubled(4);
});

it("does not rent a slot twice while the list lags behind the rent", async () => {
  await beginWorld({ listLagMs: [50_000, 110_000] });
  await putFleet("zeb", { timeoutsSeconds: { intentSettle: 120 } });
  await pass(3 * MINUTE);
  await expectNothingLostOrDoubled(4);
  expect(await boxesEver("zeb")).toHaveLength(4);
});

it("writes the intent before the call leaves", async () => {
  await aNewFleet({ target: 1 });
  await fault("slow-api", { match: { route: RENT }, value: 200 });
  const check = askForCheck("zeb");
  while ((await countCalls(RENT)) < 1) await realWait(5);
  const written = await inStorage(fleetObject("zeb"), ({ sql }) => sql.exec("SELECT json FROM intents").toArray());
  expect(written).toHaveLength(1);
  expect(await paidBoxes("zeb")).toHaveLength(0);
  await check;
});

async function isFull(): Promise<boolean> {
  return (await paidBoxes("zeb")).length === 4;
}
