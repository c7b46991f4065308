import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aBox, ADMIN, aFleet, aWorld, brokenD1, VIEWER, type World } from "./fakes.ts";

let keys = 0;

function newKey(): string {
  keys += 1;
  return `key-${keys}`;
}

async function up(world: World, key: string, count = 4): Promise<Response> {
  return world.ask("/api/fleets/zeb/up", { method: "POST", body: { count }, headers: { "Idempotency-Key": key } });
}

function launches(world: World): number {
  return world.calls.filter(({ method }) => method === "up").length;
}

afterEach(() => {
  vi.useRealTimers();
});

describe("Idempotency-Key", () => {
  it("answers the same request again without carrying it out again", async () => {
    const [world, key] = [aWorld(), newKey()];
    const first = await up(world, key);
    const second = await up(world, key);
    expect(first.headers.has("Idempotent-Replayed")).toBe(false);
    expect(second.headers.get("Idempotent-Replayed")).toBe("true");
    expect(second.status).toBe(202);
    expect(second.headers.get("Content-Type")).toBe(first.headers.get("Content-Type"));
    expect(await second.text()).toBe(await first.text());
    expect(launches(world)).toBe(1);
  });

  it("carries out a request without a key each time", async () => {
    const world = aWorld();
    const request = { method: "POST", body: { count: 4 } };
    await world.ask("/api/fleets/zeb/up", request);
    await world.ask("/api/fleets/zeb/up", request);
    expect(launches(world)).toBe(2);
  });

  it.each([
    ["PUT", "/api/fleets/zeb", { target: 4 }],
    ["PATCH", "/api/fleets/zeb", { target: 4 }],
    ["DELETE", "/api/instances/87654321", undefined],
  ])("counts on a %s too", async (method, path, body) => {
    const [world, headers] = [aWorld(aFleet("zeb")), { "Idempotency-Key": newKey() }];
    world.boxes.set(87654321, aBox({ fleet: "zeb" }));
    const first = await world.ask(path, { method, body, headers });
    const second = await world.ask(path, { method, body, headers });
    expect([first.ok, second.headers.get("Idempotent-Replayed")]).toEqual([true, "true"]);
    expect(await second.text()).toBe(await first.text());
    expect(world.calls.filter(({ method: asked }) => ["put", "patch", "endInstance"].includes(asked))).toHaveLength(1);
  });

  it("stands for one version: another If-Match is another request", async () => {
    const [world, key] = [aWorld(aFleet("zeb")), newKey()];
    const put = async (version: string) => {
      const headers = { "Idempotency-Key": key, "If-Match": version };
      return (await world.ask("/api/fleets/zeb", { method: "PUT", body: { target: 4 }, headers })).status;
    };
    expect([await put('"1"'), await put('"2"')]).toEqual([200, 422]);
  });

  it("belongs to the token that sent it: another admin's same key is another request", async () => {
    const [world, key] = [aWorld(), newKey()];
    world.env = { ...world.env, ADMIN_TOKEN: `alice:${ADMIN},bob:bobs-admin-token-1` };
    const as = async (token: string, count: number) =>
      world.ask("/api/fleets/zeb/up", { method: "POST", token, body: { count }, headers: { "Idempotency-Key": key } });
    expect((await as(ADMIN, 4)).status).toBe(202);
    const bobs = await as("bobs-admin-token-1", 5);
    expect([bobs.status, bobs.headers.get("Idempotent-Replayed")]).toEqual([202, null]);
    expect(launches(world)).toBe(2);
  });

  it("stands for one request: another body or path is refused with 422", async () => {
    const [world, key] = [aWorld(aFleet("zeb")), newKey()];
    await up(world, key, 4);
    const other = await up(world, key, 5);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: "idempotency-key-reused" });
    const elsewhere = await world.ask("/api/fleets/zeb/replenish", {
      method: "POST",
      body: { count: 4 },
      headers: { "Idempotency-Key": key },
    });
    expect(elsewhere.status).toBe(422);
    expect(launches(world)).toBe(1);
  });

  it("answers 409 while the first request is under way", async () => {
    const [world, key] = [aWorld(), newKey()];
    const [first, second] = await Promise.all([up(world, key), up(world, key)]);
    const statuses = [first.status, second.status].toSorted((a, b) => a - b);
    expect(statuses).toEqual([202, 409]);
    const refused = first.status === 409 ? first : second;
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({ code: "idempotency-in-progress" });
    expect(launches(world)).toBe(1);
  });

  it("gives the key back after a refusal, which has changed nothing", async () => {
    const [world, key] = [aWorld(aFleet("zeb")), newKey()];
    world.faults.set("up", { code: "invalid-spec", detail: "no", hint: "yes" });
    expect((await up(world, key)).status).toBe(422);
    world.faults.clear();
    expect((await up(world, key)).status).toBe(202);
  });

  it("keeps a failure, because what it did is unknown", async () => {
    const [world, key] = [aWorld(), newKey()];
    world.faults.set("up", new Error("lost"));
    expect((await up(world, key)).status).toBe(500);
    world.faults.clear();
    expect((await up(world, key)).status).toBe(500);
    expect(launches(world)).toBe(1);
  });

  it("keeps the key of a request that died unanswered", async () => {
    const [world, key] = [aWorld(), newKey()];
    await up(world, key);
    await env.DB.prepare("update idempotency set status = null, headers = null, body = null where key = ?")
      .bind(key)
      .run();
    expect((await up(world, key)).status).toBe(409);
    expect(launches(world)).toBe(1);
  });

  it("forgets an answer after 24 hours", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [world, key] = [aWorld(), newKey()];
    await up(world, key);
    vi.setSystemTime(Date.now() + 24 * 3_600_000 - 1);
    await up(world, key);
    expect(launches(world)).toBe(1);
    vi.setSystemTime(Date.now() + 1);
    await up(world, key);
    expect(launches(world)).toBe(2);
  });

  it("does not show one role the answers of the other", async () => {
    const [world, key] = [aWorld(), newKey()];
    await up(world, key);
    const viewer = await world.ask("/api/fleets/zeb/up", {
      method: "POST",
      token: VIEWER,
      body: { count: 4 },
      headers: { "Idempotency-Key": key },
    });
    expect(viewer.status).toBe(403);
  });

  it("does not stop a POST when D1 does not answer, and says that it was not kept", async () => {
    const [world, key] = [aWorld(), newKey()];
    world.env = { ...world.env, DB: brokenD1() };
    const response = await up(world, key);
    expect(response.status).toBe(202);
    expect(response.headers.get("Idempotency-Skipped")).toBe("storage-unavailable");
  });

  it.each(["two words", "x".repeat(256)])("refuses a key it cannot keep: %s", async (key) => {
    const world = aWorld();
    expect((await up(world, key)).status).toBe(422);
    expect(world.calls).toEqual([]);
  });
});
