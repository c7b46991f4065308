// Boxes that no longer match the spec, replaced a batch at a time, and only for as long as they can be replaced.

import { expect, it } from "vitest";
import type { DryPutAnswer, PutAnswer } from "../../src/durable/rpc.ts";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { clearFaults, countWrites, fault, paidBoxes, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, printed, SECOND } from "../support/world.ts";

const TARGET = 6;
const BATCH = 2;

async function aRunningFleet(): Promise<readonly number[]> {
  await beginWorld();
  await putFleet("zeb", { target: TARGET, launchBatch: BATCH, maxPriceUsdPerHour: 0.5 });
  await passUntil(isSteady);
  return (await paidBoxes("zeb")).map(({ id }) => id);
}

const isSteady = async (): Promise<boolean> => (await fleetOf("zeb")).state === "steady";
const left = async (old: readonly number[]): Promise<number> =>
  (await paidBoxes("zeb")).filter(({ id }) => old.includes(id)).length;

it("replaces six boxes two at a time: never more than a batch is out, and never a box above the ceiling", async () => {
  const old = await aRunningFleet();
  const { body } = await door<PutAnswer>("PATCH", "/api/fleets/zeb", { gitRef: "v2", rollOut: true });
  expect(body.mismatched).toHaveLength(TARGET);
  expect(body.fleet.rollOut).toMatchObject({ specVersion: body.fleet.specVersion, by: "admin" });
  const beganAtMs = Date.now();
  let fewest = TARGET;
  await passUntil(
    async () => {
      const producing = (await paidBoxes("zeb")).filter((box) => box.producing).length;
      fewest = Math.min(fewest, producing);
      return (await fleetOf("zeb")).rollOut === null;
    },
    { limitMs: 10 * MINUTE, stepMs: 2 * SECOND },
  );
  figure(`a roll-out of ${TARGET} boxes, ${BATCH} at a time, took ${(Date.now() - beganAtMs) / SECOND} s`);
  expect(fewest).toBe(TARGET - BATCH);
  expect(await left(old)).toBe(0);
  expect(await fleetOf("zeb")).toMatchObject({ totals: { live: TARGET, producing: TARGET } });
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(TARGET + 1);
  expect(await countWrites()).toMatchObject({ rents: 2 * TARGET });
  expect(printed().join("\n")).toContain("is done: all 6 boxes match the spec");
  await pass(2 * MINUTE);
  expect(await countWrites()).toMatchObject({ rents: 2 * TARGET });
});

it("touches nothing without the order", async () => {
  const old = await aRunningFleet();
  await patchFleet("zeb", { gitRef: "v2" });
  await pass(2 * MINUTE);
  expect(await left(old)).toBe(TARGET);
});

it("plans it in a dry run, and stores nothing", async () => {
  const old = await aRunningFleet();
  const { body } = await door<DryPutAnswer>("PATCH", "/api/fleets/zeb?dryRun=true", { gitRef: "v2", rollOut: true });
  expect(body.plan.actions.filter(({ kind }) => kind === "destroy")).toHaveLength(BATCH);
  await pass(MINUTE);
  expect([await left(old), (await fleetOf("zeb")).rollOut]).toEqual([TARGET, null]);
});

it("destroys nothing while the market offers nothing, says why, and goes on when it does", async () => {
  const old = await aRunningFleet();
  await pass(MINUTE);
  await fault("search-empty");
  await patchFleet("zeb", { gitRef: "v2", rollOut: true });
  await pass(MINUTE);
  expect(await left(old)).toBe(TARGET);
  expect((await fleetOf("zeb")).notes.join("\n")).toMatch(/roll-out of version \d+, 6 boxes left: .*no offers/);
  await clearFaults();
  await passUntil(async () => (await left(old)) < TARGET, { limitMs: 5 * MINUTE });
});

it("destroys nothing while rents are held: the new weights are not there", async () => {
  const old = await aRunningFleet();
  await patchFleet("zeb", { weightsName: "not-trained-yet", rollOut: true });
  await pass(2 * MINUTE);
  expect(await left(old)).toBe(TARGET);
  expect((await fleetOf("zeb")).notes.join("\n")).toMatch(/roll-out .*6 boxes left: waiting for weights/);
});

it("goes no further than its first batch where the new software does not run", async () => {
  const old = await aRunningFleet();
  await fault("image-broken");
  await patchFleet("zeb", { gitRef: "v2", rollOut: true });
  await pass(4 * MINUTE);
  expect(await left(old)).toBe(TARGET - BATCH);
});

it.each([
  ["a pause", () => door("POST", "/api/fleets/zeb/pause", {})],
  ["the next write without it", () => door("PATCH", "/api/fleets/zeb", { strikeLimit: 5 })],
  ["the word that it shall not be", () => door("PATCH", "/api/fleets/zeb", { rollOut: false })],
])("ends with %s", async (_words, end) => {
  const old = await aRunningFleet();
  await patchFleet("zeb", { gitRef: "v2", rollOut: true });
  await passUntil(async () => (await left(old)) < TARGET);
  await end();
  expect((await fleetOf("zeb")).rollOut).toBeNull();
  const count = await left(old);
  await pass(2 * MINUTE);
  expect(await left(old)).toBe(count);
  expect(printed().join("\n")).toContain("ended by admin");
});

it("is refused where the fleet replaces nothing", async () => {
  await aRunningFleet();
  await door("POST", "/api/fleets/zeb/pause", {});
  const refused = await door("PATCH", "/api/fleets/zeb", { gitRef: "v2", rollOut: true });
  expect(refused).toMatchObject({ status: 422, body: { code: "invalid-spec" } });
  expect((await fleetOf("zeb")).spec.gitRef).toBe("forge");
});
