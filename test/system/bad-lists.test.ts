// Only a proven list may cause a rent or a destroy: whatever the market says while it is unwell, a running fleet stays as
// it is, and goes on where it was when the market is well again.

import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { type Box, clearFaults, countWrites, fault, LIST, paidBoxes } from "../support/market.ts";
import { accountObject, beginWorld, MINUTE, pass, tickEvery } from "../support/world.ts";

const CADENCE = { ramp: 60, rampFor: 60, steady: 60, logPoll: 60, logPollSteady: 60, creditProbe: 60 };
const TWO_CHECKS = 2 * MINUTE;

async function aRunningFleet(market: Record<string, unknown> = {}): Promise<readonly Box[]> {
  await beginWorld(market);
  tickEvery(MINUTE);
  await putFleet("zeb", { cadenceSeconds: CADENCE });
  await pass(3 * MINUTE);
  const fleet = await fleetOf("zeb");
  expect(fleet).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
  return paidBoxes("zeb");
}

/** A key of another account is put: another mark for the keeper, another account for the market. */
async function useKeyOfOthers(): Promise<void> {
  await runInDurableObject(accountObject(), (object: DurableObject) => {
    Object.defineProperty(object, "env", { value: { ...env, VAST_API_KEY: "key-of-others-0123456789" } });
  });
  await fault("list-other-account");
}

/** Our key is put back; each new version of a secret begins the objects anew. */
async function useOwnKey(): Promise<void> {
  await clearFaults();
  await abortAllDurableObjects();
}

function idsOf(boxes: readonly Box[]): readonly number[] {
  return boxes.map(({ id }) => id);
}

it.each([
  ["list-fails", {}, /^blind$/, /^blind for \d+ s: /],
  ["list-garbage", {}, /^blind$/, /^blind for \d+ s: /],
  ["list-410", {}, /^blind$/, /^blind for \d+ s: /],
  ["list-partial", { value: 1 }, /^blind$/, /^blind for \d+ s: /],
  ["list-partial", {}, /^blind$/, /^blind for \d+ s: /],
  ["list-empty", {}, /^ramping$/, /^not in the list, not yet proven gone/],
  ["list-other-account", {}, /^(ramping|blind)$/, /another|account/],
  ["api-down", {}, /^blind$/, /^blind for \d+ s: /],
  ["rate-limit", { match: { route: LIST } }, /^blind$/, /^blind for \d+ s: /],
  ["bad-key", {}, /^blind$/, /^blind for \d+ s: /],
] as const)("rents and destroys nothing during ten minutes of %s %o", async (name, how, state, note) => {
  const boxes = await aRunningFleet();
  const writes = await countWrites();
  await fault(name, how);
  const states = new Set<string>();
  for (let minute = 0; minute < 10; minute++) {
    await pass(MINUTE);
    states.add((await fleetOf("zeb")).state);
  }
  const during = await fleetOf("zeb");
  expect(await countWrites()).toEqual(writes);
  expect([...states].filter((one) => !state.test(one))).toEqual([]);
  expect(during.notes.join()).toMatch(note);

  await clearFaults();
  await pass(TWO_CHECKS);
  expect(await fleetOf("zeb")).toMatchObject({
    state: "steady",
    totals: { live: 4, producing: 4 },
    intents: [],
    debts: [],
  });
  await pass(3 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(idsOf(await paidBoxes("zeb"))).toEqual(idsOf(boxes));
});

it("does not take a list that another account answers for its own", async () => {
  const boxes = await aRunningFleet();
  const writes = await countWrites();
  await fault("list-other-account");
  await pass(20 * MINUTE);
  expect((await fleetOf("zeb")).state).toBe("blind");
  expect(await countWrites()).toEqual(writes);
  expect(idsOf(await paidBoxes("zeb"))).toEqual(idsOf(boxes));
});

it("is blind with a key of another account, goes on with its own, and keeps its binding", async () => {
  const boxes = await aRunningFleet();
  const writes = await countWrites();
  await useKeyOfOthers();
  await pass(20 * MINUTE);
  const during = await fleetOf("zeb");
  expect(during.state).toBe("blind");
  expect(during.notes.join()).toMatch(/the list is of account 777, this fleet's is \d+/);
  expect(await countWrites()).toEqual(writes);

  await useOwnKey();
  await pass(TWO_CHECKS);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
  expect(await countWrites()).toEqual(writes);
  expect(idsOf(await paidBoxes("zeb"))).toEqual(idsOf(boxes));
});

it("a look with a key of another account binds nobody while there is no fleet", async () => {
  await beginWorld();
  await useKeyOfOthers();
  expect((await door("PUT", "/api/fleets/zeb?dryRun=true", { target: 4 })).status).toBe(200);
  expect((await door("GET", "/api/strays")).status).toBe(200);
  await useOwnKey();
  await putFleet("zeb");
  await pass(3 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
});

it("a key of another account under which every rent was refused binds a fleet for ten minutes", async () => {
  await beginWorld();
  await useKeyOfOthers();
  await fault("create-error", { value: { status: 400, body: { success: false, error: "host_busy", msg: "not now" } } });
  await putFleet("zeb");
  await pass(MINUTE);
  expect((await countWrites()).rents).toBeGreaterThan(0);
  await useOwnKey();
  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "blind", totals: { live: 0 } });
  await pass(12 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
});

it("kills nothing and rents nothing in an hour of silence from the market, and is whole two CHECKs later", async () => {
  const boxes = await aRunningFleet();
  const writes = await countWrites();
  await fault("api-down");
  await pass(60 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  await clearFaults();
  await pass(TWO_CHECKS);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { producing: 4 } });
  await pass(5 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(idsOf(await paidBoxes("zeb"))).toEqual(idsOf(boxes));
});

it("replaces what died during the silence, and only that", async () => {
  const boxes = await aRunningFleet();
  await fault("list-fails", { forMs: 10 * MINUTE });
  await fault("box-vanish", { match: { instance: String(boxes[1]?.id) } });
  await pass(12 * MINUTE);
  const after = await paidBoxes("zeb");
  expect(after).toHaveLength(4);
  expect(idsOf(after).filter((id) => idsOf(boxes).includes(id))).toHaveLength(3);
});
