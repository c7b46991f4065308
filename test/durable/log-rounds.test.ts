import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { fleetStub } from "../../src/durable/stubs.ts";
import type { LogReport } from "../../src/fleet/report.ts";
import { LogPoller } from "../../src/poller.ts";
import { someFacts } from "../support/builders.ts";
import { askForCheck, fleetOf, putFleet } from "../support/doors.ts";
import {
  boxOfSlot,
  clearFaults,
  countCalls,
  countWrites,
  fault,
  RENT,
  REQUEST_LOGS,
  truth,
} from "../support/market.ts";
import {
  accountObject,
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  moveTo,
  pass,
  SECOND,
  silenceCron,
  realWait,
} from "../support/world.ts";

async function batches(): Promise<readonly (number | null)[]> {
  return (await fleetOf("zeb")).workers.map(({ batch }) => batch);
}

async function countStrikes(): Promise<number> {
  return (await env.DB.prepare("SELECT count(*) AS n FROM strikes").first<number>("n")) ?? -1;
}

it.each(["request", "file"] as const)(
  "measures the others while the log calls of one worker hang (%s), and blames nobody",
  async (value) => {
    await beginWorld();
    await putFleet("zeb", { timeoutsSeconds: { boot: 120, wait: 120 } });
    await pass(MINUTE);
    const { id } = await boxOfSlot("zeb", 2);
    const writes = await countWrites();
    await fault(value === "request" ? "api-hangs" : "log-hangs", {
      match: value === "request" ? { route: REQUEST_LOGS, instance: String(id) } : { instance: String(id) },
      value: 60,
    });
    const before = await batches();
    await pass(90 * SECOND);

    const after = await batches();
    expect(after.map((batch, slot) => Number(batch) > Number(before[slot]))).toEqual([true, true, false, true]);
    expect((await fleetOf("zeb")).workers[2]).toMatchObject({ instanceId: id, verdict: "unknown" });
    expect(await countWrites()).toEqual(writes);
    expect(await countStrikes()).toBe(0);

    await clearFaults();
    await pass(40 * SECOND);
    expect((await fleetOf("zeb")).workers[2]).toMatchObject({ instanceId: id, verdict: "producing" });
  },
);

it("replaces a box that alone cannot be measured for boot and wait together, and strikes nobody", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const { id } = await boxOfSlot("zeb", 2);
  await fault("log-never-ready", { match: { instance: String(id) } });
  await pass(2 * MINUTE);
  expect((await boxOfSlot("zeb", 2)).id).not.toBe(id);
  expect(await countWrites()).toEqual({ rents: 5, destroys: 1 });
  expect(await countStrikes()).toBe(0);
});

it("replaces nobody while no log at all can be read", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const writes = await countWrites();
  await fault("log-request-fails", { value: 500 });
  await pass(5 * MINUTE);
  expect(await countWrites()).toEqual(writes);
  expect(await countStrikes()).toBe(0);
});

it("replaces nobody for an outage of all logs; a box that stays away after it goes, boot and wait later", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const { id } = await boxOfSlot("zeb", 2);
  const writes = await countWrites();
  await fault("log-request-fails", { value: 500 });
  await pass(5 * MINUTE);
  await clearFaults();
  await fault("log-never-ready", { match: { instance: String(id) } });
  await pass(50 * SECOND);
  expect((await batches()).every((batch) => batch !== null)).toBe(true);
  expect(await countWrites()).toEqual(writes);
  await pass(90 * SECOND);
  expect((await boxOfSlot("zeb", 2)).id).not.toBe(id);
  expect(await countStrikes()).toBe(0);
}, 60_000);

it("replaces nobody whose log waits for its turn in the market's pace", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const writes = await countWrites();
  // One log in a minute is less than four workers need, and their silence is too long after a minute.
  const slow = { intervalMs: 60_000, nextAtMs: 0, isStated: true };
  await inStorage(accountObject(), ({ kv }) => kv.put("pace:request-logs", slow));
  await pass(8 * MINUTE);
  expect(await countWrites()).toEqual(writes);
});

it("loses no other worker to a log that kills the invocation which reads it", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 12, launchBatch: 12, proveFirst: false, maxPriceUsdPerHour: 0.5 });
  await pass(MINUTE);
  const ids = (await fleetOf("zeb")).workers.map(({ instanceId }) => instanceId);
  const deadly = Math.max(...ids);
  const read = Reflect.get(LogPoller.prototype, "readBatch") as LogPoller["readBatch"];
  const reading = vi.spyOn(LogPoller.prototype, "readBatch").mockImplementation(async function (
    this: LogPoller,
    batch,
  ) {
    if (batch.logs.some(({ instanceId }) => instanceId === deadly)) throw new Error("Worker exceeded CPU time limit.");
    return read.call(this, batch);
  });
  await pass(4 * MINUTE);
  reading.mockRestore();
  const left = new Set((await fleetOf("zeb")).workers.map(({ instanceId }) => instanceId));
  expect(ids.filter((id) => !left.has(id))).toEqual([deadly]);
}, 90_000);

it("does not make a CHECK wait for a log", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 12, launchBatch: 12, proveFirst: false, maxPriceUsdPerHour: 0.5 });
  await pass(MINUTE);
  for (const slot of [1, 5, 9]) await fault("log-hangs", { match: { slot: String(slot) }, value: 1200 });
  silenceCron();
  const stub = fleetObject("zeb");
  await moveTo(Date.now() + 21 * SECOND);
  await runDurableObjectAlarm(stub);
  while ((await truth()).inFlightMax.logs < 3) await realWait(5);

  await moveTo(Date.now() + 11 * SECOND);
  const { checks } = await fleetOf("zeb");
  const startedAt = performance.now();
  await askForCheck("zeb");
  const tookMs = performance.now() - startedAt;
  figure(`a CHECK of 12 workers while 3 log calls hang: ${tookMs.toFixed(0)} ms real time, API time included`);
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
  expect(await openRounds()).toBeGreaterThan(0);
  expect(tookMs).toBeLessThan(2000);
  while ((await openRounds()) > 0) await realWait(50);
});

function openRounds(): Promise<number> {
  return inStorage(fleetObject("zeb"), ({ kv }) => kv.get<readonly unknown[]>("rounds")?.length ?? 0);
}

it("drops the report of a round that is no longer open, and of a worker that the round did not ask for", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const fleet = fleetStub(env, "zeb");
  const { id } = await boxOfSlot("zeb", 0);
  const progress = { batch: 9999, step: 1, gamesPerSecond: 1, totalGames: 9999 };
  const report = (instanceId: number): LogReport => ({
    kind: "measured",
    instanceId,
    requestedAtMs: Date.now(),
    receivedAtMs: Date.now(),
    facts: someFacts({ progress }),
    lastLines: "",
    isStale: false,
  });
  const before = await batches();
  await fleet.recordReports(1, [report(id)]);
  expect(await batches()).toEqual(before);

  const open = { round: 5000, untilMs: Date.now() + 40_000, instanceIds: [id] };
  await inStorage(fleetObject("zeb"), ({ kv }) => kv.put("rounds", [open]));
  await fleet.recordReports(5000, [report((await boxOfSlot("zeb", 1)).id)]);
  expect(await batches()).toEqual(before);
  await fleet.recordReports(5000, [report(id)]);
  expect(await batches()).toEqual([9999, ...before.slice(1)]);
});

it("keeps at most five rents in flight, however many are wanted at once", async () => {
  await beginWorld();
  await fault("slow-api", { match: { route: RENT }, value: 60 });
  await putFleet("zeb", { target: 12, launchBatch: 12, proveFirst: false, maxPriceUsdPerHour: 0.5 });
  await moveTo(Date.now() + 10);
  await askForCheck("zeb");
  const { inFlightMax } = await truth();
  expect(await countCalls(RENT)).toBe(12);
  expect(inFlightMax.rents).toBe(5);
});
