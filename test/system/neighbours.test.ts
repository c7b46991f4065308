// Several fleets and several keepers on one account: each touches what bears its own label and mark, and nothing else.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { countCalls, countWrites, fault, LIST, paidBoxes, rentDirectly, truth } from "../support/market.ts";
import { accountObject, beginWorld, figure, inStorage, MINUTE, pass, passUntil, SECOND } from "../support/world.ts";

async function bothFleets(): Promise<void> {
  await beginWorld();
  await putFleet("zeb", { target: 3 });
  await putFleet("zeb-large", { target: 3, preset: "zeb-large" });
  await passUntil(
    async () => (await fleetOf("zeb")).state === "steady" && (await fleetOf("zeb-large")).state === "steady",
  );
}

async function idsOf(fleet: string): Promise<readonly number[]> {
  return (await paidBoxes(fleet)).map(({ id }) => id);
}

it("keeps two fleets side by side on distinct machines, with one sweep for both", async () => {
  await bothFleets();
  const { boxes } = await truth();
  expect(new Set(boxes.map(({ machineId }) => machineId)).size).toBe(6);
  expect((await fleetOf("zeb")).workers.map(({ instanceId }) => instanceId)).toEqual(await idsOf("zeb"));
  expect((await fleetOf("zeb-large")).workers.map(({ instanceId }) => instanceId)).toEqual(await idsOf("zeb-large"));

  const [lists, before] = [await countCalls(LIST), await fleetOf("zeb")];
  await pass(5 * MINUTE);
  const checks = (await fleetOf("zeb")).checks - before.checks;
  const sweeps = (await countCalls(LIST)) - lists;
  figure(`two steady fleets: ${sweeps} sweeps for ${checks} CHECKs of each in 5 min`);
  expect(sweeps).toBeLessThanOrEqual(checks + 5);
});

it("takes down zeb and leaves zeb-large", async () => {
  await bothFleets();
  const large = await idsOf("zeb-large");
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(2 * MINUTE);
  expect(await idsOf("zeb")).toEqual([]);
  expect(await idsOf("zeb-large")).toEqual(large);
});

it("takes down zeb-large and leaves zeb", async () => {
  await bothFleets();
  const small = await idsOf("zeb");
  await patchFleet("zeb-large", { target: 0, force: true });
  await pass(2 * MINUTE);
  expect(await idsOf("zeb-large")).toEqual([]);
  expect(await idsOf("zeb")).toEqual(small);
});

it("takes down every fleet that a prefix names", async () => {
  await bothFleets();
  await putFleet("zebra", { target: 1 });
  await pass(MINUTE);
  const asked = await door<{ confirm: string }>("POST", "/api/down", { prefix: "zeb" });
  expect(asked.status).toBe(409);
  expect((await door("POST", "/api/down", { prefix: "zeb", confirm: asked.body.confirm })).status).toBe(200);
  await pass(2 * MINUTE);
  expect([await idsOf("zeb"), await idsOf("zeb-large")]).toEqual([[], []]);
  expect(await idsOf("zebra")).toHaveLength(1);
});

it("lets a crash in one fleet be that fleet's alone", async () => {
  await bothFleets();
  const large = await idsOf("zeb-large");
  await fault("box-vanish", { match: { label: "zeb-worker-vast-1" } });
  await pass(2 * MINUTE);
  expect(await idsOf("zeb-large")).toEqual(large);
  expect(await idsOf("zeb")).toHaveLength(3);
});

it("leaves strays alone: another keeper's box with our label, and labels that only look like ours", async () => {
  await bothFleets();
  const strays = [
    await rentDirectly("zeb-worker-vast-0", { FLEETKEEPER_ID: "another-keeper", FLEETKEEPER_INTENT: "theirs" }),
    await rentDirectly("zeb-worker-vast-", {}),
    await rentDirectly("zeb-worker-vast-01x", {}),
    await rentDirectly("my-own-experiment", {}),
  ];
  await pass(3 * MINUTE);
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(2 * MINUTE);
  const alive = (await truth()).boxes.filter(({ endedAtMs }) => endedAtMs === null).map(({ id }) => id);
  expect(alive).toEqual(expect.arrayContaining(strays));
  expect(await fleetOf("zeb")).toMatchObject({ state: "down", workers: [], debts: [] });
});

it("takes over an unmarked box with its label, with a word about it", async () => {
  await beginWorld();
  const old = await rentDirectly("zeb-worker-vast-1", { HF_TOKEN: "hf_x" });
  await putFleet("zeb", { target: 3 });
  await pass(10 * SECOND);
  expect((await fleetOf("zeb")).workers.find(({ slot }) => slot === 1)?.instanceId).toBe(old);
  expect(await paidBoxes("zeb")).toHaveLength(3);
  expect((await truth()).mostPaidAtOnce).toBe(3);
});

it("takes over what a person rents into a full fleet, with a word about it, and pays for no more than the target", async () => {
  await bothFleets();
  const mine = await rentDirectly("zeb-worker-vast-3", { HF_TOKEN: "hf_x" });
  await pass(2 * MINUTE);
  const told = await env.DB.prepare("SELECT message FROM events WHERE kind = 'adopt' AND instance_id = ?")
    .bind(mine)
    .first("message");
  expect(told).toMatch(/^UP: worker 3 is instance \d+: /);
  expect(await paidBoxes("zeb")).toHaveLength(3);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", debts: [], totals: { live: 3 } });
  expect(await env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n")).toBe(0);
  expect((await countWrites()).destroys).toBe(1);
});

it("keeps one of two boxes in one slot, and strikes nobody for it", async () => {
  await bothFleets();
  const keeper = await inStorage(accountObject(), ({ kv }) => kv.get<string>("keeper_id"));
  const [first] = await idsOf("zeb");
  const double = await rentDirectly("zeb-worker-vast-0", { FLEETKEEPER_ID: String(keeper) });
  await pass(2 * MINUTE);
  expect(await idsOf("zeb")).toContain(first);
  expect(await idsOf("zeb")).not.toContain(double);
  // Taken over and given up in one CHECK, and told like any other.
  const told = await env.DB.prepare("SELECT end_cause, cost_usd FROM instances WHERE instance_id = ?")
    .bind(double)
    .first();
  expect(told).toEqual({ end_cause: "duplicate", cost_usd: expect.any(Number) });
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", debts: [], totals: { live: 3 } });
});
