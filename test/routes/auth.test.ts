import { describe, expect, it } from "vitest";
import { aBox, ADMIN, aFleet, aWorld, VIEWER } from "./fakes.ts";

/** What each door answers to a viewer who asks rightly; the admin is answered by all of them. */
const doors = [
  { method: "GET", path: "/api/status", viewer: 200 },
  { method: "GET", path: "/api/fleets", viewer: 200 },
  { method: "GET", path: "/api/fleets/zeb", viewer: 200 },
  { method: "GET", path: "/api/instances/87654321/logs", viewer: 200 },
  { method: "PUT", path: "/api/fleets/zeb?dryRun=true", body: { target: 4 }, viewer: 200 },
  { method: "PATCH", path: "/api/fleets/zeb?dryRun=true", body: { target: 4 }, viewer: 200 },
  { method: "POST", path: "/api/fleets/zeb/check?dryRun=true", viewer: 200 },
  { method: "PUT", path: "/api/fleets/zeb", body: { target: 4 }, viewer: 403 },
  { method: "PUT", path: "/api/fleets/zeb?dryRun=false", body: { target: 4 }, viewer: 403 },
  { method: "PATCH", path: "/api/fleets/zeb", body: { target: 4 }, viewer: 403 },
  { method: "DELETE", path: "/api/fleets/zeb", viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/up", body: { count: 4 }, viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/replenish", body: { count: 4 }, viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/down", body: { force: true }, viewer: 403 },
  { method: "POST", path: "/api/down", body: { prefix: "zeb", force: true }, viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/pause", viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/resume", viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/check", viewer: 403 },
  { method: "POST", path: "/api/fleets/zeb/workers/0/replace", viewer: 403 },
  { method: "GET", path: "/api/fleets/zeb/workers/0/ssh", viewer: 200 },
  { method: "GET", path: "/api/instances/87654321/ssh", viewer: 200 },
  { method: "DELETE", path: "/api/instances/87654321", viewer: 403 },
  { method: "GET", path: "/api/strays", viewer: 200 },
  { method: "POST", path: "/api/strays/5/adopt", viewer: 403 },
  { method: "POST", path: "/api/strays/5/destroy", body: { force: true }, viewer: 403 },
  { method: "POST", path: "/api/strays/5/ignore", viewer: 403 },
  { method: "DELETE", path: "/api/strays/5/ignore", viewer: 403 },
] as const;

function aWorldWithOneFleet() {
  const world = aWorld(aFleet("zeb"));
  world.boxes.set(87654321, aBox({ fleet: "zeb" }));
  world.boxes.set(5, aBox({ instanceId: 5 }));
  return world;
}

describe.each(doors)("$method $path", ({ viewer, path, ...request }) => {
  it("answers 401 without a token and with a wrong one, and asks nobody", async () => {
    const world = aWorldWithOneFleet();
    const without = await world.ask(path, { ...request, token: null });
    expect(without.status).toBe(401);
    expect(without.headers.get("WWW-Authenticate")).toBe('Bearer realm="fleetkeeper"');
    const wrong = await world.ask(path, { ...request, token: `${ADMIN}x` });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
    expect(await wrong.json()).toMatchObject({
      code: "unauthorized",
      title: expect.any(String),
      hint: expect.any(String),
    });
    expect(world.calls).toEqual([]);
  });

  it(`answers ${viewer} to the viewer`, async () => {
    const world = aWorldWithOneFleet();
    await world.publish("zeb");
    expect((await world.ask(path, { ...request, token: VIEWER })).status).toBe(viewer);
    const asked = world.calls.map(({ method }) => method);
    expect(world.strayCalls).toEqual([]);
    expect(
      asked.filter((method) => viewer === 403 || !["describe", "planSpec", "plan", "ssh"].includes(method)),
    ).toEqual([]);
  });

  it("answers the admin", async () => {
    const world = aWorldWithOneFleet();
    await world.publish("zeb");
    expect([200, 202]).toContain((await world.ask(path, { ...request, token: ADMIN })).status);
  });

  it("answers 503 while no token is set, naming the missing secret", async () => {
    const world = aWorldWithOneFleet();
    world.env = { ...world.env, ADMIN_TOKEN: "", VIEWER_TOKEN: "" };
    const response = await world.ask(path, { ...request });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "token-not-set", detail: "the secret ADMIN_TOKEN is missing" });
    expect(world.calls).toEqual([]);
  });
});

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
});
