import { afterEach, describe, expect, it, vi } from "vitest";
import { ADMIN, aFleet, aWorld, VIEWER, type World } from "./fakes.ts";

/** `app.request` asks under this origin. */
const OWN = "http://localhost";
const START = Date.parse("2026-11-24T08:00:00Z");
const DAY_MS = 86_400_000;

afterEach(() => void vi.useRealTimers());

async function logIn(world: World, token: string): Promise<{ answer: Response; cookie: string }> {
  const answer = await world.ask("/api/session", { method: "POST", token: null, body: { token } });
  return { answer, cookie: (answer.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "" };
}

function withCookie(world: World, cookie: string, path: string, more: Parameters<World["ask"]>[1] = {}) {
  return world.ask(path, { ...more, token: null, headers: { ...more.headers, Cookie: cookie } });
}

describe("logging in", () => {
  it("answers who it is and until when, in a cookie that only this deployment's pages send and no script reads", async () => {
    vi.useFakeTimers({ now: START, toFake: ["Date"] });
    const { answer } = await logIn(aWorld(), ADMIN);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(await answer.json()).toEqual({
      role: "admin",
      name: "admin",
      via: "session",
      expiresAt: new Date(START + 7 * DAY_MS).toISOString(),
    });
    const [value = "", ...flags] = (answer.headers.get("Set-Cookie") ?? "").split("; ");
    expect(value).toMatch(/^__Host-fleetkeeper=[\w.-]+$/);
    expect(flags.toSorted()).toEqual(["HttpOnly", "Max-Age=604800", "Path=/", "SameSite=Strict", "Secure"]);
    expect(atob(value.split("=")[1]?.split(".")[0]?.replaceAll("-", "+").replaceAll("_", "/") ?? "")).not.toContain(
      ADMIN,
    );
  });

  it("takes nothing but a token of this deployment", async () => {
    const world = aWorld();
    const { answer, cookie } = await logIn(world, `${ADMIN}x`);
    expect([answer.status, cookie]).toEqual([401, ""]);
    const refusals = [{}, { token: "" }, { token: ADMIN, role: "admin" }, "{"];
    const statuses = refusals.map(
      async (body) => (await world.ask("/api/session", { method: "POST", token: null, body })).status,
    );
    expect(await Promise.all(statuses)).toEqual([422, 422, 422, 400]);
    world.env = { ...world.env, ADMIN_TOKEN: "", VIEWER_TOKEN: "" };
    expect((await logIn(world, ADMIN)).answer.status).toBe(503);
  });

  it("is refused to a page of another site", async () => {
    const world = aWorld();
    const ask = (headers: Record<string, string>) =>
      world.ask("/api/session", { method: "POST", token: null, body: { token: ADMIN }, headers });
    expect((await ask({ Origin: "https://evil.test" })).status).toBe(403);
    expect((await ask({ Origin: "null" })).status).toBe(403);
    expect((await ask({ "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
    expect((await ask({ "Sec-Fetch-Site": "same-site", Origin: "https://other.localhost" })).status).toBe(403);
    expect((await ask({ Origin: OWN })).status).toBe(201);
    expect((await ask({ "Sec-Fetch-Site": "same-origin" })).status).toBe(201);
  });
});

describe("a session", () => {
  it("reads as its token does, and says whose it is", async () => {
    const world = aWorld(aFleet("zeb"));
    const { cookie } = await logIn(world, VIEWER);
    expect((await withCookie(world, cookie, "/api/status")).status).toBe(200);
    const who = await withCookie(world, cookie, "/api/session");
    expect(await who.json()).toMatchObject({ role: "viewer", name: "viewer", via: "session" });
    const text = await withCookie(world, cookie, "/api/session?format=text");
    expect(await text.text()).toMatch(/^viewer \(viewer\) by session until 20/);
  });

  it("has the role of its token", async () => {
    const world = aWorld(aFleet("zeb"));
    const pause = async (token: string): Promise<number> => {
      const { cookie } = await logIn(world, token);
      const own = { method: "POST", headers: { Origin: OWN } };
      return (await withCookie(world, cookie, "/api/fleets/zeb/pause", own)).status;
    };
    expect(await pause(VIEWER)).toBe(403);
    expect(await pause(ADMIN)).toBe(200);
  });

  it.each([
    ["no word of where from", {}, 403],
    ["another site", { Origin: "https://evil.test" }, 403],
    ["another site without an origin", { Origin: "null" }, 403],
    ["a sibling host", { "Sec-Fetch-Site": "same-site" }, 403],
    ["its own page, by origin", { Origin: OWN }, 200],
    ["its own page, as the browser says", { "Sec-Fetch-Site": "same-origin" }, 200],
    ["the public address", { Origin: "https://fleet.test" }, 200],
  ])("writes from its own pages only: %s", async (_from, headers, status) => {
    const world = aWorld(aFleet("zeb"));
    world.env = { ...world.env, PUBLIC_URL: "https://fleet.test/" };
    const { cookie } = await logIn(world, ADMIN);
    const answer = await withCookie(world, cookie, "/api/fleets/zeb/pause", { method: "POST", headers });
    const { code } = await answer.json<{ code?: string }>();
    expect([answer.status, code]).toEqual([status, status === 403 ? "foreign-origin" : undefined]);
    const isPaused = world.calls.some(({ method }) => method === "pause");
    expect(isPaused).toBe(status === 200);
  });

  it("opens a socket from its own pages only", async () => {
    const world = aWorld(aFleet("zeb"));
    const { cookie } = await logIn(world, ADMIN);
    const socket = (Origin: string) =>
      withCookie(world, cookie, "/api/status", { headers: { Upgrade: "websocket", Origin } });
    expect((await socket("https://evil.test")).status).toBe(403);
    expect((await socket(OWN)).status).toBe(200);
  });

  it("ends after 7 days to the millisecond", async () => {
    vi.useFakeTimers({ now: START, toFake: ["Date"] });
    const world = aWorld();
    const { cookie } = await logIn(world, ADMIN);
    vi.setSystemTime(START + 7 * DAY_MS - 1);
    expect((await withCookie(world, cookie, "/api/session")).status).toBe(200);
    vi.setSystemTime(START + 7 * DAY_MS);
    expect((await withCookie(world, cookie, "/api/session")).status).toBe(401);
  });

  it("ends with its token, and outlives the rotation of another", async () => {
    const world = aWorld();
    const { cookie } = await logIn(world, ADMIN);
    const statusWith = async (ADMIN_TOKEN: string): Promise<number> => {
      world.env = { ...world.env, ADMIN_TOKEN };
      return (await withCookie(world, cookie, "/api/session")).status;
    };
    expect(await statusWith(`new:another-admin-token,old:${ADMIN}`)).toBe(200);
    expect(await statusWith("new:another-admin-token")).toBe(401);
  });

  it("ends when its token becomes a viewer's, and is not a viewer's either", async () => {
    const world = aWorld();
    const { cookie } = await logIn(world, ADMIN);
    world.env = { ...world.env, ADMIN_TOKEN: "another-admin-token", VIEWER_TOKEN: ADMIN };
    expect((await withCookie(world, cookie, "/api/status")).status).toBe(401);
  });

  it("cannot be forged", async () => {
    const world = aWorld();
    const { cookie } = await logIn(world, VIEWER);
    const [payload = "", mark = ""] = (cookie.split("=")[1] ?? "").split(".");
    const raised = btoa(atob(payload).replace('"viewer"', '"admin"')).replaceAll("=", "");
    const forgeries = [
      `${raised}.${mark}`,
      `${payload}.${mark.slice(0, -2)}AA`,
      `${payload}.`,
      payload,
      `.${mark}`,
      "~",
      `${payload}.${mark}.x`,
    ];
    for (const value of forgeries) {
      const answer = await withCookie(world, `__Host-fleetkeeper=${value}`, "/api/status");
      expect([value, answer.status]).toEqual([value, 401]);
    }
    expect((await withCookie(world, cookie.replace("__Host-", ""), "/api/status")).status).toBe(401);
  });

  it("gives way to a bearer token, a wrong one too", async () => {
    const world = aWorld();
    const { cookie } = await logIn(world, ADMIN);
    const as = async (Authorization: string) =>
      world.ask("/api/session", { token: null, headers: { Cookie: cookie, Authorization } });
    expect(await (await as(`Bearer ${VIEWER}`)).json()).toEqual({
      role: "viewer",
      name: "viewer",
      via: "token",
      expiresAt: null,
    });
    expect((await as(`Bearer ${VIEWER}x`)).status).toBe(401);
  });
});

describe("logging out", () => {
  it("takes the cookie away, with or without a session", async () => {
    const world = aWorld();
    const answer = await world.ask("/api/session", { method: "DELETE", token: null });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("Set-Cookie")).toMatch(/^__Host-fleetkeeper=; Max-Age=0; Path=\/; HttpOnly; Secure/);
  });

  it("is not done by a page of another site", async () => {
    const headers = { Origin: "https://evil.test" };
    const answer = await aWorld().ask("/api/session", { method: "DELETE", token: null, headers });
    expect([answer.status, answer.headers.get("Set-Cookie")]).toEqual([403, null]);
  });

  it("leaves nobody: without token and session there is no session", async () => {
    const answer = await aWorld().ask("/api/session", { token: null });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: "unauthorized" });
  });
});
