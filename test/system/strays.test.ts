// Boxes that no fleet of this keeper owns: seen, paid for by the same account, and touched only by a person.

import { expect, it } from "vitest";
import { adoptStray } from "../../src/durable/adopt-command.ts";
import type { CheckDeps } from "../../src/durable/deps.ts";
import { FleetStore } from "../../src/durable/fleet-store.ts";
import type { AdoptAnswer, BoxFacts, StrayList } from "../../src/durable/rpc.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { must } from "../support/builders.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { boxOfSlot, clearFaults, countWrites, fault, paidBoxes, rentDirectly, truth } from "../support/market.ts";
import {
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
  printed,
  SECOND,
} from "../support/world.ts";

const THEIRS = { FLEETKEEPER_ID: "another-keeper", FLEETKEEPER_INTENT: "theirs" };

async function aFleetOf(target: number): Promise<void> {
  await beginWorld();
  await putFleet("zeb", { target });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
}

async function strays(): Promise<StrayList> {
  return (await door<StrayList>("GET", "/api/strays")).body;
}

const isAlive = async (id: number): Promise<boolean> =>
  (await truth()).boxes.some((box) => box.id === id && box.endedAtMs === null);

const strayIds = async (): Promise<readonly number[]> => (await strays()).strays.map(({ instanceId }) => instanceId);

it("lists what is no fleet's, with the reason and the bill, and the status says so", async () => {
  await aFleetOf(1);
  expect(await strays()).toEqual({ strays: [], total: { strays: 0, usdPerHour: 0 }, notes: [] });
  const others = await rentDirectly("zeb-worker-vast-5", THEIRS);
  const gone = await rentDirectly("nobody-worker-vast-0", {});
  const odd = await rentDirectly("my-own-experiment", {});
  const bare = await rentDirectly("", {});
  await pass(MINUTE);
  const list = await strays();
  expect(Object.fromEntries(list.strays.map(({ instanceId, why }) => [instanceId, why]))).toEqual({
    [others]: "another keeper rented it under the label of zeb",
    [gone]: "there is no fleet nobody here",
    [odd]: "its label names no fleet and slot",
    [bare]: "it has no label",
  });
  const bill = list.strays.reduce((sum, { usdPerHour }) => sum + Number(usdPerHour), 0);
  expect(list.total).toEqual({ strays: 4, usdPerHour: bill });
  expect(must(list.strays[0])).toMatchObject({
    gpu: expect.any(String),
    ageSeconds: expect.any(Number),
    ignored: false,
  });
  const said = `4 strays bill $${bill.toFixed(3)}/hr: GET /api/strays`;
  expect((await door<{ notes: string[] }>("GET", "/api/status")).body.notes).toEqual([said]);
  expect((await door<string>("GET", "/api/strays?format=text")).text).toContain(
    `Total: 4 strays, $${bill.toFixed(3)}/hr`,
  );
});

it("sees strays without any fleet", async () => {
  await beginWorld();
  const id = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  expect(await strayIds()).toEqual([id]);
});

it("leaves an ignored stray in the list and out of the bill, until it is heeded again", async () => {
  await aFleetOf(1);
  const id = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  expect((await door("POST", `/api/strays/${id}/ignore`)).status).toBe(200);
  expect(await strays()).toMatchObject({
    strays: [{ instanceId: id, ignored: true }],
    total: { strays: 0, usdPerHour: 0 },
  });
  expect((await door<{ notes: string[] }>("GET", "/api/status")).body.notes).toEqual([]);
  expect((await door("DELETE", `/api/strays/${id}/ignore`)).status).toBe(200);
  expect(await strays()).toMatchObject({ strays: [{ ignored: false }], total: { strays: 1 } });
});

it("adopts another keeper's box into the lowest free slot, and then keeps it as its own", async () => {
  await aFleetOf(2);
  const id = await rentDirectly("theirs-worker-vast-9", { ...THEIRS, HF_TOKEN: "hf_theirs" });
  await pass(MINUTE);
  await fault("search-empty");
  await door("PATCH", "/api/fleets/zeb", { target: 3 });
  await pass(5 * SECOND);
  const answer = await door<AdoptAnswer>("POST", `/api/strays/${id}/adopt`, {});
  expect(answer).toMatchObject({ status: 200, body: { instanceId: id, slot: 2, label: "zeb-worker-vast-2" } });
  expect(answer.body.lines).toEqual([`Instance ${id} becomes worker 2 of zeb (zeb-worker-vast-2).`]);
  expect(await boxOfSlot("zeb", 2)).toMatchObject({ id });
  expect((await fleetOf("zeb")).workers.find(({ slot }) => slot === 2)?.instanceId).toBe(id);
  expect(await strayIds()).toEqual([]);

  // Two of the fleet, and the one behind its back.
  await clearFaults();
  await pass(2 * MINUTE);
  expect((await countWrites()).rents).toBe(3);
  expect(await fleetOf("zeb")).toMatchObject({ totals: { live: 3 }, debts: [] });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await passUntil(async () => (await fleetOf("zeb")).state === "down");
  expect(await isAlive(id)).toBe(false);
});

it("trusts no list from before an adoption whose answer was lost with the account's object", async () => {
  await aFleetOf(2);
  const id = await rentDirectly("theirs-worker-vast-9", THEIRS);
  await pass(MINUTE);
  const stray = (await door<{ stray: BoxFacts }>("POST", `/api/strays/${id}/destroy`, {})).body.stray;
  const seenAtMs = await inStorage(fleetObject("zeb"), async (storage) => {
    const store = new FleetStore(storage);
    const relabel = () => Promise.reject(new Error("the account's object was reset"));
    const deps = {
      store,
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
      account: { relabel },
      workload: () => zeb,
    } as unknown as CheckDeps;
    await expect(adoptStray(deps, stray, { name: "admin" })).rejects.toThrow("reset");
    return store.fleet()?.lastWriteAtMs;
  });
  expect(seenAtMs).toBe(Date.now());
});

it("says when an adopted box is one too many, and waits with giving it up", async () => {
  await aFleetOf(2);
  const id = await rentDirectly("", {});
  await pass(MINUTE);
  const { body } = await door<AdoptAnswer>("POST", `/api/strays/${id}/adopt`, { fleet: "zeb" });
  expect(body.lines.join("\n")).toContain("The target stays at 2 and 2 are there");
  expect(await isAlive(id)).toBe(true);
  await pass(2 * MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect((await fleetOf("zeb")).spec.target).toBe(2);
});

it("asks which fleet where that is not plain, and adopts nothing for one that is down, or unknown", async () => {
  await aFleetOf(1);
  await putFleet("other", { target: 1 });
  const id = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  expect(await door("POST", `/api/strays/${id}/adopt`, {})).toMatchObject({
    status: 422,
    body: { errors: [{ field: "fleet", expected: "one of other, zeb" }] },
  });
  expect((await door("POST", `/api/strays/${id}/adopt`, { fleet: "none" })).status).toBe(404);
  await door("POST", "/api/fleets/other/down", { force: true });
  expect(await door("POST", `/api/strays/${id}/adopt`, { fleet: "other" })).toMatchObject({
    status: 409,
    body: { code: "fleet-is-down" },
  });
  const { id: own } = await boxOfSlot("zeb", 0);
  expect(await door("POST", `/api/strays/${own}/adopt`, {})).toMatchObject({
    status: 409,
    body: { code: "not-a-stray" },
  });
  expect(await strayIds()).toEqual([id]);
});

it("destroys a stray after a confirmation, and again until it is gone where the market refuses", async () => {
  await aFleetOf(1);
  const [id, spared] = [await rentDirectly("my-own-experiment", {}), await rentDirectly("another-experiment", {})];
  await pass(MINUTE);
  const asked = await door<{ confirm: string }>("POST", `/api/strays/${id}/destroy`, {});
  expect(asked).toMatchObject({ status: 409, body: { code: "confirm-required", stray: { instanceId: id } } });
  expect(await door("POST", `/api/strays/${spared}/destroy`, { confirm: asked.body.confirm })).toMatchObject({
    status: 409,
    body: { code: "confirm-mismatch" },
  });
  await fault("destroy-500", { times: 2 });
  const ended = await door("POST", `/api/strays/${id}/destroy`, { confirm: asked.body.confirm });
  expect(ended).toMatchObject({ status: 202, body: { attempts: 1, lastError: expect.any(String), waitsFor: null } });
  expect(await isAlive(id)).toBe(true);
  expect(await strays()).toMatchObject({
    strays: [{ instanceId: id, destroying: { attempts: 1 } }, { instanceId: spared }],
  });
  expect((await door("POST", `/api/strays/${id}/adopt`, {})).body).toMatchObject({ code: "stray-is-ending" });

  const tookMs = await passUntil(async () => !(await isAlive(id)), { limitMs: 5 * MINUTE });
  figure(`a stray whose destroy was refused twice is gone after ${tookMs / SECOND} s`);
  await pass(2 * MINUTE);
  expect(await strayIds()).toEqual([spared]);
  expect(printed().filter((line) => line.includes(`GONE: instance ${id} is proven gone`))).toHaveLength(1);
  expect((await countWrites()).destroys).toBe(3);
});

it("destroys a stray that comes back with its host again", async () => {
  await aFleetOf(1);
  const id = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  expect((await door("POST", `/api/strays/${id}/destroy`, { force: true })).status).toBe(202);
  await pass(3 * MINUTE);
  await fault("box-comes-back", { match: { instance: String(id) } });
  expect(await isAlive(id)).toBe(true);
  await passUntil(async () => !(await isAlive(id)), { limitMs: 5 * MINUTE });
});

it("sends no destroy on a list that is not proven, and pays when it sees again", async () => {
  await beginWorld();
  const id = await rentDirectly("my-own-experiment", {});
  await pass(MINUTE);
  expect(await strayIds()).toEqual([id]);
  await pass(10 * SECOND);
  await fault("list-partial");
  const ended = await door("POST", `/api/strays/${id}/destroy`, { force: true });
  expect(ended).toMatchObject({ status: 202, body: { attempts: 0, waitsFor: expect.stringContaining("partial") } });
  await pass(2 * MINUTE);
  expect(await isAlive(id)).toBe(true);
  await clearFaults();
  await passUntil(async () => !(await isAlive(id)), { limitMs: 3 * MINUTE });
});

it("never touches another keeper's box by a CHECK, whatever the fleet does", async () => {
  await aFleetOf(2);
  const ids = [await rentDirectly("zeb-worker-vast-0", THEIRS), await rentDirectly("zeb-worker-vast-4", THEIRS)];
  await pass(2 * MINUTE);
  await door("PATCH", "/api/fleets/zeb", { target: 1 });
  await door("POST", "/api/fleets/zeb/workers/0/replace");
  await pass(2 * MINUTE);
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(2 * MINUTE);
  expect(await Promise.all(ids.map(isAlive))).toEqual([true, true]);
  expect((await strayIds()).toSorted((a, b) => a - b)).toEqual(ids.toSorted((a, b) => a - b));
});
