import { describe, expect, it } from "vitest";
import { ADMIN, aWorld } from "./fakes.ts";

describe("tokens", () => {
  it("counts a token under 16 characters as unset and says so, without showing it", async () => {
    const world = aWorld();
    world.env = { ...world.env, ADMIN_TOKEN: "only-15-letters", VIEWER_TOKEN: "" };
    const response = await world.ask("/api/status", { token: "only-15-letters" });
    expect(response.status).toBe(503);
    const text = await response.text();
    expect(text).toContain("ADMIN_TOKEN is shorter than 16 characters");
    expect(text).not.toContain("only-15-letters");
  });

  it("takes the scheme in any case, and no other scheme", async () => {
    const world = aWorld();
    const status = async (Authorization: string): Promise<number> =>
      (await world.ask("/api/status", { token: null, headers: { Authorization } })).status;
    expect(await status(`bearer ${ADMIN}`)).toBe(200);
    expect(await status(`Basic ${ADMIN}`)).toBe(401);
    expect(await status(ADMIN)).toBe(401);
    expect(await status("Bearer ")).toBe(401);
  });

  it("guards every path but /healthz, one that leads nowhere too", async () => {
    const world = aWorld();
    expect((await world.ask("/api/nothing", { token: null })).status).toBe(401);
    const nowhere = await world.ask("/api/nothing");
    expect(nowhere.status).toBe(404);
    expect(nowhere.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await nowhere.json()).toMatchObject({ code: "no-such-door", status: 404 });
    expect((await world.ask("/healthz", { token: null })).status).toBe(200);
  });

  it("tells the methods of a path that is asked by another one, to those alone who may enter", async () => {
    const world = aWorld();
    const wrong = await world.ask("/api/fleets/zeb", { method: "POST", body: {} });
    expect([wrong.status, wrong.headers.get("Allow")]).toEqual([405, "DELETE, GET, PATCH, PUT"]);
    expect(wrong.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await wrong.json()).toMatchObject({ code: "method-not-allowed", hint: "it takes DELETE, GET, PATCH, PUT" });
    expect((await world.ask("/api/status", { method: "OPTIONS" })).status).toBe(405);
    expect((await world.ask("/api/status", { method: "POST", token: null })).status).toBe(401);
    expect((await world.ask("/api/fleets/zeb/nothing", { method: "POST", body: {} })).status).toBe(404);
    expect((await world.ask("/api/status", { method: "HEAD" })).status).toBe(200);
  });
});
