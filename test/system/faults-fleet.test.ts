// Faults that meet a whole fleet, and those of the platform, that no other file has by name: docs/faults.md has all of them.

import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import { expect, it, vi } from "vitest";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import {
  boxesEver,
  boxOfSlot,
  clearFaults,
  countWrites,
  endDirectly,
  fault,
  paidBoxes,
  rentDirectly,
  slotOf,
  truth,
} from "../support/market.ts";
import {
  beginWorld,
  cronTick,
  fleetObject,
  HOUR,
  inStorage,
  MINUTE,
  moveTo,
  pass,
  passUntil,
  SECOND,
  silenceCron,
} from "../support/world.ts";

const isWhole = async (): Promise<boolean> => {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.producing === spec.target;
};

async function aWholeFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", spec);
  await passUntil(isWhole, { limitMs: 15 * MINUTE });
}

const strikes = (): Promise<unknown> => env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n");

it.each([
  ["lost", "box-vanish", 4],
  ["cut off", "box-offline", 8],
])(
  "replaces half of a fleet that is %s at once, strikes nobody, and pays for no more than one too many",
  async (_words, name, left) => {
    await aWholeFleet({ target: 8, proveFirst: false, launchBatch: 8 });
    const lost = await Promise.all([0, 2, 4, 6].map((slot) => boxOfSlot("zeb", slot)));
    for (const { id } of lost) await fault(name, { match: { instance: String(id) } });
    expect(await paidBoxes("zeb")).toHaveLength(left);
    const isGone = async (): Promise<boolean> =>
      (await paidBoxes("zeb")).every(({ id }) => lost.every((box) => box.id !== id));
    await passUntil(async () => (await isGone()) && (await paidBoxes("zeb")).length === 8 && (await isWhole()), {
      limitMs: 10 * MINUTE,
    });
    expect((await paidBoxes("zeb")).map(slotOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(9);
    expect(await strikes()).toBe(0);
  },
);

it("replaces a box that its owner destroys by hand, and blames nobody", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 2);
  const { destroys } = await countWrites();
  await endDirectly(id);
  await passUntil(async () => (await boxesEver("zeb")).length === 5 && (await isWhole()), { limitMs: 10 * MINUTE });
  expect((await boxOfSlot("zeb", 2)).id).not.toBe(id);
  // Its owner's own destroy, and none of ours.
  expect((await countWrites()).destroys).toBe(destroys + 1);
  expect(await strikes()).toBe(0);
});

it("kills nobody after a sleep of six hours, in which nothing was measured", async () => {
  await aWholeFleet();
  const writes = await countWrites();
  await moveTo(Date.now() + 6 * HOUR);
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
});

it("does nothing on a clock that is set back for a while, and counts no hour twice", async () => {
  await aWholeFleet();
  const [writes, nowMs, spent] = [await countWrites(), Date.now(), (await fleetOf("zeb")).spend.totalUsd];
  vi.setSystemTime(nowMs - 30 * MINUTE);
  await cronTick(nowMs + MINUTE);
  vi.setSystemTime(nowMs);
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  const fleet = await fleetOf("zeb");
  expect(fleet).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
  expect(fleet.spend.totalUsd - spent).toBeCloseTo((fleet.totals.usdPerHour * 10) / 60, 3);
});

it("keeps the fleet whole while cron is silent for half an hour", async () => {
  await aWholeFleet();
  silenceCron();
  await pass(5 * MINUTE);
  const { id } = await boxOfSlot("zeb", 1);
  await fault("box-exited", { match: { instance: String(id) } });
  await pass(25 * MINUTE);
  expect(await isWhole()).toBe(true);
  expect((await boxOfSlot("zeb", 1)).id).not.toBe(id);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(5);
});

it("rents each slot once though its alarm comes twice", async () => {
  await beginWorld();
  await putFleet("zeb");
  const stub = fleetObject("zeb");
  await moveTo(Date.now() + SECOND);
  const first = runDurableObjectAlarm(stub);
  await inStorage(stub, (storage) => storage.setAlarm(Date.now()));
  await Promise.all([first, runDurableObjectAlarm(stub)]);
  await passUntil(isWhole);
  expect(await boxesEver("zeb")).toHaveLength(4);
});

it("owes what it cannot destroy while the list is blocked too, and pays when it sees again", async () => {
  await aWholeFleet();
  await fault("destroy-500");
  await patchFleet("zeb", { target: 2 });
  await passUntil(async () => (await fleetOf("zeb")).debts.length === 2);
  const owed = (await fleetOf("zeb")).debts.map(({ instanceId }) => instanceId);
  const { rents, destroys } = await countWrites();
  await fault("list-fails");
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual({ rents, destroys });
  const blind = await fleetOf("zeb");
  expect(blind.state).toBe("blind");
  expect(blind.debts.map(({ instanceId }) => instanceId)).toEqual(owed);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  await clearFaults();
  await passUntil(async () => (await fleetOf("zeb")).debts.length === 0 && (await isWhole()), { limitMs: 10 * MINUTE });
  const left = (await paidBoxes("zeb")).map(({ id }) => id);
  expect(left).toHaveLength(2);
  expect(left.filter((id) => owed.includes(id))).toEqual([]);
});

it("leaves a box alone that a person rents by hand without our label, and one with another's mark", async () => {
  await aWholeFleet();
  const { destroys } = await countWrites();
  const mine = await rentDirectly("my-notebook", {});
  const theirs = await rentDirectly("zeb-worker-vast-7", { FLEETKEEPER_ID: "another-keeper" });
  await pass(10 * MINUTE);
  expect((await countWrites()).destroys).toBe(destroys);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4 } });
  const alive = (await truth()).boxes.filter(({ endedAtMs }) => endedAtMs === null).map(({ id }) => id);
  expect(alive).toEqual(expect.arrayContaining([mine, theirs]));
});
