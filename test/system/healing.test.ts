import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { FleetStore } from "../../src/durable/fleet-store.ts";
import { must } from "../support/builders.ts";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import {
  type Box,
  boxesEver,
  boxOfSlot,
  clearFaults,
  countCalls,
  countWrites,
  DESTROY,
  fault,
  paidBoxes,
  slotOf,
  truth,
} from "../support/market.ts";
import {
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
  SECOND,
  tickEvery,
} from "../support/world.ts";

async function isWhole(): Promise<boolean> {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.live === spec.target && totals.producing === spec.target;
}

async function aWholeFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", spec);
  await passUntil(isWhole);
}

/** Seconds from now until the market rents another box into this slot. */
async function untilReplaced(box: Box): Promise<number> {
  const sinceMs = Date.now();
  const findNew = async (): Promise<Box | undefined> =>
    (await paidBoxes("zeb")).find(({ id, label }) => label === box.label && id !== box.id);
  await passUntil(async () => (await findNew()) !== undefined, { limitMs: 15 * MINUTE });
  return (must(await findNew()).rentedAtMs - sinceMs) / SECOND;
}

const SECONDS_AS_DEPLOYED = {
  cadenceSeconds: { ramp: 60, rampFor: 60, steady: 600, logPoll: 45, logPollSteady: 150 },
  timeoutsSeconds: {
    errorGrace: 300,
    setup: 600,
    boot: 600,
    wait: 900,
    stallMinimum: 600,
    intentSettle: 120,
    statusConfirm: 120,
  },
};

/** A fleet that looks every ten minutes and reads each log every 150 s, in the middle of such a pause. */
async function aSteadyFleet(market: Record<string, unknown> = {}): Promise<void> {
  await beginWorld(market);
  tickEvery(MINUTE);
  await putFleet("zeb", SECONDS_AS_DEPLOYED);
  await passUntil(isWhole, { limitMs: 15 * MINUTE });
  await pass(12 * MINUTE + 17 * SECOND);
  expect((await fleetOf("zeb")).state).toBe("steady");
}

// With the seconds as deployed: cron each minute, a steady fleet that looks every ten, logs read every 150 s.
it.each([
  ["box-vanish", {}, 90],
  ["box-exited", {}, 90],
  ["host-crash", {}, 600],
  ["worker-error", { value: { line: "RuntimeError: No CUDA GPUs are available", dies: true } }, 180],
  ["box-offline", {}, 330],
] as const)("orders the replacement of a box in time: %s %o within %i s", async (name, how, limitSeconds) => {
  await aSteadyFleet();
  const box = await boxOfSlot("zeb", 0);
  await fault(name, { match: { instance: String(box.id) }, ...how });
  const seconds = await untilReplaced(box);
  figure(`${name}: replacement ordered after ${seconds.toFixed(0)} s`);
  expect(seconds).toBeLessThanOrEqual(limitSeconds);
  await passUntil(isWhole, { limitMs: 15 * MINUTE });
  const { mostPaidAtOnce } = await truth();
  expect(mostPaidAtOnce).toBeLessThanOrEqual(5);
});

/** Until a batch is there that the keeper has not read, and the next sweep comes before the next log. */
async function untilBatchUnread(slot: number): Promise<void> {
  const { id } = await boxOfSlot("zeb", slot);
  await passUntil(
    async () => {
      const [box, worker] = [await boxOfSlot("zeb", slot), (await fleetOf("zeb")).workers[slot]];
      const polledAtMs = await inStorage(
        fleetObject("zeb"),
        (storage) => new FleetStore(storage).polls().get(id) ?? Number.NaN,
      );
      return box.batches > Number(worker?.batch) && Date.now() - polledAtMs < 65 * SECOND;
    },
    { limitMs: 20 * MINUTE },
  );
}

// A batch that was finished before the box stopped and is read after it looks like newer progress for a while.
it("replaces an exited box that has played on since its log was last read, without a strike", async () => {
  await aSteadyFleet({ speed: 1, hosts: { count: 60, dudShare: 0, slowShare: 1, crashShare: 0, flakyShare: 0 } });
  await untilBatchUnread(2);
  const box = await boxOfSlot("zeb", 2);
  await fault("box-exited", { match: { instance: String(box.id) } });
  const seconds = await untilReplaced(box);
  figure(`box-exited after a batch that was not read: replacement ordered after ${seconds.toFixed(0)} s`);
  expect(seconds).toBeLessThanOrEqual(90);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n")).toBe(0);
});

// At the speed of a real market: eight moments of the sweep, of the batch and of the log poll.
it(
  "orders the replacement of an exited box within 90 s, whatever moment the stop falls on",
  { timeout: 300_000 },
  async () => {
    await aSteadyFleet({ speed: 1 });
    const seconds: number[] = [];
    for (let exit = 0; exit < 8; exit++) {
      await pass((150 + exit * 37) * SECOND);
      const box = await boxOfSlot("zeb", exit % 4);
      await fault("box-exited", { match: { instance: String(box.id) } });
      seconds.push(await untilReplaced(box));
      await passUntil(isWhole, { limitMs: 20 * MINUTE, stepMs: 30 * SECOND });
    }
    const sorted = seconds.map((each) => Math.round(each)).toSorted((a, b) => a - b);
    figure(`box-exited, eight times: replacement ordered after ${sorted.join(", ")} s`);
    expect(sorted.at(-1)).toBeLessThanOrEqual(90);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n")).toBe(0);
  },
);

it("leaves a box alone for as long as it plays on, though one word of the market calls it exited", async () => {
  await aSteadyFleet({ speed: 1 });
  const { id } = await boxOfSlot("zeb", 1);
  await untilBatchUnread(1);
  const writes = await countWrites();
  await fault("box-status", { match: { instance: String(id) }, value: { actualStatus: "exited" } });
  await pass(15 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  const fleet = await fleetOf("zeb");
  expect(fleet.workers[1]).toMatchObject({ instanceId: id, status: "exited", verdict: "producing" });
  expect(fleet.notes.join("\n")).toMatch(/worker 1: called exited, but its log has shown batch \d+ since/);
});

it("leaves a box alone that is called exited while its log goes on", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 1);
  const writes = await countWrites();
  await fault("box-status", { match: { instance: String(id) }, value: { actualStatus: "exited" } });
  await pass(3 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  const worker = (await fleetOf("zeb")).workers[1];
  expect(worker).toMatchObject({ instanceId: id, status: "exited", verdict: "producing" });
});

it("replaces a worker whose log has stopped, within four of its own batches", async () => {
  await aWholeFleet();
  // Until two of its batches have been timed it is believed by its own words, and this market plays faster than it says.
  await pass(30 * SECOND);
  const box = await boxOfSlot("zeb", 3);
  await fault("box-frozen-log", { match: { instance: String(box.id) } });
  const seconds = await untilReplaced(box);
  figure(`a worker that stopped silently: replaced after ${seconds} s (stallMinimum 40 s)`);
  expect(seconds).toBeLessThanOrEqual(40 + 30);
});

it("replaces all of a fleet that dies at once, and never pays for more than one too many", async () => {
  await aWholeFleet({ target: 8, proveFirst: false, launchBatch: 8 });
  await fault("box-exited", { match: { label: "zeb-worker-vast-*" } });
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  expect(await paidBoxes("zeb")).toHaveLength(8);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(9);
});

it.each(["destroy-500", "destroy-stays"])("pays a debt at each CHECK for as long as it takes: %s", async (name) => {
  await aWholeFleet();
  const lost = await Promise.all([boxOfSlot("zeb", 0), boxOfSlot("zeb", 1), boxOfSlot("zeb", 2)]);
  await fault(name);
  for (const { id } of lost) await fault("host-crash", { match: { instance: String(id) } });
  await pass(4 * MINUTE);
  const stuck = await fleetOf("zeb");
  expect(new Set(stuck.debts.map(({ instanceId }) => instanceId))).toEqual(new Set(lost.map(({ id }) => id)));
  expect(await countCalls(DESTROY)).toBeGreaterThan(3 * 10);
  // One live box and three debts leave room for one rent below target + 1.
  expect(await paidBoxes("zeb")).toHaveLength(5);
  expect((await truth()).mostPaidAtOnce).toBe(5);

  await clearFaults();
  await passUntil(isWhole);
  expect((await paidBoxes("zeb")).map(slotOf)).toEqual([0, 1, 2, 3]);
  expect((await truth()).mostPaidAtOnce).toBe(5);
  const { destroys } = await countWrites();
  await pass(MINUTE);
  expect((await countWrites()).destroys).toBe(destroys);
  expect((await fleetOf("zeb")).debts).toEqual([]);
});

it("destroys a box again that comes back after it was proven gone", async () => {
  await aWholeFleet();
  await patchFleet("zeb", { target: 3 });
  await pass(2 * MINUTE);
  const [ended] = (await boxesEver("zeb")).filter(({ endedAtMs }) => endedAtMs !== null);
  expect((await fleetOf("zeb")).debts).toEqual([]);
  await fault("box-comes-back", { match: { instance: String(ended?.id) } });
  expect(await paidBoxes("zeb")).toHaveLength(4);
  const ranMs = await passUntil(async () => (await paidBoxes("zeb")).length === 3, { limitMs: 5 * MINUTE });
  figure(`a box that came back is destroyed again after ${ranMs / SECOND} s`);
  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", debts: [], totals: { live: 3 } });
});
