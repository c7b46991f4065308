import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hostsListBlocked } from "../../src/db/hosts.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { aStrike } from "../db/builders.ts";
import { askForCheck, door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
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

/** What the market offers now, whatever it thinks of the hosts. */
async function machinesOnOffer(): Promise<number[]> {
  interface Offers {
    readonly offers: readonly { readonly machineId: number }[];
    readonly refused: readonly { readonly machineId: number }[];
  }
  const { body } = await door<Offers>("GET", "/api/offers?fleet=zeb&limit=100");
  return [...new Set([...body.offers, ...body.refused].map(({ machineId }) => machineId))];
}

async function machinesOf(fleet: string): Promise<number[]> {
  return (await paidBoxes(fleet)).map(({ machineId }) => machineId);
}

/** A fleet that wants one box, in a market where every host is blocked by what `block` does to it. */
async function aBlockedMarket(block: (machineIds: readonly number[]) => Promise<unknown>): Promise<number[]> {
  await beginWorld({ hosts: { count: 12, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 } });
  await putFleet("zeb", { target: 0, maxPriceUsdPerHour: 5 });
  const machineIds = await machinesOnOffer();
  expect(machineIds.length).toBeGreaterThan(2);
  await block(machineIds);
  await patchFleet("zeb", { target: 1 });
  await pass(20 * SECOND);
  expect(await paidBoxes("zeb")).toEqual([]);
  return machineIds;
}

it("takes over the old list, blocks for every fleet, and rents again what a person pardons", async () => {
  const machineIds = await aBlockedMarket((ids) =>
    door("POST", "/api/hosts/import", { machineIds: ids.flatMap((id) => [id, id, id]) }),
  );
  await putFleet("other", { target: 1, maxPriceUsdPerHour: 5 });
  await pass(20 * SECOND);
  expect(await paidBoxes("other")).toEqual([]);

  const pardoned = machineIds[1] ?? 0;
  await door("DELETE", `/api/hosts/${pardoned}/block`);
  await patchFleet("other", { target: 2 });
  await pass(20 * SECOND);
  expect(await machinesOf("other")).toEqual([pardoned]);
  const told = await door<{ events: { kind: string; machineId: number }[] }>("GET", "/api/events?kind=host");
  expect(told.body.events.map(({ machineId }) => machineId)).toEqual([pardoned, null]);
});

it("leaves blocked machines out of the search, and refuses them on the rows where the market shows them all the same", async () => {
  const machineIds = await aBlockedMarket((ids) =>
    Promise.all(ids.map((id) => door("PUT", `/api/hosts/${id}/block`, { note: "noisy" }))),
  );
  const { notes: before } = await fleetOf("zeb");
  expect(before.join()).toContain("the market shows no");
  expect(before.join()).toContain(`${machineIds.length} blocked machines are left out`);

  await fault("search-unfiltered", { value: "machines" });
  // A search is shared for 30 s.
  await pass(40 * SECOND);
  await patchFleet("zeb", { strikeLimit: 4 });
  await pass(20 * SECOND);
  const { notes } = await fleetOf("zeb");
  expect(notes.join()).toContain(`${machineIds.length} blocked`);
  expect(notes.join()).toContain("pardon a host");
  expect(await paidBoxes("zeb")).toEqual([]);
});

it("rents a machine again from the instant at which its third last strike expires", async () => {
  const expiresAtMs = NOW + 5 * MINUTE;
  const strikesOf = (machineId: number) =>
    ["a", "b", "c"].map((id) => ({
      kind: "strike" as const,
      row: aStrike({ id: `${id}:${machineId}`, machineId, atMs: NOW, expiresAtMs: NOW + 30 * 86_400_000 }),
    }));
  let first = 0;
  await aBlockedMarket(async (machineIds) => {
    first = machineIds[0] ?? 0;
    await writeOutbox(env.DB, machineIds.slice(1).flatMap(strikesOf));
    const [a, ...others] = strikesOf(first);
    if (a === undefined) throw new Error("a machine has three strikes");
    await writeOutbox(env.DB, [{ ...a, row: { ...a.row, expiresAtMs } }, ...others]);
  });
  await pass(expiresAtMs - SECOND - Date.now());
  await patchFleet("zeb", { strikeExpiryDays: 31 });
  await askForCheck("zeb");
  expect(await paidBoxes("zeb")).toEqual([]);
  await pass(2 * SECOND);
  await patchFleet("zeb", { strikeExpiryDays: 30 });
  await askForCheck("zeb");
  await pass(SECOND);
  expect(await machinesOf("zeb")).toEqual([first]);
  expect((await door<{ strikes: number }>("GET", `/api/hosts/${first}`)).body.strikes).toBe(2);
});
