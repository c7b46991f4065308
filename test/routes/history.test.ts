import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { type OutboxRow, writeOutbox } from "../../src/db/outbox-writer.ts";
import { aCheck, aFleetCopy, aLedgerEntry, anEvent, DAY, HOUR, NOW } from "../db/builders.ts";
import { ADMIN, aFleet, aWorld, brokenD1, VIEWER } from "./fakes.ts";

interface Answer {
  readonly events: { id: string; at: string; fleet: string | null; kind: string }[];
  readonly checks: { fleet: string; at: string }[];
  readonly instances: { instanceId: number; costUsd: number | null; hours: number; endedAt: string | null }[];
  readonly since: string | null;
  readonly nextBefore: string | null;
}

async function ask(path: string, token = VIEWER): Promise<Answer> {
  const response = await aWorld().ask(path, { token });
  expect(response.status).toBe(200);
  return response.json();
}

async function fieldErrorsOf(path: string): Promise<string[]> {
  const response = await aWorld().ask(path);
  expect(response.status).toBe(422);
  const { errors } = (await response.json()) as { errors: { field: string; expected: string }[] };
  return errors.map(({ field, expected }) => `${field}: ${expected}`);
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  await env.DB.batch(
    ["events", "checks", "instances", "fleets"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

function rows(...list: OutboxRow[]): Promise<void> {
  return writeOutbox(env.DB, list);
}

describe("GET /api/events", () => {
  beforeEach(() =>
    rows(
      { kind: "event", row: anEvent({ id: "old", atMs: NOW - 25 * HOUR }) },
      { kind: "event", row: anEvent({ id: "a", atMs: NOW - 24 * HOUR, message: "LAUNCH: worker 0" }) },
      { kind: "event", row: anEvent({ id: "b", atMs: NOW - HOUR, kind: "strike", fleet: "zeb-large" }) },
      { kind: "event", row: anEvent({ id: "c", atMs: NOW - HOUR, kind: "host", fleet: "" }) },
    ),
  );
  const ids = async (query: string): Promise<string[]> => (await ask(`/api/events${query}`)).events.map(({ id }) => id);

  it("answers the last 24 hours, newest first, with ISO times; an event of no fleet says so", async () => {
    const { events, since, nextBefore } = await ask("/api/events");
    expect(events.map(({ id, fleet }) => [id, fleet])).toEqual([
      ["c", null],
      ["b", "zeb-large"],
      ["a", "zeb"],
    ]);
    expect(events[2]).toEqual({
      id: "a",
      at: "2026-11-22T18:00:00.000Z",
      fleet: "zeb",
      kind: "launch",
      slot: 0,
      instanceId: 87654321,
      machineId: 4411,
      message: "LAUNCH: worker 0",
      evidence: { usdPerHour: 0.102 },
    });
    expect([since, nextBefore]).toEqual(["2026-11-22T18:00:00.000Z", null]);
  });

  it.each([
    ["?since=7d", ["c", "b", "a", "old"]],
    ["?since=90m", ["c", "b"]],
    ["?since=2026-11-22T17:00:00Z", ["c", "b", "a", "old"]],
    ["?since=2026-11-22T19:00:00%2B01:00", ["c", "b", "a"]],
    ["?since=2026-11-23", ["c", "b"]],
    ["?since=3d&until=2026-11-23T17:00:00Z", ["a", "old"]],
    ["?until=2026-11-22T18:00:00Z", ["old"]],
    ["?fleet=zeb", ["a"]],
    ["?kind=strike", ["b"]],
    ["?kind=strike,launch", ["b", "a"]],
    ["?fleet=nobody", []],
  ])("with %s answers %j", async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it("answers why one worker, one box or one machine came and went, of a box and a machine for seven days", async () => {
    await rows(
      { kind: "event", row: anEvent({ id: "slot-1", slot: 1, instanceId: 500, machineId: 7, atMs: NOW - 2 * HOUR }) },
      { kind: "event", row: anEvent({ id: "box", slot: 1, instanceId: 500, machineId: 7, atMs: NOW - 3 * DAY }) },
      { kind: "event", row: anEvent({ id: "long-ago", instanceId: 500, atMs: NOW - 8 * DAY }) },
      { kind: "event", row: anEvent({ id: "other", fleet: "zeb-large", slot: 1, instanceId: 501, machineId: 7 }) },
    );
    expect(await ids("?fleet=zeb&slot=1")).toEqual(["slot-1"]);
    expect(await ids("?instance=500")).toEqual(["slot-1", "box"]);
    expect(await ids("?machine=7")).toEqual(["other", "slot-1", "box"]);
    expect(await ids("?machine=7&fleet=zeb&since=1h")).toEqual([]);
  });

  it("hands out every row once, page by page", async () => {
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { events, nextBefore }: Answer = await ask(
        `/api/events?since=7d&limit=1${cursor === "" ? "" : `&before=${encodeURIComponent(cursor)}`}`,
      );
      seen.push(...events.map(({ id }) => id));
      cursor = nextBefore;
    }
    expect(seen).toEqual(["c", "b", "a", "old"]);
  });

  it("prints a table that says how to go on", async () => {
    const text = await (await aWorld().ask("/api/events?limit=1&format=text")).text();
    expect(text.split("\n")).toEqual([
      "At                    Fleet         Kind          What",
      "-".repeat(66),
      "2026-11-23T17:00:00Z  -             host          LAUNCH: worker 0",
      "more: &before=2026-11-23T17:00:00.000Z~c",
      "",
    ]);
  });

  it.each([
    ["since=yesterday", "since: an instant such as"],
    ["since=2026-11-23T18:00:00", "since: an instant such as"],
    ["since=2026-13-45", "since: an instant such as"],
    ["until=", "until: an instant such as"],
    ["limit=0", "limit: a whole number from 1 to 500"],
    ["limit=501", "limit: a whole number from 1 to 500"],
    ["limit=ten", "limit: a whole number from 1 to 500"],
    ["kind=strike,mistake", "kind: one or more of spec, mode, launch"],
    ["before=7", "before: the nextBefore of an earlier answer"],
    ["fleet=No%20Fleet", "fleet: "],
    ["sinse=24h", "sinse: no such field"],
    ["slot=1", "fleet: the fleet that the slot is of"],
    ["slot=-1&fleet=zeb", "slot: a whole number from 0"],
    ["instance=0", "instance: a whole number from 1"],
    ["machine=4411x", "machine: a whole number from 1"],
  ])("refuses %s and says what it takes", async (query, expected) => {
    const errors = await fieldErrorsOf(`/api/events?${query}`);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(expected);
  });
});

describe("GET /api/checks", () => {
  it("answers the CHECKs of one fleet or of all, newest first, and their lines as text", async () => {
    await rows(
      { kind: "fleet", row: aFleetCopy({ name: "zeb" }) },
      { kind: "fleet", row: aFleetCopy({ name: "zeb-large" }) },
      { kind: "check", row: aCheck({ atMs: NOW - HOUR, number: 7, line: "CHECK #7 [45s] 4/4 up" }) },
      { kind: "check", row: aCheck({ atMs: NOW - 2 * DAY }) },
      { kind: "check", row: aCheck({ atMs: NOW - 60_000, fleet: "zeb-large" }) },
    );
    const { checks } = await ask("/api/checks");
    expect(checks.map(({ fleet }) => fleet)).toEqual(["zeb-large", "zeb"]);
    expect((await ask("/api/checks?fleet=zeb")).checks).toEqual([
      {
        fleet: "zeb",
        number: 7,
        at: "2026-11-23T17:00:00.000Z",
        state: "steady",
        live: 4,
        producing: 4,
        usdPerHour: 0.382,
        gamesPerSecond: 9.6,
        actions: 0,
        apiMs: 220,
        line: "CHECK #7 [45s] 4/4 up",
        notes: ["nothing to do"],
      },
    ]);
    expect((await ask("/api/checks?since=7d&limit=2")).nextBefore).toBe("2026-11-23T17:00:00.000Z~zeb");
    const text = await (await aWorld().ask("/api/checks?fleet=zeb&format=text")).text();
    expect(text).toContain("2026-11-23T17:00:00Z  zeb              0    0.2  CHECK #7 [45s] 4/4 up");
  });
});

describe("GET /api/instances", () => {
  beforeEach(() =>
    rows(
      { kind: "fleet", row: aFleetCopy({ name: "zeb" }) },
      { kind: "ledger", row: aLedgerEntry({ instanceId: 1, startedAtMs: NOW - 3 * HOUR, usdPerHour: 0.1 }) },
      {
        kind: "ledger",
        row: aLedgerEntry({
          instanceId: 2,
          startedAtMs: NOW - 30 * DAY,
          endedAtMs: NOW - HOUR,
          endCause: "health",
          endReason: "stuck in BOOT",
          costUsd: 3.5,
          games: 640,
        }),
      },
      { kind: "ledger", row: aLedgerEntry({ instanceId: 3, startedAtMs: NOW - 9 * DAY, endedAtMs: NOW - 8 * DAY }) },
      { kind: "ledger", row: aLedgerEntry({ instanceId: 4, startedAtMs: NOW - 20 * DAY, usdPerHour: null }) },
    ),
  );
  const ids = async (query: string): Promise<number[]> =>
    (await ask(`/api/instances${query}`)).instances.map(({ instanceId }) => instanceId);

  it.each([
    ["", [1]],
    ["?since=60d", [1, 3, 4, 2]],
    ["?ended=true", [2]],
    ["?ended=true&since=30d", [2, 3]],
    ["?ended=false", [1, 4]],
    ["?ended=false&since=7d", [1]],
    ["?fleet=zeb-large&since=60d", []],
  ])("with %j answers %j", async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  it("says what one cost and gave and why it ended, and what one that lives has cost so far", async () => {
    const [ended] = (await ask("/api/instances?ended=true")).instances;
    expect(ended).toEqual({
      instanceId: 2,
      fleet: "zeb",
      slot: 0,
      label: "zeb-worker-vast-0",
      machineId: 4411,
      gpu: "RTX 3070",
      usdPerHour: 0.102,
      fingerprint: "f1",
      startedAt: "2026-10-24T18:00:00.000Z",
      endedAt: "2026-11-23T17:00:00.000Z",
      endCause: "health",
      endReason: "stuck in BOOT",
      costUsd: 3.5,
      games: 640,
      hours: 719,
    });
    const [living, unpriced] = (await ask("/api/instances?ended=false")).instances;
    expect(living).toMatchObject({ endedAt: null, hours: 3, costUsd: expect.closeTo(0.3) });
    expect(unpriced?.costUsd).toBeNull();
  });

  it("goes on by the end where it lists those that ended", async () => {
    const { nextBefore } = await ask("/api/instances?ended=true&since=30d&limit=1");
    expect(nextBefore).toBe("2026-11-23T17:00:00.000Z~2");
    expect(await ids(`?ended=true&since=30d&before=${nextBefore}`)).toEqual([3]);
    expect(await fieldErrorsOf("/api/instances?before=2026-11-23T17:00:00Z~x")).toHaveLength(1);
  });

  it("prints the ledger as a table", async () => {
    const text = await (await aWorld().ask("/api/instances?ended=true&format=text")).text();
    expect(text).toContain("719.0   0.102    3.500      640      4411          2  health: stuck in BOOT");
  });
});

describe("while D1 is silent", () => {
  it.each([
    ["GET", "/api/events"],
    ["GET", "/api/checks"],
    ["GET", "/api/instances"],
    ["GET", "/api/hosts"],
    ["GET", "/api/hosts/4411"],
    ["PUT", "/api/hosts/4411/block"],
    ["DELETE", "/api/hosts/4411/block"],
    ["POST", "/api/hosts/import", "4411"],
    ["GET", "/api/stats/gpus"],
    ["GET", "/api/offers"],
  ])("%s %s answers 503 and says so, in words that help", async (method, path, body?: string) => {
    const world = aWorld(aFleet("zeb"));
    world.env = { ...world.env, DB: brokenD1() };
    const response = await world.ask(path, { method, token: ADMIN, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(503);
    expect(response.headers.get("Retry-After")).toBe("60");
    expect(await response.json()).toMatchObject({
      code: "history-unreachable",
      hint: expect.stringContaining("/api/status"),
    });
  });

  it("answers the status and a fleet's offers all the same", async () => {
    const world = aWorld(aFleet("zeb"));
    world.env = { ...world.env, DB: brokenD1() };
    for (const path of ["/api/status", "/api/fleets/zeb", "/api/offers?fleet=zeb"])
      expect((await world.ask(path)).status).toBe(200);
  });

  it("does not wait for a D1 that hangs", async () => {
    const world = aWorld();
    const never = (): Promise<never> => new Promise(() => undefined);
    const statement = { bind: () => statement, all: never, run: never, raw: never, first: never };
    world.env = { ...world.env, DB: { prepare: () => statement, batch: never } as unknown as D1Database };
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: NOW });
    const asked = world.ask("/api/events");
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await asked).status).toBe(503);
  });
});
