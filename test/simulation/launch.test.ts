import { expect, it } from "vitest";
import { ownAlive } from "./truth.ts";
import { MINUTE, SECOND, World } from "./world.ts";

/** A steady poll of the default cadence, and an alarm that waits half a minute for its CHECK. */
const BETWEEN_READS_MAX_MS = (150 + 30 + 10) * SECOND;

it("a launch that waits minutes for its turns does not keep the workers that are there from being read", async () => {
  const hosts = { count: 120, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
  const world = new World({ seed: 1, tickMs: MINUTE, market: { credit: 1000, hosts, rateLimits: true } });
  const { schedule } = world.platform;
  const logsAtMs: number[] = [];
  const rentsAtMs: number[] = [];
  world.platform.onSend = (_by, url) => {
    if (url.includes("/request_logs/")) logsAtMs.push(world.nowMs);
    if (url.includes("/asks/")) rentsAtMs.push(world.nowMs);
  };
  const spec = { preset: "zeb", proveFirst: false, maxPriceUsdPerHour: null };
  void world.door("PUT", "/api/fleets/zeb", { target: 2, ...spec });
  await schedule.runUntil(world.nowMs + 10 * MINUTE);
  const launchedAtMs = world.nowMs;
  void world.door("PATCH", "/api/fleets/zeb", { target: 60 });
  while (world.onMarket(() => ownAlive(world, "zeb").length) < 60 && world.nowMs < launchedAtMs + 30 * MINUTE)
    await schedule.runUntil(world.nowMs + SECOND);
  world.platform.close();
  const lastRentAtMs = rentsAtMs.at(-1) ?? 0;
  const reads = [launchedAtMs, ...logsAtMs.filter((atMs) => atMs > launchedAtMs), lastRentAtMs];
  const gapsMs = reads.slice(1).map((atMs, index) => atMs - (reads[index] ?? atMs));
  expect(lastRentAtMs - launchedAtMs).toBeGreaterThan(BETWEEN_READS_MAX_MS + MINUTE);
  expect(Math.max(...gapsMs)).toBeLessThan(BETWEEN_READS_MAX_MS);
});
