import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import type { OneSeriesDocument, SeriesDocument } from "../../src/routes/series.ts";
import { aCheck, aFleetCopy, HOUR, NOW } from "../db/builders.ts";
import { aWorld, brokenD1, VIEWER } from "./fakes.ts";

const MINUTE = 60_000;

async function ask<T>(path: string): Promise<T> {
  const response = await aWorld().ask(path, { token: VIEWER });
  expect(response.status).toBe(200);
  return response.json();
}

const one = (query = ""): Promise<OneSeriesDocument> => ask(`/api/fleets/zeb/series${query}`);
const all = (query = ""): Promise<SeriesDocument> => ask(`/api/series${query}`);

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await env.DB.batch(["checks", "fleets"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
  await writeOutbox(env.DB, [
    { kind: "fleet", row: aFleetCopy({ name: "zeb", target: 6, updatedAtMs: NOW }) },
    { kind: "fleet", row: aFleetCopy({ name: "zeb-large", updatedAtMs: NOW }) },
    { kind: "fleet", row: aFleetCopy({ name: "old", updatedAtMs: NOW }) },
    { kind: "fleet-removed", row: { name: "old", atMs: NOW } },
    { kind: "check", row: aCheck({ fleet: "old", atMs: NOW - HOUR }) },
    { kind: "check", row: aCheck({ fleet: "zeb-large", atMs: NOW - HOUR, live: 8 }) },
  ]);
});

function checks(...list: Parameters<typeof aCheck>[0][]): Promise<void> {
  return writeOutbox(
    env.DB,
    list.map((row) => ({ kind: "check", row: aCheck(row) })),
  );
}

describe("GET /api/fleets/{fleet}/series", () => {
  it("gives the means of each step, oldest first, of the last 24 hours", async () => {
    await checks(
      { atMs: NOW - 25 * HOUR, live: 99 },
      { atMs: NOW - 2 * HOUR, live: 3, producing: 1, gamesPerSecond: 2, usdPerHour: 0.3 },
      { atMs: NOW - 2 * HOUR + MINUTE, live: 4, producing: 2, gamesPerSecond: 3, usdPerHour: 0.4 },
      { atMs: NOW - 2 * HOUR + 5 * MINUTE, live: 4, producing: 4, gamesPerSecond: 9.6, usdPerHour: 0.4 },
    );
    expect(await one()).toEqual({
      fleet: "zeb",
      state: "steady",
      target: 6,
      since: "2026-11-22T18:00:00.000Z",
      until: "2026-11-23T18:00:00.000Z",
      stepSeconds: 300,
      points: [
        { at: "2026-11-23T16:00:00.000Z", live: 3.5, producing: 1.5, gamesPerSecond: 2.5, usdPerHour: 0.35 },
        { at: "2026-11-23T16:05:00.000Z", live: 4, producing: 4, gamesPerSecond: 9.6, usdPerHour: 0.4 },
      ],
    });
  });

  it("takes a CHECK at its beginning and leaves out one at its end", async () => {
    await checks({ atMs: NOW - HOUR, live: 1 }, { atMs: NOW, live: 2 });
    expect((await one("?hours=1")).points.map(({ live }) => live)).toEqual([1]);
  });

  it.each([
    { hours: 1, every: 10_000, stepSeconds: 15 },
    { hours: 24, every: MINUTE, stepSeconds: 300 },
    { hours: 168, every: 10 * MINUTE, stepSeconds: 3600 },
  ])("never gives more than some 300 points: $hours hours", async ({ hours, every, stepSeconds }) => {
    const count = (hours * HOUR) / every;
    for (let from = 0; from < count; from += 200) {
      await checks(
        ...Array.from({ length: Math.min(200, count - from) }, (_, index) => ({
          atMs: NOW - HOUR * hours + (from + index) * every,
        })),
      );
    }
    const { points, stepSeconds: step } = await one(`?hours=${hours}`);
    expect(step).toBe(stepSeconds);
    expect(points).toHaveLength(Math.min((hours * 3600) / stepSeconds, count));
    expect(points.length).toBeLessThanOrEqual(300);
  });

  it("says that there is no such fleet, also of one that was deleted", async () => {
    for (const name of ["nobody", "old"]) expect((await aWorld().ask(`/api/fleets/${name}/series`)).status).toBe(404);
  });

  it.each(["0", "169", "1.5", "-1", "a day", ""])("refuses hours=%s by name", async (hours) => {
    const response = await aWorld().ask(`/api/fleets/zeb/series?hours=${hours}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ field: "hours", expected: "a whole number from 1 to 168" }],
    });
  });

  it("is a table for a terminal", async () => {
    await checks({ atMs: NOW - HOUR });
    const text = await (await aWorld().ask("/api/fleets/zeb/series?format=text")).text();
    expect(text).toMatch(/At +Live +OK +games\/s +\$\/hr/);
    expect(text).toMatch(/2026-11-23T17:00Z +4 +4 +9\.6 +0\.382/);
  });
});

describe("GET /api/series", () => {
  it("gives every fleet that exists, one without a CHECK too, and none that is deleted", async () => {
    const { fleets, stepSeconds } = await all();
    expect(stepSeconds).toBe(900);
    expect(fleets.map(({ fleet, target, points }) => [fleet, target, points.length])).toEqual([
      ["zeb", 6, 0],
      ["zeb-large", expect.any(Number), 1],
    ]);
    expect(fleets[1]?.points[0]).toMatchObject({ at: "2026-11-23T17:00:00.000Z", live: 8 });
  });

  it("wakes no fleet", async () => {
    const world = aWorld();
    expect((await world.ask("/api/series")).status).toBe(200);
    expect(world.calls).toEqual([]);
  });

  it.each(["/api/series", "/api/fleets/zeb/series"])("%s says so while D1 is silent", async (path) => {
    const world = aWorld();
    world.env = { ...world.env, DB: brokenD1() };
    const response = await world.ask(path);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "history-unreachable" });
  });
});
