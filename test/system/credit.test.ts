// No credit: the market stops every box of the account. The keeper waits, kills nothing, and goes on when there is money.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { accountStub } from "../../src/durable/stubs.ts";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import {
  clearFaults,
  countCalls,
  countWrites,
  fault,
  paidBoxes,
  RENT,
  startDirectly,
  steer,
  truth,
} from "../support/market.ts";
import { beginWorld, MINUTE, pass, passUntil, printed, SECOND, tickEvery } from "../support/world.ts";

async function states(): Promise<readonly string[]> {
  return [(await fleetOf("zeb")).state, (await fleetOf("zeb-large")).state];
}

async function idsOf(fleet: string): Promise<readonly number[]> {
  return (await paidBoxes(fleet)).map(({ id }) => id);
}

async function twoFleets(market: Record<string, unknown> = {}): Promise<void> {
  await beginWorld(market);
  await putFleet("zeb", { target: 3 });
  await putFleet("zeb-large", { target: 2, preset: "zeb-large" });
  await passUntil(async () => (await states()).every((state) => state === "steady"));
}

const strikes = (): number => printed().filter((line) => /: (STRIKE|BLACKLIST):/.test(line)).length;

it("kills none of the boxes that a market without credit has stopped, in any fleet, and goes on with them when there is money", async () => {
  await twoFleets();
  const before = await countWrites();
  const ids = [await idsOf("zeb"), await idsOf("zeb-large")];

  await steer("/sim/credit", { usd: 0 });
  expect((await truth()).boxes.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => "exited"));
  await pass(5 * MINUTE);
  expect(await states()).toEqual(["credit-wait", "credit-wait"]);
  expect((await fleetOf("zeb")).notes).toContainEqual(
    expect.stringMatching(/^waiting for credit \(\$0\.00 left, .* h at/),
  );
  expect(await countWrites()).toEqual(before);

  await steer("/sim/credit", { usd: 25 });
  for (const id of ids.flat()) await startDirectly(id);
  await passUntil(async () => (await states()).every((state) => state === "steady"), { limitMs: 3 * MINUTE });
  await pass(2 * MINUTE);
  expect([await idsOf("zeb"), await idsOf("zeb-large")]).toEqual(ids);
  expect(await countWrites()).toEqual(before);
  expect(strikes()).toBe(0);
});

it("replaces boxes that stay stopped when there is money again, without blame", async () => {
  await twoFleets();
  const ids = await idsOf("zeb");
  await steer("/sim/credit", { usd: 0 });
  await pass(2 * MINUTE);
  expect(await states()).toEqual(["credit-wait", "credit-wait"]);
  await steer("/sim/credit", { usd: 25 });
  await passUntil(async () => (await states()).every((state) => state === "steady"), { limitMs: 8 * MINUTE });
  const now = await idsOf("zeb");
  expect(now).toHaveLength(3);
  expect(now.filter((id) => ids.includes(id))).toEqual([]);
  expect(strikes()).toBe(0);
});

it("ends a fleet that is told to while the market has stopped everything, and pays its debts, and touches no other", async () => {
  await twoFleets();
  const kept = await idsOf("zeb-large");
  await steer("/sim/credit", { usd: 0 });
  await pass(MINUTE);
  await fault("destroy-stays", { times: 2 });
  await patchFleet("zeb", { target: 0, force: true });
  await pass(2 * MINUTE);
  expect(await idsOf("zeb")).toEqual([]);
  expect((await fleetOf("zeb")).debts).toEqual([]);
  expect(await idsOf("zeb-large")).toEqual(kept);
  expect((await fleetOf("zeb-large")).state).toBe("credit-wait");
});

it("one stopped box is reason enough to ask for the credit: a fleet of one loses it not", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
  const ids = await idsOf("zeb");
  await steer("/sim/credit", { usd: 0 });
  await pass(3 * MINUTE);
  expect([await idsOf("zeb"), (await fleetOf("zeb")).state]).toEqual([ids, "credit-wait"]);
});

it("waits below half an hour of burn though nothing was refused or stopped, and goes on above it", async () => {
  await twoFleets();
  const { usdPerHour } = await accountStub(env).credit();
  expect(usdPerHour).toBeGreaterThan(0.2);
  const before = await countCalls(RENT);
  await steer("/sim/credit", { usd: 0.49 * usdPerHour });
  // The credit is read every quarter of an hour while it seems enough.
  await passUntil(async () => (await states()).every((state) => state === "credit-wait"), { limitMs: 17 * MINUTE });
  await patchFleet("zeb", { target: 6 });
  await pass(2 * MINUTE);
  expect(await countCalls(RENT)).toBe(before);
  expect((await truth()).boxes.filter(({ endedAtMs }) => endedAtMs !== null)).toEqual([]);

  await steer("/sim/credit", { usd: 5 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 6, { limitMs: 5 * MINUTE });
  expect((await states())[1]).toBe("steady");
});

it("leaves the market alone for an hour after it was told to spend more slowly", async () => {
  await beginWorld();
  tickEvery(MINUTE);
  await fault("create-spend-limit");
  await putFleet("zeb", { target: 2 });
  await pass(MINUTE);
  const tried = await countCalls(RENT);
  expect([tried > 0, (await fleetOf("zeb")).state]).toEqual([true, "credit-wait"]);
  await pass(57 * MINUTE);
  expect(await countCalls(RENT)).toBe(tried);
  await clearFaults();
  await passUntil(async () => (await idsOf("zeb")).length === 2, { limitMs: 5 * MINUTE, stepMs: 30 * SECOND });
});
