import { expect, it } from "vitest";
import type { ByHandAnswer, SshAnswer } from "../../src/durable/rpc.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { must } from "../support/builders.ts";
import { boxOfSlot, clearFaults, countWrites, fault, paidBoxes, rentDirectly, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, SECOND } from "../support/world.ts";

async function aRunningFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", { target: 3, ...spec });
  await passUntil(isSteady);
}

const isSteady = async (): Promise<boolean> => (await fleetOf("zeb")).state === "steady";
const isBlind = async (): Promise<boolean> => (await fleetOf("zeb")).state === "blind";
const isGone = async (id: number): Promise<boolean> =>
  (await truth()).boxes.some((box) => box.id === id && box.endedAtMs !== null);

it("replaces a producing worker by hand: its slot is filled anew, nobody is struck, and never two too many", async () => {
  await aRunningFleet();
  const old = await boxOfSlot("zeb", 1);
  expect(old.producing).toBe(true);
  const answer = await door<ByHandAnswer>("POST", "/api/fleets/zeb/workers/1/replace");
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({ target: 3, isUnfinished: false, ended: [{ slot: 1, instanceId: old.id }] });
  const text = answer.body.lines.join("\n");
  expect(text).toContain(`Destroying worker 1: instance ${old.id}`);
  expect(text).toContain("destroyed; the next lists prove it gone.");
  expect(text).toMatch(/Worker 1: RTX .* @ \$0\.\d{3}\/hr \(offer \d+\)/);
  expect(await isGone(old.id)).toBe(true);

  figure(`a worker replaced by hand produces again after ${(await passUntil(isSteady)) / SECOND} s`);
  expect((await boxOfSlot("zeb", 1)).id).not.toBe(old.id);
  expect(await fleetOf("zeb")).toMatchObject({ orders: [], debts: [], totals: { live: 3, producing: 3 } });
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(4);
  expect((await countWrites()).destroys).toBe(1);
});

it("ends one box and lowers the target with it, in one write and once, however often it is asked", async () => {
  await aRunningFleet();
  const old = await boxOfSlot("zeb", 0);
  const before = await fleetOf("zeb");
  const path = `/api/instances/${old.id}?shrink=true`;
  const answer = await door<ByHandAnswer>("DELETE", path);
  expect(answer.body).toMatchObject({ target: 2, ended: [{ instanceId: old.id }] });
  expect(answer.body.fleet.specVersion).toBe(before.specVersion + 1);
  expect(answer.body.lines[0]).toBe("Target is now 2.");
  expect((await door<ByHandAnswer>("DELETE", path)).body).toMatchObject({ target: 2 });

  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ spec: { target: 2 }, debts: [], totals: { live: 2 } });
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect((await countWrites()).rents).toBe(3);
});

it("takes the fleet down with its last box", async () => {
  await aRunningFleet({ target: 1 });
  const { id } = await boxOfSlot("zeb", 0);
  expect((await door("DELETE", `/api/instances/${id}?shrink=true`)).status).toBe(202);
  await pass(MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ mode: "down", state: "down" });
});

it("never takes a fleet down that has more boxes than the one that should go", async () => {
  await aRunningFleet();
  await door("POST", "/api/fleets/zeb/pause", {});
  await door("PATCH", "/api/fleets/zeb", { target: 1 });
  const { id } = await boxOfSlot("zeb", 2);
  const { body } = await door<ByHandAnswer>("DELETE", `/api/instances/${id}?shrink=true`);
  expect(body).toMatchObject({ target: 1, ended: [{ instanceId: id }] });
  expect(body.lines[0]).toBe("The target stays at 1: 0 would end 2 more. POST …/down ends them all.");
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect(await fleetOf("zeb")).toMatchObject({ mode: "paused", debts: [], orders: [] });
});

it("obeys in a paused fleet, and rents nothing for it", async () => {
  await aRunningFleet();
  await door("POST", "/api/fleets/zeb/pause", {});
  const { id } = await boxOfSlot("zeb", 2);
  expect((await door("DELETE", `/api/instances/${id}`)).status).toBe(202);
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect(await fleetOf("zeb")).toMatchObject({ state: "paused", debts: [], orders: [] });
});

it("waits while the list is blind, says so, and obeys when it sees again", async () => {
  await aRunningFleet();
  const { id } = await boxOfSlot("zeb", 1);
  await fault("list-fails");
  await passUntil(isBlind);
  const answer = await door<ByHandAnswer>("POST", "/api/fleets/zeb/workers/1/replace");
  expect(answer.body).toMatchObject({ isUnfinished: true, fleet: { orders: [{ instanceId: id, by: "admin" }] } });
  expect(answer.body.lines.join("\n")).toContain("waits for a proven list");
  await pass(30 * SECOND);
  expect((await countWrites()).destroys).toBe(0);

  await clearFaults();
  await passUntil(() => isGone(id));
  await passUntil(isSteady);
  expect(await fleetOf("zeb")).toMatchObject({ orders: [], totals: { live: 3 } });
});

it("settles an order whose box went by itself, with a note", async () => {
  await aRunningFleet();
  const { id } = await boxOfSlot("zeb", 1);
  await fault("list-fails");
  await passUntil(isBlind);
  await door("POST", "/api/fleets/zeb/workers/1/replace");
  await fault("box-vanish", { match: { instance: String(id) } });
  await clearFaults();
  await passUntil(isSteady);
  expect(await fleetOf("zeb")).toMatchObject({ orders: [], totals: { live: 3 } });
  expect((await countWrites()).destroys).toBe(0);
});

it("knows no empty slot, no unknown id, and sends a stray to its own door", async () => {
  await aRunningFleet({ target: 1 });
  const stray = await rentDirectly("zeb-worker-vast-7", { FLEETKEEPER_ID: "another-keeper" });
  await pass(30 * SECOND);
  expect(await door("POST", "/api/fleets/zeb/workers/7/replace")).toMatchObject({
    status: 404,
    body: { code: "worker-not-found", hint: "slots with a box: 0" },
  });
  expect(await door("POST", "/api/fleets/none/workers/0/replace")).toMatchObject({
    status: 404,
    body: { code: "fleet-not-found" },
  });
  expect(await door("DELETE", "/api/instances/1")).toMatchObject({ status: 404, body: { code: "no-such-instance" } });
  const refused = await door<{ hint: string }>("DELETE", `/api/instances/${stray}`);
  expect(refused).toMatchObject({ status: 409, body: { code: "is-stray" } });
  expect(refused.body.hint).toContain(`/api/strays/${stray}/destroy`);
  expect((await countWrites()).destroys).toBe(0);
});

it("tells how to log in, by slot and by number, and why not while a box loads", async () => {
  await aRunningFleet({ target: 2 });
  const { id } = await boxOfSlot("zeb", 0);
  const bySlot = await door<SshAnswer>("GET", "/api/fleets/zeb/workers/0/ssh");
  expect(bySlot.body.command).toMatch(/^ssh -p \d+ root@/);
  expect((await door<SshAnswer>("GET", `/api/instances/${id}/ssh`)).body).toEqual(bySlot.body);
  const text = await door<string>("GET", "/api/fleets/zeb/workers/0/ssh?format=text");
  expect(text.text.split("\n")[0]).toBe(bySlot.body.command);
  expect(text.text).toContain("nvidia-smi");

  await fault("next-rent-dud", { value: "loading" });
  const loading = await rentDirectly("an-experiment", {});
  await pass(6 * SECOND);
  const answer = await door<SshAnswer>("GET", `/api/instances/${loading}/ssh`);
  expect(answer.body).toMatchObject({ command: null, why: expect.stringContaining("wait for running") });
  expect(must(answer.body.checks[0]).command).toBe("nvidia-smi");
});
