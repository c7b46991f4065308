// D1 holds history and the blacklist. Without it a fleet is kept all the same: what it has to say waits in the outbox,
// and the blacklist is the one last read.

import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { hostsBlock } from "../../src/db/hosts.ts";
import { anEvent } from "../db/builders.ts";
import { fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxOfSlot, boxesEver, fault, paidBoxes } from "../support/market.ts";
import { beginWorld, fleetObject, inStorage, MINUTE, NOW, pass, passUntil, SECOND } from "../support/world.ts";

/** Takes the database away: every statement fails from here on. */
async function loseDatabase(): Promise<void> {
  const tables = await env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all<{ name: string }>();
  const ours = tables.results.filter(({ name }) => !/^(_cf|sqlite)_/.test(name));
  await env.DB.batch(ours.map(({ name }) => env.DB.prepare(`DROP TABLE "${name}"`)));
}

async function bringDatabaseBack(): Promise<void> {
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
}

async function rows<T>(sql: string): Promise<readonly T[]> {
  return (await env.DB.prepare(sql).all<T>()).results;
}

function waiting(): Promise<number> {
  return inStorage(fleetObject("zeb"), ({ sql }) => sql.exec("SELECT id FROM outbox").toArray().length);
}

it("keeps the fleet while D1 fails, and tells it everything once when it is back", async () => {
  await beginWorld();
  await putFleet("zeb");
  await pass(MINUTE);
  // What reports have added since goes with the next CHECK.
  await passUntil(async () => (await waiting()) === 0);
  const { checks: before } = await fleetOf("zeb");
  await loseDatabase();
  const victim = await boxOfSlot("zeb", 1);
  await fault("box-vanish", { match: { instance: String(victim.id) } });

  await pass(2 * MINUTE);
  const { checks, state } = await fleetOf("zeb");
  expect(checks).toBeGreaterThan(before + 5);
  expect(state).toBe("steady");
  expect((await boxOfSlot("zeb", 1)).id).not.toBe(victim.id);
  const kept = await waiting();
  expect(kept).toBeGreaterThan(checks - before);

  await bringDatabaseBack();
  await pass(2 * MINUTE);
  await passUntil(async () => (await waiting()) === 0);
  const told = await rows<{ number: number }>("SELECT number FROM checks ORDER BY number");
  const now = (await fleetOf("zeb")).checks;
  expect(told.map(({ number }) => number)).toEqual(Array.from({ length: now - before }, (_, i) => before + 1 + i));
  const gone = await rows("SELECT id FROM events WHERE kind = 'gone'");
  expect(gone).toHaveLength(1);
  expect(await rows("SELECT name FROM fleets")).toEqual([{ name: "zeb" }]);
});

it("tells D1 once what was already told when only the confirmation was lost", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  const sent = await inStorage(fleetObject("zeb"), ({ sql }) => sql.exec("SELECT json FROM outbox").toArray());
  await pass(MINUTE);
  const events = await rows("SELECT id FROM events");
  await inStorage(fleetObject("zeb"), ({ sql }) => {
    for (const { json } of sent) sql.exec("INSERT INTO outbox (json) VALUES (?)", json);
  });
  await pass(MINUTE);
  expect(await waiting()).toBe(0);
  expect(await rows("SELECT id FROM events")).toEqual(events);
});

it("uses the last known blacklist while D1 fails", async () => {
  await beginWorld();
  await putFleet("scout", { target: 1 });
  await pass(10 * SECOND);
  const [best] = await boxesEver("scout");
  await beginWorld();
  await hostsBlock(env.DB, { machineId: best?.machineId ?? 0, note: "noisy" }, anEvent({ id: "block", atMs: NOW }));
  await putFleet("zeb", { target: 1 });
  await pass(20 * SECOND);
  await loseDatabase();
  await patchFleet("zeb", { target: 8, launchBatch: 8, proveFirst: false });
  await pass(MINUTE);
  const machines = (await paidBoxes("zeb")).map(({ machineId }) => machineId);
  expect(machines).toHaveLength(8);
  expect(machines).not.toContain(best?.machineId);
});

it("counts its own strikes while D1 fails", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1, strikeLimit: 1 });
  await pass(MINUTE);
  await loseDatabase();
  const struck = await boxOfSlot("zeb", 0);
  await fault("worker-error", {
    match: { instance: String(struck.id) },
    value: { line: "RuntimeError: No CUDA GPUs are available", dies: true },
  });
  await pass(2 * MINUTE);
  const machines = (await boxesEver("zeb")).map(({ machineId }) => machineId);
  expect(machines).toHaveLength(2);
  await patchFleet("zeb", { target: 12, launchBatch: 12, proveFirst: false, maxPriceUsdPerHour: 0.5 });
  await pass(MINUTE);
  const now = (await paidBoxes("zeb")).map(({ machineId }) => machineId);
  expect(now).toHaveLength(12);
  expect(now).not.toContain(struck.machineId);
});

it("measures on in an hour that an earlier version began without the slowest and the fastest rate", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await pass(2 * MINUTE);
  await inStorage(fleetObject("zeb"), ({ sql }) => {
    const [row] = sql.exec<{ key: string; json: string }>("SELECT key, json FROM hours").toArray();
    const { gamesPerSecondMin: _min, gamesPerSecondMax: _max, ...old } = JSON.parse(row?.json ?? "{}");
    sql.exec("UPDATE hours SET json = ?", JSON.stringify({ ...old, sentAtMs: 0 }));
  });
  await pass(11 * MINUTE);
  const [told] = await rows<{ slowest: number; fastest: number; mean: number }>(
    "SELECT games_per_second_min AS slowest, games_per_second_max AS fastest, games_per_second_sum / samples AS mean FROM throughput",
  );
  expect(told?.slowest).toBeGreaterThan(0);
  expect(told?.slowest).toBeLessThanOrEqual(told?.mean ?? 0);
  expect(told?.fastest).toBeGreaterThanOrEqual(told?.mean ?? Infinity);
});
