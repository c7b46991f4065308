import { expect, it } from "vitest";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { clearFaults, countCalls, countWrites, fault, paidBoxes, RENT, steer, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passFlowing, passUntil, SECOND, tickEvery } from "../support/world.ts";

async function stateOf(fleet: string): Promise<string> {
  return (await fleetOf(fleet)).state;
}

it("waits for credit without a kill, both fleets of the account, and goes on when there is money", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 2 });
  await putFleet("zeb-large", { target: 1, preset: "zeb-large" });
  await pass(MINUTE);
  expect([await stateOf("zeb"), await stateOf("zeb-large")]).toEqual(["steady", "steady"]);
  const before = await countWrites();

  await steer("/sim/credit", { usd: 0 });
  await patchFleet("zeb", { target: 4 });
  await pass(20 * SECOND);
  await patchFleet("zeb-large", { target: 2 });
  await pass(3 * MINUTE);
  expect([await stateOf("zeb"), await stateOf("zeb-large")]).toEqual(["credit-wait", "credit-wait"]);
  const during = await countWrites();
  expect(during.destroys).toBe(before.destroys);
  // The refusal that told it, those of the same launch, and nothing while the probes read a credit of zero.
  expect(during.rents - before.rents).toBeLessThanOrEqual(2);
  expect(await paidBoxes("zeb")).toHaveLength(2);

  await steer("/sim/credit", { usd: 25 });
  await pass(4 * MINUTE);
  expect([await stateOf("zeb"), await stateOf("zeb-large")]).toEqual(["steady", "steady"]);
  expect([(await paidBoxes("zeb")).length, (await paidBoxes("zeb-large")).length]).toEqual([4, 2]);
});

it("probes a refusal for credit once per interval over all fleets", async () => {
  await beginWorld();
  await fault("create-no-credit");
  await putFleet("zeb");
  await putFleet("zeb-large", { preset: "zeb-large" });
  await pass(MINUTE);
  const before = await countCalls(RENT);
  await pass(5 * MINUTE);
  const probes = (await countCalls(RENT)) - before;
  figure(`rents tried in 5 min of refused credit, probe interval 30 s, two fleets: ${probes}`);
  expect(probes).toBeLessThanOrEqual(11);
  expect(await stateOf("zeb")).toBe("credit-wait");
  await clearFaults();
  await pass(3 * MINUTE);
  expect([(await paidBoxes("zeb")).length, (await paidBoxes("zeb-large")).length]).toEqual([4, 4]);
});

it("ends a fleet that is told to while it waits for credit", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 2 });
  await pass(MINUTE);
  await fault("create-no-credit");
  await patchFleet("zeb", { target: 3 });
  await pass(MINUTE);
  expect(await stateOf("zeb")).toBe("credit-wait");
  await patchFleet("zeb", { target: 0, force: true });
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toEqual([]);
});

// The clock flows forty times as fast as the machine's, so a few milliseconds of a busy one are a refusal here: what a ramp
// asks for at most is held by test/simulation/ramp.test.ts.
it("ramps to 12 at the market's documented rate limits, each slot rented once, in a fourth of the script's 144 calls", async () => {
  await beginWorld({ rateLimits: true, speed: 1 });
  tickEvery(MINUTE);
  const cadenceSeconds = { ramp: 60, rampFor: 1800, steady: 600, logPoll: 45, logPollSteady: 150 };
  const timeoutsSeconds = { boot: 600, setup: 600, wait: 900, stallMinimum: 600, intentSettle: 120 };
  await putFleet("zeb", { target: 12, proveFirst: false, maxPriceUsdPerHour: 0.5, cadenceSeconds, timeoutsSeconds });
  const beganAtMs = Date.now();
  while ((await paidBoxes("zeb")).length < 12) await passFlowing(2 * SECOND, 40);
  const rented = await callsWithoutLogs();
  const rentedMs = Date.now() - beganAtMs;
  const wholeMs = await passUntil(async () => (await fleetOf("zeb")).totals.producing === 12, { limitMs: 15 * MINUTE });
  const whole = await callsWithoutLogs();
  figure(`ramp to 12: all rented after ${Math.round(rentedMs / SECOND)} s, ${rented.total} calls without logs`);
  figure(`  of these ${rented.refused} refused by rate: ${rented.text}`);
  figure(`  all produce after ${Math.round((rentedMs + wholeMs) / SECOND)} s, ${whole.total} calls: ${whole.text}`);
  expect(await paidBoxes("zeb")).toHaveLength(12);
  expect((await truth()).mostPaidAtOnce).toBe(12);
  expect(rented.total).toBeLessThanOrEqual(144 / 4);
});

async function callsWithoutLogs(): Promise<{ total: number; refused: number; text: string }> {
  const { calls } = await truth();
  const vast = Object.entries(calls).filter(
    ([route]) => /\/api\/v[01]\//.test(route) && !route.includes("request_logs"),
  );
  return {
    total: vast.reduce((sum, [, { total }]) => sum + total, 0),
    refused: vast.reduce((sum, [, { byStatus }]) => sum + (byStatus["429"] ?? 0), 0),
    text: vast.map(([route, { total }]) => `${total} × ${route}`).join(", "),
  };
}
