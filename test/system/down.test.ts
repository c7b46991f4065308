import { expect, it } from "vitest";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxesEver, clearFaults, countWrites, fault, paidBoxes, slotOf, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, SECOND, tickEvery } from "../support/world.ts";

async function aRunningFleet(name: string, spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet(name, spec);
  await passUntil(async () => (await fleetOf(name)).state === "steady");
}

const isEmpty = async (): Promise<boolean> => (await paidBoxes("zeb")).length === 0;

it("ends nothing without a confirmation, and everything with it", async () => {
  await aRunningFleet("zeb");
  const asked = await door<{ confirm: string; fleets: unknown[] }>("POST", "/api/fleets/zeb/down", {});
  expect(asked.status).toBe(409);
  await pass(30 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(4);

  const { confirm } = asked.body;
  expect((await door("POST", "/api/fleets/zeb/down", { confirm })).status).toBe(200);
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(409);
  figure(`a fleet of 4 is empty ${(await passUntil(isEmpty, { stepMs: 2 * SECOND })) / SECOND} s after its down`);
  await pass(MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "down", workers: [], intents: [], debts: [] });

  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
  expect((await door("GET", "/api/fleets/zeb")).status).toBe(404);
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(404);
});

it("does not take a confirmation that was given for other boxes", async () => {
  await aRunningFleet("zeb");
  const { body } = await door<{ confirm: string }>("POST", "/api/fleets/zeb/down", {});
  const [first] = await paidBoxes("zeb");
  await fault("box-vanish", { match: { instance: String(first?.id) } });
  await pass(MINUTE);
  expect((await door("POST", "/api/fleets/zeb/down", { confirm: body.confirm })).status).toBe(409);
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(4);
});

it("destroys boxes too that appear after the fleet was taken down", async () => {
  await aRunningFleet("zeb", { target: 2 });
  await fault("list-late", { value: 100_000 });
  await fault("create-timeout-but-rented", { value: 20, times: 2 });
  await patchFleet("zeb", { target: 5 });
  await pass(5 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(5);
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(20 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(3);
  expect((await fleetOf("zeb")).state).toBe("draining");
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(409);

  await passUntil(isEmpty, { limitMs: 5 * MINUTE });
  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "down", workers: [], intents: [], debts: [] });
});

it("watches a removed fleet's boxes: one that comes back is destroyed", async () => {
  await aRunningFleet("zeb", { target: 2 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(2 * MINUTE);
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
  const [ended] = await boxesEver("zeb");
  await pass(5 * MINUTE);
  await fault("box-comes-back", { match: { instance: String(ended?.id) } });
  expect(await paidBoxes("zeb")).toHaveLength(1);
  const tookMs = await passUntil(isEmpty, { limitMs: 10 * MINUTE });
  figure(`a removed fleet's box that came back is destroyed after ${tookMs / SECOND} s`);
  expect(tookMs).toBeLessThanOrEqual(3 * MINUTE);
  expect((await door("GET", "/api/fleets/zeb")).status).toBe(404);
});

it("takes a fleet that is down up again with a target", async () => {
  await aRunningFleet("zeb", { target: 2 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(MINUTE);
  expect((await door("POST", "/api/fleets/zeb/resume", {})).status).toBe(409);
  const up = await door<{ lines: readonly string[] }>("POST", "/api/fleets/zeb/up", { count: 3 });
  expect(up.status).toBe(202);
  expect(up.body.lines.join("\n")).toContain("Launching 3 of 3 workers");
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(3);
});

it("gives up three of six, and keeps the best", async () => {
  await aRunningFleet("zeb", { target: 6, proveFirst: false, launchBatch: 6 });
  const { workers } = await fleetOf("zeb");
  const value = ({ usdPerHour, gamesPerSecond }: (typeof workers)[number]): number =>
    Number(usdPerHour) / Number(gamesPerSecond);
  const best = workers.toSorted((a, b) => value(a) - value(b)).slice(0, 3);
  await patchFleet("zeb", { target: 3 });
  await pass(MINUTE);
  expect((await paidBoxes("zeb")).map(slotOf)).toEqual(best.map(({ slot }) => slot).toSorted((a, b) => a - b));
  expect(await fleetOf("zeb")).toMatchObject({ debts: [], totals: { live: 3, producing: 3 } });
});

it("leaves the slots as they are after 12 → 8, and then does nothing more for half an hour", async () => {
  const cadenceSeconds = { ramp: 30, rampFor: 30, steady: 300, logPoll: 120, logPollSteady: 300 };
  await aRunningFleet("zeb", {
    target: 12,
    proveFirst: false,
    launchBatch: 12,
    maxPriceUsdPerHour: 0.5,
    cadenceSeconds,
    timeoutsSeconds: { boot: 600, setup: 600, wait: 900, stallMinimum: 900 },
  });
  await patchFleet("zeb", { target: 8 });
  await pass(2 * MINUTE);
  const left = (await paidBoxes("zeb")).map(slotOf);
  expect(left).toHaveLength(8);
  expect(left).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const writes = await countWrites();
  tickEvery(MINUTE);
  await pass(30 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect((await paidBoxes("zeb")).map(slotOf)).toEqual(left);
  expect((await fleetOf("zeb")).state).toBe("steady");
});

it("keeps a paused fleet as it is, and pays what it owes", async () => {
  await aRunningFleet("zeb", { target: 3 });
  await fault("destroy-500");
  await patchFleet("zeb", { target: 2 });
  await pass(20 * SECOND);
  expect((await door("POST", "/api/fleets/zeb/pause", {})).status).toBe(200);
  const [first] = await paidBoxes("zeb");
  await clearFaults();
  await fault("box-vanish", { match: { instance: String(first?.id) } });
  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "paused", debts: [] });
  const left = (await paidBoxes("zeb")).length;
  expect(left).toBeLessThan(2);
  await door("POST", "/api/fleets/zeb/resume", {});
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  expect((await truth()).mostPaidAtOnce).toBe(3);
});

it("is not woken by a change of anything but its target", async () => {
  await aRunningFleet("zeb", { target: 2 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await passUntil(isEmpty);
  const { body } = await door<{ fleet: { mode: string } }>("PATCH", "/api/fleets/zeb", { maxPriceUsdPerHour: 0.08 });
  expect(body.fleet.mode).toBe("down");
  await pass(2 * MINUTE);
  expect(await paidBoxes("zeb")).toEqual([]);
  await patchFleet("zeb", { target: 2 });
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toHaveLength(2);
});

it("stays deleted: no CHECK of its watch brings it back into a list", async () => {
  await aRunningFleet("zeb", { target: 1 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await passUntil(async () => (await fleetOf("zeb")).state === "down");
  expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
  await pass(10 * MINUTE);
  expect((await door("GET", "/api/fleets")).body).toEqual({ fleets: [], notes: [] });
});

it("says to a pause that a fleet on its way down, or down, has nothing to pause", async () => {
  await aRunningFleet("zeb", { target: 1 });
  await door("POST", "/api/fleets/zeb/down", { force: true });
  const pause = async () => (await door<{ code: string; detail: string }>("POST", "/api/fleets/zeb/pause")).body;
  expect(await pause()).toMatchObject({
    code: "fleet-is-down",
    detail: "zeb is on its way down: a pause would not stop that, its boxes are ended in every mode",
  });
  await passUntil(async () => (await fleetOf("zeb")).state === "down");
  expect(await pause()).toMatchObject({ detail: "zeb is down: there is nothing to pause" });
});

it("names a GPU type that the market is not known to show in the answer to an up", async () => {
  await beginWorld();
  const { body } = await door<{ lines: readonly string[] }>("POST", "/api/fleets/zeb/up", {
    count: 1,
    gpu: "RTX 9999",
  });
  expect(body.lines).toContainEqual(expect.stringMatching(/^ {2}Note: GPU RTX 9999 is not a name/));
});
