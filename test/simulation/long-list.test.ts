// The list of a thousand boxes takes forty seconds to read, in which the objects that wait for it are billed.

import { expect, it } from "vitest";
import { applyBoxFault } from "../../sim/box-faults.ts";
import { switchOn } from "../../sim/faults.ts";
import { ownAlive } from "./truth.ts";
import { HOUR, MINUTE, SECOND, World } from "./world.ts";

const FLEETS = ["zeb", "net", "old"];
/** As long as one page may take at all. */
const LIST_MS = 25 * SECOND;

async function steadyFleets(listMs = LIST_MS): Promise<World> {
  const hosts = { count: 60, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
  const world = new World({ seed: 1, tickMs: MINUTE, market: { credit: 1000, hosts } });
  world.platform.slowBy = (url) => (new URL(url).pathname === "/api/v1/instances/" ? listMs : 0);
  const spec = { target: 2, preset: "zeb", proveFirst: false, maxPriceUsdPerHour: null };
  for (const name of FLEETS) void world.door("PUT", `/api/fleets/${name}`, spec);
  await world.platform.schedule.runUntil(world.nowMs + HOUR);
  return world;
}

interface Check {
  readonly event?: string;
  readonly state: string;
  readonly apiMs: number;
}

function checksIn(lines: readonly string[]): readonly Check[] {
  return lines
    .flatMap((line): Check[] => (line.startsWith("{") ? [JSON.parse(line) as Check] : []))
    .filter(({ event }) => event === "check.done");
}

it.each([
  [LIST_MS, 36],
  [12 * SECOND, 47],
])("keeps no CHECK of a quiet fleet waiting, and reads no list for one: a list of %d ms", async (listMs, sweepsMax) => {
  const world = await steadyFleets(listMs);
  const lines: string[] = [];
  let sweeps = 0;
  world.platform.onLine = (line) => void lines.push(line);
  world.platform.onSend = (_by, url) => void (sweeps += Number(url.includes("/api/v1/instances/")));
  await world.platform.schedule.runUntil(world.nowMs + HOUR);
  world.platform.close();
  const checks = checksIn(lines);
  expect(checks.length).toBeGreaterThanOrEqual(6 * FLEETS.length - 1);
  expect(checks.filter(({ state }) => state !== "steady")).toEqual([]);
  expect(Math.max(...checks.map(({ apiMs }) => apiMs))).toBeLessThan(SECOND);
  // Reading, and three times as long without, 65 s at least: all the time.
  expect(sweeps).toBeLessThanOrEqual(sweepsMax);
});

it("ends a worker on a list that was read for it, and on none that was old", async () => {
  const world = await steadyFleets();
  const begunAtMs: number[] = [];
  const agesMs: number[] = [];
  world.platform.onSend = (_by, url, { method }) => {
    const { pathname } = new URL(url);
    if (pathname === "/api/v1/instances/") begunAtMs.push(world.nowMs);
    if (method === "DELETE" || pathname.startsWith("/api/v0/asks/")) agesMs.push(world.nowMs - Math.max(...begunAtMs));
  };
  for (const fleet of FLEETS) {
    await world.platform.schedule.runUntil(world.nowMs + 41 * MINUTE);
    const [box] = world.onMarket(() => ownAlive(world, fleet));
    world.onMarket(({ state }) => {
      const { nowMs } = state;
      const match = { instance: String(box?.id) };
      const value = { line: "RuntimeError: No CUDA GPUs are available", dies: true };
      applyBoxFault(
        state,
        switchOn(state, { name: "worker-error", match, times: 1, value, fromMs: nowMs, untilMs: null }),
      );
    });
  }
  await world.platform.schedule.runUntil(world.nowMs + 41 * MINUTE);
  world.platform.close();
  // A destroy and a rent each.
  expect(agesMs).toHaveLength(2 * FLEETS.length);
  expect(Math.max(...agesMs)).toBeLessThan(45 * SECOND + LIST_MS);
});
