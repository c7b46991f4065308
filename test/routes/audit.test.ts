import { env as bindings } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FleetEvent } from "../../src/fleet/event.ts";
import { ADMIN, aFleet, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

const ALICE = { "CF-Connecting-IP": "203.0.113.7", "User-Agent": "curl/8.16.0" };

beforeEach(async () => void (await bindings.DB.exec("DELETE FROM events")));
afterEach(() => vi.restoreAllMocks());

async function audited(world: World): Promise<readonly FleetEvent[]> {
  const answer = await world.ask("/api/events?kind=audit");
  expect(answer.status).toBe(200);
  return (await answer.json<{ events: FleetEvent[] }>()).events;
}

function aNamedWorld(): World {
  const world = aWorld(aFleet("zeb"));
  world.env = { ...world.env, ADMIN_TOKEN: `alice:${ADMIN}` };
  return world;
}

describe("a write", () => {
  it("is in the history with who, what, from where and its outcome; values are not", async () => {
    const world = aNamedWorld();
    const body = { target: 8, workloadArguments: { note: "hidden-value" } };
    expect((await world.ask("/api/fleets/zeb", { method: "PATCH", body, headers: ALICE })).status).toBe(200);
    const [event, ...others] = await audited(world);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      fleet: "zeb",
      kind: "audit",
      message:
        "AUDIT: alice (admin, token, 203.0.113.7, curl): PATCH /api/fleets/:fleet, fields target workloadArguments: done (200)",
      evidence: {
        by: "alice",
        role: "admin",
        via: "token",
        operation: "PATCH /api/fleets/:fleet",
        outcome: "done",
        status: 200,
        address: "203.0.113.7",
        agent: "curl",
        fields: "target workloadArguments",
      },
    });
    expect(JSON.stringify(event)).not.toContain("hidden-value");
  });

  it("carries its token's name to the fleet, so that the fleet's own events have it", async () => {
    const world = aNamedWorld();
    await world.ask("/api/fleets/zeb/pause", { method: "POST" });
    expect(world.calls.find(({ method }) => method === "pause")?.args).toEqual([{ name: "alice" }]);
  });

  it("is there when it was refused, failed or answered again", async () => {
    const world = aNamedWorld();
    await world.ask("/api/fleets/zeb/pause", { method: "POST", token: VIEWER });
    await world.ask("/api/fleets/zeb/down", { method: "POST" });
    const again = { method: "POST", headers: { "Idempotency-Key": "audit-1" } };
    await world.ask("/api/fleets/zeb/resume", again);
    await world.ask("/api/fleets/zeb/resume", again);
    world.faults.set("pause", new Error("lost"));
    await world.ask("/api/fleets/zeb/pause", { method: "POST" });
    const outcomes = (await audited(world)).map(({ evidence: { by, operation, outcome, status } }) =>
      [by, operation, outcome, status].join(" "),
    );
    expect(outcomes.toSorted()).toEqual([
      "alice POST /api/fleets/:fleet/down refused 409",
      "alice POST /api/fleets/:fleet/pause failed 500",
      "alice POST /api/fleets/:fleet/resume done 200",
      "alice POST /api/fleets/:fleet/resume replayed 200",
      "viewer POST /api/fleets/:fleet/pause refused 403",
    ]);
  });

  it("of a session is its token's, and so is the login", async () => {
    const world = aNamedWorld();
    const login = await world.ask("/api/session", { method: "POST", token: null, body: { token: ADMIN } });
    const Cookie = (login.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
    const headers = { Cookie, Origin: "http://localhost", "User-Agent": "Mozilla/5.0 (X11; Linux)" };
    await world.ask("/api/fleets/zeb/pause", { method: "POST", token: null, headers });
    const told = (await audited(world)).map(({ evidence }) => [
      evidence.by,
      evidence.via,
      evidence.operation,
      evidence.agent,
    ]);
    expect(told.map((facts) => facts.join(" ")).toSorted()).toEqual([
      "alice session POST /api/fleets/:fleet/pause browser",
      "alice session POST /api/session none",
    ]);
  });

  it("says nothing of what a refused caller wrote: neither fields nor a name that no fleet can have", async () => {
    const world = aNamedWorld();
    const path = `/api/fleets/${encodeURIComponent("<b>hf_AbCdEf0123456789</b>")}/up`;
    await world.ask(path, { method: "POST", token: VIEWER, body: { hf_ZyXwVu9876543210: 1 } });
    const [event] = await audited(world);
    expect(event).toMatchObject({ fleet: null, evidence: { status: 403 } });
    expect(JSON.stringify(event)).not.toMatch(/hf_|<b>/);
  });

  it("is in the log also while D1 is down, and is not held up", async () => {
    const world = aNamedWorld();
    world.env = { ...world.env, DB: brokenD1() };
    const lines = vi.spyOn(console, "log").mockReturnValue();
    const errors = vi.spyOn(console, "error").mockReturnValue();
    expect((await world.ask("/api/fleets/zeb/pause", { method: "POST", headers: ALICE })).status).toBe(200);
    const line = lines.mock.calls.map(String).find((text) => text.includes('"audit"'));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ event: "audit", by: "alice", address: "203.0.113.7" });
    expect(errors.mock.calls.map(String).join()).toContain("audit.undelivered");
  });
});

describe("refusals", () => {
  it("of one token are kept at a bounded rate", async () => {
    const world = aNamedWorld();
    let asked = 0;
    world.env = { ...world.env, LIMIT_REFUSALS: { limit: async () => ({ success: (asked += 1) <= 3 }) } };
    for (let time = 0; time < 8; time += 1) await world.ask("/api/fleets/zeb/pause", { method: "POST", token: VIEWER });
    expect(await audited(world)).toHaveLength(3);
  });
});

describe("no audit", () => {
  it("is made of a read or a dry run", async () => {
    const world = aNamedWorld();
    await world.ask("/api/status", { token: VIEWER });
    await world.ask("/api/fleets/zeb?dryRun=true", { method: "PUT", token: VIEWER, body: { target: 4 } });
    expect(await audited(world)).toEqual([]);
  });

  it("is shown to a viewer, or among the everyday events", async () => {
    const world = aNamedWorld();
    await world.ask("/api/fleets/zeb/pause", { method: "POST" });
    expect((await world.ask("/api/events?kind=spec,audit", { token: VIEWER })).status).toBe(403);
    const everyday = await world.ask("/api/events", { token: VIEWER });
    expect((await everyday.json<{ events: unknown[] }>()).events).toEqual([]);
  });
});
