// Faults of the market's API that no other file has by name: docs/faults.md has all of them. Each compares what the
// keeper believes with what the market bills.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { must } from "../support/builders.ts";
import {
  boxesEver,
  boxOfSlot,
  clearFaults,
  countWrites,
  DESTROY,
  countCalls,
  fault,
  LIST,
  paidBoxes,
  RENT,
  rentDirectly,
  truth,
} from "../support/market.ts";
import { beginWorld, MINUTE, pass, passFlowing, passUntil, SECOND } from "../support/world.ts";

const isWhole = async (): Promise<boolean> => {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.producing === spec.target;
};

async function aWholeFleet(spec: Record<string, unknown> = {}, market: Record<string, unknown> = {}): Promise<void> {
  await beginWorld(market);
  await putFleet("zeb", spec);
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
}

/** What the fleet shows is what the market bills for it, box by box. */
async function expectTruth(): Promise<void> {
  const shown = (await fleetOf("zeb")).workers.map(({ instanceId }) => instanceId);
  expect(new Set(shown)).toEqual(new Set((await paidBoxes("zeb")).map(({ id }) => id)));
}

const strikes = (): Promise<unknown> => env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n");

/** A list of four pages: the fleet's four boxes and 76 of nobody. */
async function aLongList(): Promise<void> {
  await aWholeFleet(
    {},
    { hosts: { count: 400, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 }, credit: 500 },
  );
  for (let number = 0; number < 76; number++) await rentDirectly(`other-${number}`, {});
  await pass(MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4 } });
}

it("does nothing while page 2 of 4 of the list fails, and goes on when it is whole", async () => {
  await aLongList();
  const writes = await countWrites();
  await fault("list-page-fails", { value: 2 });
  await patchFleet("zeb", { target: 6 });
  await pass(3 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(await fleetOf("zeb")).toMatchObject({ state: "blind", totals: { live: 4 } });
  expect((await fleetOf("zeb")).notes.join()).toContain("page 2 of the instance list");
  await clearFaults();
  await passUntil(isWhole);
  expect(await paidBoxes("zeb")).toHaveLength(6);
});

it("reads the list again where a row has moved between two pages, and takes no box for gone", async () => {
  await aLongList();
  const { rents, destroys } = await countWrites();
  const [calls, boxes] = [await countCalls(LIST), await paidBoxes("zeb")];
  await fault("list-moves", { value: "other-", times: 3 });
  await pass(3 * MINUTE);
  expect((await truth()).boxes.filter(({ endedBy }) => endedBy === "vanish")).toHaveLength(3);
  expect(await countCalls(LIST)).toBeGreaterThan(calls + 4);
  expect(await countWrites()).toEqual({ rents, destroys });
  expect(await paidBoxes("zeb")).toEqual(
    (await paidBoxes("zeb")).filter(({ id }) => boxes.some((box) => box.id === id)),
  );
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4 } });
});

it("takes a box without a status for one on its way, and a worker that plays under none for a worker", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 1);
  const writes = await countWrites();
  await fault("box-status", { match: { instance: String(id) }, value: { actualStatus: null } });
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect((await fleetOf("zeb")).workers[1]).toMatchObject({ instanceId: id, verdict: "producing" });
  await expectTruth();
});

// The four bodies of a 429 are told apart in test/vast/errors.test.ts; this one is plain text without a threshold.
it("waits out a 429 in plain text on creates, and rents each slot once", async () => {
  await beginWorld();
  await fault("create-429", { value: 0, times: 3 });
  await putFleet("zeb");
  while (!(await isWhole())) await passFlowing(10 * SECOND, 60);
  expect(await boxesEver("zeb")).toHaveLength(4);
  expect(await countCalls(RENT)).toBe(4 + 3);
  await expectTruth();
});

it.each([400, 500])("adopts the box that an error at %i names, and rents no second one", async (status) => {
  await beginWorld();
  await fault("create-error-with-contract", { value: status, times: 2 });
  await putFleet("zeb");
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  expect(await boxesEver("zeb")).toHaveLength(4);
  expect(await countCalls(RENT)).toBe(4);
  await expectTruth();
});

it("goes on to the next offer where one is gone, in each of its three wordings, within one CHECK", async () => {
  await beginWorld();
  await fault("create-taken", { times: 3 });
  await putFleet("zeb");
  await pass(10 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  expect(await countCalls(RENT)).toBe(4 + 3);
  await passUntil(isWhole);
  expect((await truth()).mostPaidAtOnce).toBe(4);
});

it("replaces the box of an offer that was sold twice when it is gone, and strikes nobody", async () => {
  await beginWorld();
  await fault("offer-sold-twice", { times: 1 });
  await putFleet("zeb");
  await passUntil(isWhole);
  const sold = must((await boxesEver("zeb"))[0]);
  const other = await rentDirectly("somebody-else", {}, sold.offerId);
  expect((await boxesEver("zeb"))[0]).toMatchObject({ id: sold.id, endedBy: "vanish" });
  await passUntil(async () => (await boxesEver("zeb")).length === 5 && (await isWhole()), { limitMs: 10 * MINUTE });
  expect((await truth()).boxes.find(({ id }) => id === other)).toMatchObject({ endedAtMs: null });
  expect((await boxesEver("zeb")).filter(({ machineId }) => machineId === sold.machineId)).toHaveLength(1);
  expect(await strikes()).toBe(0);
  await expectTruth();
});

it("gives up a box that was made stopped, after its time to be measured, without a strike", async () => {
  await beginWorld();
  await fault("create-stopped", { times: 1 });
  await putFleet("zeb");
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  const stopped = (await boxesEver("zeb")).filter(({ endedBy }) => endedBy === "destroy");
  expect(stopped).toHaveLength(1);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  expect(await strikes()).toBe(0);
  await expectTruth();
});

it("takes a destroy of what is gone already for done", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 3);
  // Gone since the last list, which still shows it: the order of a person is carried out on that list.
  await fault("box-vanish", { match: { instance: String(id) } });
  expect((await door("POST", "/api/fleets/zeb/workers/3/replace")).status).toBe(202);
  expect((await truth()).calls[DESTROY]).toEqual({ total: 1, byStatus: { "404": 1 } });
  await passUntil(async () => (await fleetOf("zeb")).debts.length === 0 && (await isWhole()), { limitMs: 10 * MINUTE });
  expect((await truth()).calls[DESTROY]).toMatchObject({ total: 1 });
  expect((await boxOfSlot("zeb", 3)).id).not.toBe(id);
  expect(await strikes()).toBe(0);
  await expectTruth();
});

it("waits for a log that is 403 for nine seconds, and counts nothing against the worker", async () => {
  await beginWorld({ logDelayMs: 9000 });
  await putFleet("zeb");
  // The file comes while the keeper waits for it: both clocks flow.
  while (!(await isWhole())) await passFlowing(10 * SECOND, 30);
  const writes = await countWrites();
  await passFlowing(2 * MINUTE, 30);
  expect(await countWrites()).toEqual(writes);
  expect((await fleetOf("zeb")).workers.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 4 }, () => "producing"),
  );
});

it.each([
  ["log-cut", "producing"],
  ["log-ansi", "producing"],
  ["log-huge", "producing"],
  ["log-empty", "producing"],
] as const)("reads %s of all workers as what they are: nobody is replaced for it", async (name, verdict) => {
  await aWholeFleet();
  const writes = await countWrites();
  const batches = (await fleetOf("zeb")).workers.map(({ batch }) => Number(batch));
  // A log that is empty now and then; the others all the time.
  await fault(name, name === "log-empty" ? { times: 4 } : { value: 2_000_000 });
  await pass(3 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  const { workers } = await fleetOf("zeb");
  expect(workers.map((worker) => worker.verdict)).toEqual(workers.map(() => verdict));
  for (const [index, worker] of workers.entries()) expect(worker.batch).toBeGreaterThan(batches[index] ?? 0);
});

it("reads a log of ten megabytes within its memory and its time", async () => {
  await aWholeFleet({ target: 2 });
  const batches = (await fleetOf("zeb")).workers.map(({ batch }) => Number(batch));
  await fault("log-huge");
  await pass(MINUTE);
  for (const [index, worker] of (await fleetOf("zeb")).workers.entries())
    expect(worker.batch).toBeGreaterThan(batches[index] ?? 0);
});

it("rents and destroys nothing on logs that never come, for as long as they come for nobody", async () => {
  await aWholeFleet();
  const writes = await countWrites();
  await fault("log-never-ready");
  await pass(10 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect((await fleetOf("zeb")).workers.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 4 }, () => "unknown"),
  );
});

it("replaces the one worker whose log is empty for good as one that does not move, and strikes its host", async () => {
  await aWholeFleet();
  const { id, machineId } = await boxOfSlot("zeb", 2);
  const { destroys } = await countWrites();
  await fault("log-empty", { match: { instance: String(id) } });
  await passUntil(async () => (await boxOfSlot("zeb", 2)).id !== id && (await isWhole()), { limitMs: 30 * MINUTE });
  expect((await countWrites()).destroys).toBe(destroys + 1);
  const struck = await env.DB.prepare("SELECT machine_id AS machineId, reason FROM strikes").all();
  expect(struck.results).toEqual([
    { machineId, reason: expect.stringMatching(/no new batch|no progress|stalled|WAIT/i) },
  ]);
  await expectTruth();
});
