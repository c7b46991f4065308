import { describe, expect, it } from "vitest";
import { aMarket, KEY, SECOND } from "./a-market.ts";

describe("rate limits", () => {
  it("are off unless asked for", async () => {
    const test = aMarket();
    for (let call = 0; call < 20; call += 1) expect((await test.call("GET", "/api/v1/instances/")).status).toBe(200);
  });

  it("refuse an early repeat per route and method, whatever the id, and a refused call starts the interval anew", async () => {
    const test = aMarket({ rateLimits: true });
    const destroy = (id: number): Promise<number> =>
      test.call("DELETE", `/api/v0/instances/${id}/`, {}).then((answer) => answer.status);
    expect(await destroy(1)).toBe(404);
    await test.pass(2 * SECOND);
    expect(await destroy(2)).toBe(429);
    await test.pass(2 * SECOND);
    expect(await destroy(3)).toBe(429);
    await test.pass(3 * SECOND);
    expect(await destroy(4)).toBe(404);
  });

  it("can leave the interval alone when refusing, and can keep a bucket per id", async () => {
    const test = aMarket({ rateLimits: { refusedRestarts: false, isPerId: true } });
    const destroy = (id: number): Promise<number> =>
      test.call("DELETE", `/api/v0/instances/${id}/`, {}).then((answer) => answer.status);
    expect([await destroy(1), await destroy(2), await destroy(1)]).toEqual([404, 404, 429]);
    await test.pass(3 * SECOND);
    expect(await destroy(1)).toBe(404);
  });

  it("answer with all four documented bodies in turn, without Retry-After", async () => {
    const test = aMarket({ rateLimits: true });
    await test.call("GET", "/api/v1/instances/");
    const bodies: string[] = [];
    for (let call = 0; call < 4; call += 1) {
      const answer = await test.call("GET", "/api/v1/instances/");
      expect(answer.status).toBe(429);
      expect(answer.headers.get("Retry-After")).toBeNull();
      bodies.push(answer.text);
    }
    expect(bodies).toEqual([
      "API requests too frequent",
      "API requests too frequent: endpoint threshold=1.0",
      '{"detail":"API requests too frequent endpoint threshold=1.0"}',
      '{"success":false,"error":"rate_limit_exceeded","msg":"API requests too frequent endpoint threshold=1.0"}',
    ]);
  });

  it("let one create through every 4.5 s, with the penalty of 12 when that is on", async () => {
    const create = (test: ReturnType<typeof aMarket>): Promise<number> =>
      test.call("PUT", "/api/v0/asks/1/", { image: "x" }).then((answer) => answer.status);
    const plain = aMarket({ rateLimits: true });
    await create(plain);
    expect(await create(plain)).toBe(429);
    await plain.pass(4500);
    expect(await create(plain)).toBe(404);
    const strict = aMarket({ rateLimits: { createPenaltySeconds: 12 } });
    await create(strict);
    expect(await create(strict)).toBe(429);
    await strict.pass(16_400);
    expect(await create(strict)).toBe(429);
    await strict.pass(16_500);
    expect(await create(strict)).toBe(404);
  });

  it("let ten searches a minute through", async () => {
    const test = aMarket({ rateLimits: true });
    const statuses: number[] = [];
    for (let call = 0; call < 11; call += 1) statuses.push((await test.call("POST", "/api/v0/bundles/", {})).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
    await test.pass(61 * SECOND);
    expect((await test.call("POST", "/api/v0/bundles/", {})).status).toBe(200);
  });

  it("count calls by route and status, per minute, and how many were open", async () => {
    const test = aMarket();
    await test.call("GET", "/api/v1/instances/");
    await test.call("GET", "/api/v0/instances", undefined, KEY);
    const truth = await test.truth();
    expect(truth["calls"]).toMatchObject({
      "GET /api/v1/instances/": { total: 1, byStatus: { 200: 1 } },
      "GET /api/v0/instances/": { byStatus: { 410: 1 } },
    });
    expect(truth["callsPerMinute"]).toEqual([
      { minute: "2026-11-23T12:00", total: 2, byRoute: { "GET /api/v1/instances/": 1, "GET /api/v0/instances/": 1 } },
    ]);
    expect(truth["inFlightMax"]).toEqual({ all: 1, logs: 0, rents: 0 });
  });
});
