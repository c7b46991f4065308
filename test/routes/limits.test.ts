import { env as bindings } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { aBox, ADMIN, aFleet, aWorld, VIEWER, type World } from "./fakes.ts";

/** Counts for ever, and lets so many of each key through. */
function limiter(limit: number): RateLimit & { readonly counts: Map<string, number> } {
  const counts = new Map<string, number>();
  return {
    counts,
    limit: async ({ key }) => {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return { success: (counts.get(key) ?? 0) <= limit };
    },
  };
}

async function statuses(times: number, ask: () => Promise<Response>): Promise<readonly number[]> {
  const found: number[] = [];
  for (let time = 0; time < times; time += 1) found.push((await ask()).status);
  return found;
}

async function expectTooMany(answer: Response): Promise<void> {
  expect(answer.status).toBe(429);
  expect(answer.headers.get("Retry-After")).toBe("60");
  expect(await answer.json()).toMatchObject({ code: "too-many-requests", status: 429 });
}

function aLimitedWorld(): World {
  const world = aWorld(aFleet("zeb"));
  world.boxes.set(87654321, aBox({ fleet: "zeb" }));
  world.env = { ...world.env, LIMIT_LOGINS: limiter(2), LIMIT_WRITES: limiter(2), LIMIT_MARKET_READS: limiter(2) };
  return world;
}

describe("the runtime's limiter", () => {
  it("lets through as many as wrangler.toml says, and keeps keys apart", async () => {
    const { LIMIT_LOGINS } = bindings;
    const asked: boolean[] = [];
    for (let time = 0; time < 11; time += 1) asked.push((await LIMIT_LOGINS?.limit({ key: "a" }))?.success === true);
    expect(asked.lastIndexOf(true)).toBe(9);
    expect(await LIMIT_LOGINS?.limit({ key: "b" })).toMatchObject({ success: true });
  });

  it.each(["LIMIT_WRITES", "LIMIT_MARKET_READS", "LIMIT_REFUSALS"] as const)("is bound as %s", async (name) => {
    expect(await bindings[name]?.limit({ key: "c" })).toMatchObject({ success: true });
  });
});

describe("wrong tokens", () => {
  it("are refused with 429 after so many from one address, at the login too", async () => {
    const world = aLimitedWorld();
    const headers = { "CF-Connecting-IP": "203.0.113.7" };
    const wrong = () => world.ask("/api/status", { token: `${ADMIN}x`, headers });
    expect(await statuses(2, wrong)).toEqual([401, 401]);
    await expectTooMany(await wrong());
    const body = { token: `${ADMIN}x` };
    await expectTooMany(await world.ask("/api/session", { method: "POST", token: null, body, headers }));
    const elsewhere = { "CF-Connecting-IP": "203.0.113.8" };
    expect((await world.ask("/api/status", { token: `${ADMIN}x`, headers: elsewhere })).status).toBe(401);
  });

  it.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff:eeee:dddd:cccc", 429],
    ["2001:db8::1", "2001:db8:0:0:1::", 429],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", 401],
    ["::1", "::2", 429],
  ])("are counted over the network that one IPv6 address stands for: %s and %s", async (first, second, status) => {
    const world = aLimitedWorld();
    const wrong = (address: string) =>
      world.ask("/api/status", { token: `${ADMIN}x`, headers: { "CF-Connecting-IP": address } });
    expect(await statuses(2, () => wrong(first))).toEqual([401, 401]);
    expect((await wrong(second)).status).toBe(status);
  });

  it("lock nobody out who has a right one, behind the same address", async () => {
    const world = aLimitedWorld();
    const headers = { "CF-Connecting-IP": "203.0.113.7" };
    await statuses(5, () => world.ask("/api/status", { token: `${ADMIN}x`, headers }));
    expect((await world.ask("/api/status", { headers })).status).toBe(200);
    const body = { token: VIEWER };
    expect((await world.ask("/api/session", { method: "POST", token: null, body, headers })).status).toBe(201);
  });

  it("are not counted where none was sent", async () => {
    const world = aLimitedWorld();
    expect(await statuses(5, () => world.ask("/api/status", { token: null }))).toEqual([401, 401, 401, 401, 401]);
  });
});

describe("writes", () => {
  it("are limited per token, and change nothing beyond it", async () => {
    const world = aLimitedWorld();
    world.env = { ...world.env, ADMIN_TOKEN: `alice:${ADMIN},bob:bobs-admin-token-1` };
    const pause = (token: string) => world.ask("/api/fleets/zeb/pause", { method: "POST", token });
    expect(await statuses(2, () => pause(ADMIN))).toEqual([200, 200]);
    await expectTooMany(await pause(ADMIN));
    expect(world.calls.filter(({ method }) => method === "pause")).toHaveLength(2);
    expect((await pause("bobs-admin-token-1")).status).toBe(200);
    expect((await world.ask("/api/status")).status).toBe(200);
  });
});

describe("reads that reach the market", () => {
  it.each([
    ["GET", "/api/offers"],
    ["GET", "/api/instances/87654321/logs"],
    ["GET", "/api/instances/87654321/ssh"],
    ["GET", "/api/cost?workers=4"],
    ["GET", "/api/cost?gpu=RTX_3060"],
    ["GET", "/api/reports/daily"],
    ["PUT", "/api/fleets/zeb?dryRun=true"],
    ["POST", "/api/fleets/zeb/check?dryRun=true"],
  ])("are limited per token: %s %s", async (method, path) => {
    const world = aLimitedWorld();
    const body = method === "PUT" ? { target: 4 } : undefined;
    const ask = () => world.ask(path, { method, token: VIEWER, body });
    expect(await statuses(2, ask)).toEqual([200, 200]);
    await expectTooMany(await ask());
    expect((await world.ask(path, { method, body })).status).toBe(200);
  });

  it("are not those that the keeper answers by itself", async () => {
    const world = aLimitedWorld();
    expect(await statuses(5, () => world.ask("/api/status", { token: VIEWER }))).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(3, () => world.ask("/api/cost", { token: VIEWER }))).toEqual([200, 200, 200]);
  });
});

describe("a limiter that fails", () => {
  it("limits nothing", async () => {
    const world = aLimitedWorld();
    const broken: RateLimit = { limit: () => Promise.reject(new Error("no limiter")) };
    world.env = { ...world.env, LIMIT_WRITES: broken, LIMIT_LOGINS: broken };
    expect((await world.ask("/api/fleets/zeb/pause", { method: "POST" })).status).toBe(200);
    expect((await world.ask("/api/status", { token: `${ADMIN}x` })).status).toBe(401);
  });
});
