// `/metrics` of a living world: the sums against the market's own truth, and what an answer costs.

import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { anEvent } from "../db/builders.ts";
import { askForCheck, door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { clearFaults, countCalls, DESTROY, fault, LIST, RENT, REQUEST_LOGS } from "../support/market.ts";
import { type MetricRow, readOpenMetrics, valueOf } from "../support/open-metrics.ts";
import {
  accountObject,
  beginWorld,
  figure,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
  SECOND,
} from "../support/world.ts";

beforeEach(() => beginWorld());

async function scrape(): Promise<readonly MetricRow[]> {
  const answer = await exports.default.fetch(
    new Request("http://keeper/metrics", {
      headers: { Authorization: "Bearer viewer-token-for-tests", Accept: "application/openmetrics-text" },
    }),
  );
  return readOpenMetrics(new TextDecoder().decode(await answer.arrayBuffer()));
}

const of = (rows: readonly MetricRow[], name: string, labels: Record<string, string> = {}): number =>
  valueOf(rows, `fleetkeeper_${name}`, labels) ?? 0;

/** Every sum of the answer, by its name and labels. */
function sumsOf(rows: readonly MetricRow[]): ReadonlyMap<string, number> {
  return new Map(
    rows
      .filter(({ name }) => name.endsWith("_total"))
      .map(({ name, labels, value }) => [`${name} ${JSON.stringify(labels)}`, value]),
  );
}

function expectNoneFell(before: readonly MetricRow[], after: readonly MetricRow[]): void {
  const now = sumsOf(after);
  for (const [key, value] of sumsOf(before)) expect([key, (now.get(key) ?? -1) >= value]).toEqual([key, true]);
}

describe("the sums of /metrics", () => {
  it("are what the market saw: rents, calls, games; and none falls while boxes come and go", async () => {
    await putFleet("zeb", { target: 3 });
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 3);
    await pass(MINUTE);
    const before = await scrape();
    await door("POST", "/api/fleets/zeb/workers/1/replace");
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 3);
    const after = await scrape();
    expectNoneFell(before, after);
    expect(of(after, "rents_total", { outcome: "rented" })).toBe(4);
    expect(of(after, "destroys_total", { reason: "by-hand" })).toBe(1);
    expect(of(after, "destroys_total")).toBe(1);

    for (const [route, call] of [
      ["rent", RENT],
      ["list", LIST],
      ["destroy", DESTROY],
      ["request-logs", REQUEST_LOGS],
    ] as const)
      expect([route, of(after, "api_calls_total", { route })]).toEqual([route, await countCalls(call)]);
    expect(of(after, "games_total")).toBeGreaterThan(of(before, "games_total"));
    expect(of(after, "games_total")).toBe(of(after, "batches_total") * 256);
    expect(of(after, "spent_usd_total")).toBeGreaterThan(0);
    expect(of(after, "uploads_total")).toBeGreaterThan(0);
  });

  it("count the time without a list, which stands when the list is back", async () => {
    await putFleet("zeb", { target: 1 });
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 1);
    expect(of(await scrape(), "blind_seconds_total")).toBe(0);
    await fault("list-fails");
    await passUntil(async () => (await fleetOf("zeb")).state === "blind");
    const first = await scrape();
    await pass(2 * MINUTE);
    const second = await scrape();
    expect(of(second, "fleet_state", { state: "blind" })).toBe(1);
    const grown = of(second, "blind_seconds_total") - of(first, "blind_seconds_total");
    expect(grown).toBeGreaterThanOrEqual(118);
    expect(grown).toBeLessThanOrEqual(122);
    expect(of(second, "api_calls_total", { route: "list", status: "5xx" })).toBeGreaterThan(1);
    await clearFaults();
    await passUntil(async () => (await fleetOf("zeb")).state !== "blind");
    const third = await scrape();
    await pass(MINUTE);
    expect(of(await scrape(), "blind_seconds_total")).toBe(of(third, "blind_seconds_total"));
    expectNoneFell(second, third);
  });

  it("vanish with their fleet, and are not another's", async () => {
    await putFleet("zeb", { target: 1 });
    await putFleet("zeb-large", { target: 1 });
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 1);
    expect(of(await scrape(), "rents_total", { fleet: "zeb" })).toBe(1);
    await door("POST", "/api/fleets/zeb/down", { force: true });
    await passUntil(async () => (await fleetOf("zeb")).state === "down");
    expect(of(await scrape(), "target_workers", { fleet: "zeb" })).toBe(0);
    expect((await door("DELETE", "/api/fleets/zeb")).status).toBe(200);
    const fleets = new Set((await scrape()).flatMap(({ labels }) => labels["fleet"] ?? []));
    expect([...fleets]).toEqual(["zeb-large"]);
  });
});

describe("the cost of /metrics", () => {
  it("is the same after ten thousand events as before them, and nothing of D1", async () => {
    await putFleet("zeb", { target: 2 });
    await passUntil(async () => (await fleetOf("zeb")).totals.producing === 2);
    const few = await rowsReadBy(scrape);
    const events = Array.from({ length: 10_000 }, (_, index) => anEvent({ id: `past-${index}`, fleet: "zeb" }));
    for (let from = 0; from < events.length; from += 100)
      await writeOutbox(
        env.DB,
        events.slice(from, from + 100).map((row) => ({ kind: "event", row })),
      );
    // And as many that D1 has not taken.
    await inStorage(fleetObject("zeb"), (storage) => {
      for (const row of events)
        storage.sql.exec("INSERT INTO outbox (json) VALUES (?)", JSON.stringify({ kind: "event", row }));
    });
    const many = await rowsReadBy(scrape);
    figure(
      `rows read by one /metrics of 2 workers: ${few.objects} in objects, ${few.d1} in D1; after 20,000 events ${many.objects} and ${many.d1}`,
    );
    expect(many).toEqual(few);
    // The counting itself counts: history is read from D1.
    expect((await rowsReadBy(() => door("GET", "/api/events"))).d1).toBeGreaterThan(0);
    expect(few.d1).toBe(0);
    expect(few.objects).toBeLessThan(40);
  });

  it("is one call to each fleet and one to the account, and writes nothing", async () => {
    await putFleet("zeb", { target: 1 });
    await askForCheck("zeb");
    await pass(10 * SECOND);
    await patchFleet("zeb", { target: 1 });
    const keysOf = (stub: DurableObjectStub) => inStorage(stub, (storage) => JSON.stringify([...storage.kv.list()]));
    const before = [await keysOf(fleetObject("zeb")), await keysOf(accountObject())];
    await scrape();
    expect([await keysOf(fleetObject("zeb")), await keysOf(accountObject())]).toEqual(before);
  });
});

/** Rows that objects and D1 read while something runs, as they are billed. */
async function rowsReadBy(work: () => Promise<unknown>): Promise<{ readonly objects: number; readonly d1: number }> {
  const rows = { objects: 0, d1: 0 };
  const spies = [
    await inStorage(fleetObject("zeb"), (storage) => {
      const prototype = Object.getPrototypeOf(storage.sql) as SqlStorage;
      const exec = (prototype as unknown as Record<"exec", (...args: unknown[]) => unknown>)["exec"];
      const cursors: SqlStorageCursor<never>[] = [];
      const spy = vi.spyOn(prototype, "exec").mockImplementation(function (this: SqlStorage, ...args) {
        const cursor = Reflect.apply(exec, this, args) as SqlStorageCursor<never>;
        cursors.push(cursor);
        return cursor;
      });
      return () => {
        spy.mockRestore();
        rows.objects = cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
      };
    }),
    (() => {
      const prototype = Object.getPrototypeOf(env.DB) as D1Database;
      const spy = vi.spyOn(prototype, "prepare");
      return () => {
        rows.d1 = spy.mock.calls.length;
        spy.mockRestore();
      };
    })(),
  ];
  await work();
  for (const finish of spies) finish();
  return rows;
}
