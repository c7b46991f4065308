import { expect, it } from "vitest";
import { askForCheck, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { countCalls, fault, paidBoxes, RENT, truth } from "../support/market.ts";
import { beginWorld, cronTick, fleetObject, inStorage, MINUTE, moveTo, pass, realWait } from "../support/world.ts";

const HURDLE_MS = 120;

/** A fleet that has been made and has not looked yet, at a market whose create calls take their real time. */
async function aNewFleet(name: string, spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await fault("slow-api", { match: { route: RENT }, value: HURDLE_MS });
  await putFleet(name, spec);
  await moveTo(Date.now() + 10);
}

function isCheckWanted(name: string): Promise<boolean | undefined> {
  return inStorage(fleetObject(name), ({ kv }) => kv.get<{ checkWanted: boolean }>("fleet")?.checkWanted);
}

/** Waits in real time until this many creates have reached the market. */
async function untilRentsSent(count: number): Promise<void> {
  while ((await countCalls(RENT)) < count) await realWait(5);
}

it("runs one of two CHECKs asked for at once; the other leaves word and comes after it", async () => {
  await aNewFleet("zeb");
  const first = askForCheck("zeb");
  await untilRentsSent(1);
  await askForCheck("zeb");
  expect(await isCheckWanted("zeb")).toBe(true);
  await first;
  expect((await fleetOf("zeb")).checks).toBe(1);

  await pass(1000);
  expect(await isCheckWanted("zeb")).toBe(false);
  expect((await fleetOf("zeb")).checks).toBe(2);
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  expect(await countCalls(RENT)).toBe(4);
});

it("rents each slot once when doors, cron and the alarm all ask in the same instant", async () => {
  await aNewFleet("zeb");
  await Promise.all([askForCheck("zeb"), cronTick(), askForCheck("zeb"), cronTick(), pass(1000)]);
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  expect((await truth()).mostPaidAtOnce).toBe(4);
  expect(await countCalls(RENT)).toBe(4);
});

it("does not send the rest of a launch when the target falls in the middle of it", async () => {
  await aNewFleet("zeb", { target: 6, launchBatch: 2, proveFirst: false });
  const check = askForCheck("zeb");
  await untilRentsSent(1);
  await patchFleet("zeb", { target: 2 });
  await check;
  expect(await countCalls(RENT)).toBe(2);

  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect((await truth()).mostPaidAtOnce).toBe(2);
});

it("gives up the excess of a launch that was already sent when the target fell", async () => {
  await aNewFleet("zeb", { target: 4 });
  const check = askForCheck("zeb");
  await untilRentsSent(4);
  await patchFleet("zeb", { target: 2 });
  await check;
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect(await countCalls(RENT)).toBe(4);
  expect((await fleetOf("zeb")).debts).toEqual([]);
});

it("ends at a raised target, with no box too many on the way", async () => {
  await aNewFleet("zeb", { target: 4, launchBatch: 2, proveFirst: false });
  const check = askForCheck("zeb");
  await untilRentsSent(1);
  await patchFleet("zeb", { target: 6 });
  await check;
  expect(await countCalls(RENT)).toBe(2);

  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(6);
  expect((await truth()).mostPaidAtOnce).toBe(6);
  expect(await countCalls(RENT)).toBe(6);
});

it("sends nothing more of a launch when the fleet is taken down in the middle of it", async () => {
  await aNewFleet("zeb", { target: 6, launchBatch: 2, proveFirst: false });
  const check = askForCheck("zeb");
  await untilRentsSent(1);
  await patchFleet("zeb", { target: 0, force: true });
  await check;
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(0);
  expect(await countCalls(RENT)).toBe(2);
  expect((await fleetOf("zeb")).state).toBe("down");
});
