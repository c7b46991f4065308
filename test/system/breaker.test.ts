// What is broken for all machines alike costs cents and bans nobody; what is broken on one machine is replaced.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hostsListBlocked } from "../../src/db/hosts.ts";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, clearFaults, countWrites, fault, paidBoxes, steer, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, SECOND, tickEvery } from "../support/world.ts";

/** The seconds of design §6, against a market that is ten times as fast as a real one. */
const AS_DEPLOYED = {
  maxPriceUsdPerHour: 0.1,
  cadenceSeconds: { ramp: 60, rampFor: 1800, steady: 600, logPoll: 45, logPollSteady: 150 },
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

async function isOpen(): Promise<boolean> {
  return (await fleetOf("zeb")).state === "breaker-open";
}

async function blockedHosts(): Promise<readonly number[]> {
  return (await hostsListBlocked(env.DB, { nowMs: Date.now(), strikeLimit: 1 })).blocked;
}

async function spentUsd(): Promise<number> {
  return ((await truth()) as unknown as { billedUsd: number }).billedUsd;
}

it.each([
  ["image-broken", "manifest unknown"],
  ["code-broken", "No module named"],
  ["weights-mismatch", "size mismatch"],
])(
  "%s for all, target 12: at most 4 rents and $0.05 before the breaker, no host blocked, and it says why",
  async (name, why) => {
    await beginWorld({ speed: 10 });
    tickEvery(MINUTE);
    await fault(name);
    await putFleet("zeb", { ...AS_DEPLOYED, target: 12 });
    const tookMs = await passUntil(isOpen, { limitMs: 30 * MINUTE });
    const { rents } = await countWrites();
    figure(`${name}, target 12: ${rents} rents, $${(await spentUsd()).toFixed(4)}, breaker after ${tookMs / SECOND} s`);
    expect(rents).toBeLessThanOrEqual(4);
    const fleet = await fleetOf("zeb");
    expect(fleet.notes.join()).toContain(why);
    expect(fleet.breaker?.reason).toMatch(/^[2-4] machines, same error: /);

    // An hour on: canaries after 5, 10, 20 and 40 minutes more, nothing else.
    await pass(60 * MINUTE);
    expect((await countWrites()).rents).toBeLessThanOrEqual(4 + 4);
    expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(4);
    expect(await spentUsd()).toBeLessThanOrEqual(0.05);
    expect(await blockedHosts()).toEqual([]);

    await clearFaults();
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 12, { limitMs: 90 * MINUTE });
    expect((await fleetOf("zeb")).breaker).toBeNull();
  },
);

it("a broken push with ten old workers still producing: the old ones stay, two new ones tell", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 10, maxPriceUsdPerHour: 0.5 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 10, { limitMs: 10 * MINUTE });
  await pass(MINUTE);
  const before = await countWrites();
  await fault("code-broken");
  await patchFleet("zeb", { target: 12 });
  await passUntil(isOpen, { limitMs: 10 * MINUTE });
  const after = await countWrites();
  expect(after.rents - before.rents).toBeLessThanOrEqual(3);
  expect((await fleetOf("zeb")).totals.producing).toBe(10);
  await pass(3 * MINUTE);
  expect((await fleetOf("zeb")).totals.producing).toBe(10);
  expect(await blockedHosts()).toEqual([]);

  await clearFaults();
  expect((await door("POST", "/api/fleets/zeb/breaker/close")).status).toBe(200);
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 12, { limitMs: 5 * MINUTE });
  const told = await env.DB.prepare("SELECT message FROM events WHERE kind = 'breaker' ORDER BY at_ms").all<{
    message: string;
  }>();
  expect(told.results.map(({ message }) => message.slice(0, 22))).toEqual([
    "BREAKER OPEN: 2 machin",
    "BREAKER CLOSED by admi",
  ]);
});

it("one dud in a fleet of one is struck and replaced; three in a row open the breaker and are forgiven", async () => {
  await beginWorld();
  await fault("next-rent-dud", { kind: "loading" });
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 1, { limitMs: 10 * MINUTE });
  expect(await boxesEver("zeb")).toHaveLength(2);
  expect(await blockedHosts()).toHaveLength(1);

  await fault("next-rent-dud", { kind: "loading", times: 3 });
  await fault("box-vanish", { match: { instance: String((await boxOfSlot("zeb", 0)).id) } });
  await passUntil(isOpen, { limitMs: 15 * MINUTE });
  await pass(30 * SECOND);
  expect(await blockedHosts()).toEqual([]);
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 1, { limitMs: 20 * MINUTE });
  expect(await paidBoxes("zeb")).toHaveLength(1);
});

it("a Hub that is down for everybody costs no box and no rent", async () => {
  await beginWorld();
  await steer("/sim/hub/weights", { name: "zeb-557k-1m" });
  await putFleet("zeb", { target: 4, maxPriceUsdPerHour: 0.5 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 4, { limitMs: 10 * MINUTE });
  await fault("hub-down");
  const before = await countWrites();
  await pass(20 * MINUTE);
  const during = await countWrites();
  figure(`Hub down for 20 min, 4 workers: ${during.rents - before.rents} rents`);
  expect(during).toEqual(before);
  await clearFaults();
  await pass(5 * MINUTE);
  expect((await fleetOf("zeb")).totals.producing).toBe(4);
});
