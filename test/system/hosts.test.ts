import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hostsListBlocked } from "../../src/db/hosts.ts";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, fault, paidBoxes, slotOf, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, NOW, pass, passUntil, SECOND, tickEvery } from "../support/world.ts";

interface StrikeRow {
  readonly machine_id: number;
  readonly instance_id: number;
  readonly fault_class: string;
}

async function strikes(): Promise<readonly StrikeRow[]> {
  return (await env.DB.prepare("SELECT machine_id, instance_id, fault_class FROM strikes").all<StrikeRow>()).results;
}

/** All four produce and nothing is owed. */
async function isWhole(): Promise<boolean> {
  const { state, totals } = await fleetOf("zeb");
  return state === "steady" && totals.producing === 4;
}

it.each([
  ["loading", "stuck in BOOT"],
  ["launcher", "final error"],
  ["no-cuda", "final error"],
  ["cdi", "could not start"],
  ["no-container", "BOOT"],
] as const)("replaces a dud host (%s), and strikes it once", async (kind, reason) => {
  await beginWorld();
  await fault("next-rent-dud", { kind });
  await putFleet("zeb");
  const tookMs = await passUntil(isWhole);
  await pass(MINUTE);
  const ended = (await boxesEver("zeb")).filter(({ endedAtMs }) => endedAtMs !== null);
  expect(ended).toHaveLength(1);
  figure(`dud host (${kind}): the fleet is whole ${tookMs / SECOND} s after its birth`);

  const struck = await strikes();
  expect(struck.map(({ machine_id, instance_id }) => [machine_id, instance_id])).toEqual([
    [ended[0]?.machineId, ended[0]?.id],
  ]);
  expect(struck[0]?.fault_class).toBe("host");
  const told = await env.DB.prepare("SELECT message FROM events WHERE kind = 'destroy'").first<string>("message");
  expect(told).toContain(reason);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(5);
  expect((await hostsListBlocked(env.DB, { nowMs: Date.now(), strikeLimit: 3 })).blocked).toEqual([]);
});

it("strikes a machine once for one box, however long its destroy is refused", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  const { id, machineId } = await boxOfSlot("zeb", 1);
  await fault("destroy-500", { match: { instance: String(id) }, forMs: 2 * MINUTE });
  await fault("worker-error", {
    match: { instance: String(id) },
    value: { line: "RuntimeError: No CUDA GPUs are available", dies: true },
  });
  await pass(4 * MINUTE);
  expect((await strikes()).map(({ machine_id }) => machine_id)).toEqual([machineId]);
  expect((await fleetOf("zeb")).debts).toEqual([]);
});

it("blocks a machine at its third strike for every fleet", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  await patchFleet("zeb", { cadenceSeconds: { logPoll: 60 }, timeoutsSeconds: { stallMinimum: 600 } });
  const { id, machineId } = await boxOfSlot("zeb", 0);
  const earlier = env.DB.prepare(
    "INSERT INTO strikes (id, machine_id, at_ms, reason, fault_class, expires_at_ms) VALUES (?, ?, ?, 'stuck', 'host', ?)",
  );
  for (const name of ["a", "b"]) await earlier.bind(name, machineId, NOW, NOW + 30 * 86_400_000).run();
  expect((await hostsListBlocked(env.DB, { nowMs: Date.now(), strikeLimit: 3 })).blocked).toEqual([]);

  await fault("worker-error", {
    match: { instance: String(id) },
    value: { line: "RuntimeError: No CUDA GPUs are available", dies: true },
  });
  // The claim on the machine ends after ten minutes; from then on nothing but the strikes keeps it away.
  tickEvery(MINUTE);
  await pass(11 * MINUTE);
  tickEvery(10 * SECOND);
  expect((await hostsListBlocked(env.DB, { nowMs: Date.now(), strikeLimit: 3 })).blocked).toEqual([machineId]);
  expect((await boxesEver("zeb")).filter((box) => box.machineId === machineId)).toHaveLength(1);

  await putFleet("other", { target: 12, launchBatch: 12, proveFirst: false, maxPriceUsdPerHour: 0.5 });
  await pass(MINUTE);
  const machines = (await paidBoxes("other")).map((box) => box.machineId);
  expect(machines).toHaveLength(12);
  expect(machines).not.toContain(machineId);
});

it("takes a market half full of duds, slow and flaky hosts as it comes", async () => {
  await beginWorld({ hosts: { count: 80, dudShare: 0.3, slowShare: 0.1, crashShare: 0, flakyShare: 0 }, seed: 11 });
  await putFleet("zeb", { target: 6 });
  await pass(5 * MINUTE);
  const fleet = await fleetOf("zeb");
  expect(fleet.totals).toMatchObject({ live: 6, producing: 6 });
  expect((await paidBoxes("zeb")).map(slotOf)).toEqual([0, 1, 2, 3, 4, 5]);
  expect((await truth()).mostPaidAtOnce).toBeLessThanOrEqual(7);
});
