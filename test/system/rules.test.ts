// Rules of a CHECK that need a whole world to be seen: prices, slots, GPU types, empty markets.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { must } from "../support/builders.ts";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, clearFaults, countWrites, fault, paidBoxes, slotOf, truth } from "../support/market.ts";
import { beginWorld, MINUTE, pass, passUntil, SECOND } from "../support/world.ts";

async function isWhole(): Promise<boolean> {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.producing === spec.target;
}

async function aWholeFleet(spec: Record<string, unknown> = {}): Promise<void> {
  await beginWorld();
  await putFleet("zeb", spec);
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
}

async function told(kind: string): Promise<readonly string[]> {
  const rows = env.DB.prepare("SELECT message FROM events WHERE kind = ? ORDER BY at_ms").bind(kind);
  return (await rows.all<{ message: string }>()).results.map(({ message }) => message);
}

it("replaces a producing box whose price has risen over the cap, and strikes nobody", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 2);
  await fault("price-rise", { match: { instance: String(id) }, value: { usdPerHour: 0.2006 } });
  await passUntil(async () => (await paidBoxes("zeb")).every((box) => box.id !== id));
  await passUntil(isWhole);
  expect((await told("destroy")).join()).toContain(
    `COST: worker 2 (instance ${id}) destroyed: $0.201/hr is over the cap`,
  );
  expect(await told("strike")).toEqual([]);
});

it("leaves a box alone whose price has risen to the cap, to three decimals", async () => {
  await aWholeFleet();
  const { id } = await boxOfSlot("zeb", 2);
  await fault("price-rise", { match: { instance: String(id) }, value: { usdPerHour: 0.2004 } });
  const before = await countWrites();
  await pass(2 * MINUTE);
  expect(await countWrites()).toEqual(before);
});

it("fills slot 1 again while 10 and 11 live", async () => {
  await aWholeFleet({ target: 12, maxPriceUsdPerHour: 0.5 });
  const { id } = await boxOfSlot("zeb", 1);
  await fault("box-vanish", { match: { instance: String(id) } });
  await passUntil(async () => (await paidBoxes("zeb")).length === 12, { limitMs: 5 * MINUTE });
  expect((await paidBoxes("zeb")).map(slotOf)).toEqual(Array.from({ length: 12 }, (_, slot) => slot));
});

it("leaves a GPU type out that ran out of memory with these weights, and strikes nobody", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1, maxPriceUsdPerHour: 0.5 });
  await fault("weights-too-big", { times: 1 });
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  const gpuOf = async (id: number): Promise<string> =>
    must(await env.DB.prepare("SELECT gpu FROM instances WHERE instance_id = ?").bind(id).first<string>("gpu"));
  const [first, second] = await boxesEver("zeb");
  expect(await gpuOf(must(second).id)).not.toBe(await gpuOf(must(first).id));
  expect(await told("strike")).toEqual([]);
});

it("says what to loosen while the market has nothing, asks ever more seldom, and goes on when there is something", async () => {
  await beginWorld();
  await fault("search-empty");
  await putFleet("zeb");
  await pass(5 * MINUTE);
  const fleet = await fleetOf("zeb");
  expect(fleet.state).toBe("no-offers");
  expect(fleet.notes.join()).toMatch(
    /no offers: the market shows no RTX 3060, .* raise maxPriceUsdPerHour or add GPU types/,
  );
  const searches = (await truth()).calls["POST /api/v0/bundles/"]?.total ?? 0;
  // Waits of 10, 20 and then 30 s (ramp to steady) in 300 s.
  expect(searches).toBeGreaterThan(5);
  expect(searches).toBeLessThanOrEqual(14);
  await clearFaults();
  await passUntil(isWhole);
});

it("counts a machine that was bad three times out, though each time it was another box", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1, strikeLimit: 3 });
  await passUntil(isWhole);
  const machine = (await boxOfSlot("zeb", 0)).machineId;
  const strike = env.DB.prepare(
    "INSERT INTO strikes (id, machine_id, at_ms, reason, fault_class, expires_at_ms) VALUES (?, ?, ?, 'stuck', 'host', ?)",
  );
  for (const id of ["zeb:1", "zeb:2"]) await strike.bind(id, machine, Date.now(), Date.now() + 30 * 86_400_000).run();
  await fault("worker-error", {
    match: { instance: String((await boxOfSlot("zeb", 0)).id) },
    value: { line: "RuntimeError: No CUDA GPUs are available", dies: true },
  });
  await passUntil(async () => (await told("blacklist")).length > 0);
  expect(await told("blacklist")).toEqual([
    `BLACKLIST: machine ${machine} is now blocked (3 strikes): final error: RuntimeError: No CUDA GPUs are available`,
  ]);
  // The claim on a machine ends after ten minutes; from then on nothing but the strikes keeps it away.
  await pass(11 * MINUTE);
  await patchFleet("zeb", { target: 6, maxPriceUsdPerHour: 0.5 });
  await passUntil(isWhole, { limitMs: 10 * MINUTE });
  expect((await paidBoxes("zeb")).map(({ machineId }) => machineId)).not.toContain(machine);
  await pass(30 * SECOND);
});
