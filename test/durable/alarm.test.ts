import { runDurableObjectAlarm } from "cloudflare:test";
import { expect, it } from "vitest";
import { fleetOf, putFleet } from "../support/doors.ts";
import { countCalls, fault, LIST, REQUEST_LOGS } from "../support/market.ts";
import {
  alarmOf,
  beginWorld,
  cronTick,
  fireDue,
  fleetObject,
  inStorage,
  MINUTE,
  moveTo,
  pass,
  SECOND,
  silenceCron,
  realWait,
} from "../support/world.ts";

it("runs a CHECK itself once cron has been silent for two minutes", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(2 * MINUTE);
  silenceCron();
  const before = await fleetOf("zeb");
  expect(before.state).toBe("steady");

  await pass(100 * SECOND);
  expect((await fleetOf("zeb")).checks).toBe(before.checks);
  await pass(60 * SECOND);
  expect((await fleetOf("zeb")).checks).toBe(before.checks + 1);
});

it("reads the logs without cron", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  silenceCron();
  const before = await countCalls(REQUEST_LOGS);
  await pass(45 * SECOND);
  expect(await countCalls(REQUEST_LOGS)).toBeGreaterThanOrEqual(before + 2 * 4);
});

it("is armed again before its work begins", async () => {
  await beginWorld();
  await putFleet("zeb");
  await moveTo(Date.now() + 10);
  await fault("list-hangs", { value: 300 });
  const stub = fleetObject("zeb");
  const running = runDurableObjectAlarm(stub);
  while ((await countCalls(LIST)) === 0) await realWait(5);

  const armedAtMs = await alarmOf(stub);
  expect(armedAtMs).toBeGreaterThan(Date.now());
  expect(armedAtMs).toBeLessThanOrEqual(Date.now() + MINUTE);
  await running;
});

it("is armed again after a step that throws, and the next CHECK succeeds", async () => {
  await beginWorld();
  await putFleet("zeb");
  await moveTo(Date.now() + 10);
  const stub = fleetObject("zeb");
  await inStorage(stub, ({ sql }) => void sql.exec("ALTER TABLE workers RENAME TO hidden"));

  expect(await fireDue(stub)).toBe(true);
  expect(await countCalls(LIST)).toBe(1);
  expect(await alarmOf(stub)).toBeGreaterThan(Date.now());

  await inStorage(stub, ({ sql }) => void sql.exec("ALTER TABLE hidden RENAME TO workers"));
  await pass(2 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "steady", totals: { live: 4, producing: 4 } });
});

it("is put back by a cron tick where it was lost", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const stub = fleetObject("zeb");
  await inStorage(stub, (storage) => storage.deleteAlarm());
  await moveTo(Date.now() + SECOND);

  await cronTick();
  expect(await alarmOf(stub)).toBeGreaterThan(Date.now());
});
