import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { tickFleets } from "../../src/cron/tick.ts";
import { fleetStub } from "../../src/durable/stubs.ts";
import { fleetOf, putFleet } from "../support/doors.ts";
import { countCalls, LIST } from "../support/market.ts";
import { accountObject, beginWorld, cronTick, inStorage, MINUTE, moveTo, NOW, pass, SECOND } from "../support/world.ts";

/** A fleet that has settled, and from here on looks every two minutes. Nothing but the test ticks it. */
async function aSettledFleet(): Promise<void> {
  await beginWorld();
  await putFleet("zeb", {
    target: 1,
    cadenceSeconds: { ramp: 60, rampFor: 1, steady: 120, logPoll: 10, logPollSteady: 600 },
  });
  await pass(3 * MINUTE);
}

it("makes a CHECK due by scheduled minutes, however late the ticks come", async () => {
  await aSettledFleet();
  const first = NOW + 10 * MINUTE;
  const answers: string[] = [];
  for (const [minute, lateSeconds] of [
    [0, 0],
    [1, 50],
    [2, 5],
    [3, 0],
    [4, 59],
  ] as const) {
    await moveTo(first + minute * MINUTE + lateSeconds * SECOND);
    answers.push(await fleetStub(env, "zeb").tick(first + minute * MINUTE));
  }
  expect(answers).toEqual(["checked", "not-due", "checked", "not-due", "checked"]);
});

it("makes one CHECK of a tick that is delivered twice", async () => {
  await aSettledFleet();
  const scheduledAtMs = NOW + 10 * MINUTE;
  await moveTo(scheduledAtMs + SECOND);
  const { checks } = await fleetOf("zeb");
  const sweeps = await countCalls(LIST);

  await Promise.all([cronTick(scheduledAtMs), cronTick(scheduledAtMs)]);
  await cronTick(scheduledAtMs);
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
  expect(await countCalls(LIST)).toBe(sweeps + 1);
});

it("takes a late tick for the ones that were missed, and lets an older one pass", async () => {
  await aSettledFleet();
  await moveTo(NOW + 20 * MINUTE);
  const { checks } = await fleetOf("zeb");
  const fleet = fleetStub(env, "zeb");
  expect(await fleet.tick(NOW + 19 * MINUTE)).toBe("checked");
  expect(await fleet.tick(NOW + 15 * MINUTE)).toBe("already-ticked");
  expect(await fleet.tick(NOW + 20 * MINUTE)).toBe("not-due");
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
});

it("finds the fleets without D1", async () => {
  await aSettledFleet();
  await env.DB.exec("DROP TABLE fleets");
  await moveTo(NOW + 10 * MINUTE);
  const { checks } = await fleetOf("zeb");
  await cronTick();
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
});

it("finds the fleets without the account's object", async () => {
  await aSettledFleet();
  await moveTo(NOW + 10 * MINUTE);
  const { checks } = await fleetOf("zeb");
  await inStorage(accountObject(), ({ sql }) => void sql.exec("DELETE FROM fleets"));
  await cronTick();
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
});

it("ticks the fleets that the account knows while D1 hangs", async () => {
  await aSettledFleet();
  const { checks } = await fleetOf("zeb");
  await moveTo(NOW + 10 * MINUTE);
  const silentD1 = { prepare: () => ({ bind: () => ({ raw: () => new Promise(() => undefined) }) }) };
  await tickFleets({ ...env, DB: silentD1 as unknown as D1Database }, Date.now());
  expect((await fleetOf("zeb")).checks).toBe(checks + 1);
});
