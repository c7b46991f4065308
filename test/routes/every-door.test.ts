import { afterEach, describe, expect, it, vi } from "vitest";
import { appRoutes } from "../support/app-routes.ts";
import { aBox, ADMIN, aFleet, aWorld, VIEWER, type World } from "./fakes.ts";
import { dryRuns, type Operation, operations } from "./operations.ts";

const OWN = { Origin: "http://localhost" };
const EIGHT_DAYS_MS = 8 * 86_400_000;

afterEach(() => void vi.useRealTimers());

function aFullWorld(): World {
  const world = aWorld(aFleet("zeb"));
  world.boxes.set(87654321, aBox({ fleet: "zeb" }));
  world.boxes.set(5, aBox({ instanceId: 5 }));
  return world;
}

type Credentials = Pick<NonNullable<Parameters<World["ask"]>[1]>, "token" | "headers">;

async function askAs(world: World, operation: Operation, as: Credentials, query = ""): Promise<Response> {
  const { route, path, body } = operation;
  const [method = "", pattern = ""] = route.split(" ");
  return world.ask(`${path ?? pattern}${query}`, { method: operation.method ?? method, body, ...as });
}

async function cookieOf(world: World, token: string): Promise<string> {
  const login = await world.ask("/api/session", { method: "POST", token: null, body: { token } });
  return (login.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
}

/** Nothing that the objects were asked changed anything, and nothing at all was asked beyond `reads`. */
function writesOf(world: World): readonly string[] {
  const reads = ["describe", "plan", "planSpec", "ssh", "offerView", "previewDown", "metrics", "alertView"];
  return [...world.calls, ...world.strayCalls].map(({ method }) => method).filter((method) => !reads.includes(method));
}

describe("the table of operations", () => {
  it("has every door of the app, and no other", () => {
    const doors = appRoutes().map(({ method, path }) => `${method} ${path}`);
    expect(operations.map(({ route }) => route).toSorted()).toEqual(doors.toSorted());
  });
});

const guarded = operations.filter(({ role }) => role !== "open");
const open = operations.filter(({ role }) => role === "open");

describe.each(guarded)("$route", (operation) => {
  const isWrite = operation.role === "admin";
  const forViewer = isWrite ? 403 : (operation.answers ?? 200);

  it("answers 401 to nobody, and to whoever forges: a wrong token, a wrong scheme, a made-up cookie", async () => {
    const world = aFullWorld();
    const viewers = await cookieOf(world, VIEWER);
    const [payload = "", mark = ""] = viewers.split("=")[1]?.split(".") ?? [];
    const raised = btoa(atob(payload).replace('"viewer"', '"admin"')).replaceAll("=", "");
    const cookies = [`${payload}.${mark.slice(0, -3)}AAA`, `${raised}.${mark}`, payload, "x.y"];
    const forgeries: readonly Credentials[] = [
      { token: null },
      { token: `${ADMIN}x` },
      { token: ADMIN.slice(0, -1) },
      { token: null, headers: { Authorization: `Basic ${btoa(`admin:${ADMIN}`)}` } },
      { token: null, headers: { "Cf-Access-Jwt-Assertion": "a.b.c" } },
      ...cookies.map((value) => ({ token: null, headers: { ...OWN, Cookie: `__Host-fleetkeeper=${value}` } })),
    ];
    for (const forgery of forgeries) {
      const answer = await askAs(world, operation, forgery);
      expect([forgery, answer.status]).toEqual([forgery, 401]);
      expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
    }
    expect([...world.calls, ...world.strayCalls]).toEqual([]);
  });

  it("answers 401 to a session that has expired or whose token is gone", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const world = aFullWorld();
    const headers = { ...OWN, Cookie: await cookieOf(world, ADMIN) };
    const { env } = world;
    world.env = { ...env, ADMIN_TOKEN: "another-admin-token" };
    expect((await askAs(world, operation, { token: null, headers })).status).toBe(401);
    world.env = { ...env };
    vi.setSystemTime(Date.now() + EIGHT_DAYS_MS);
    expect((await askAs(world, operation, { token: null, headers })).status).toBe(401);
    expect([...world.calls, ...world.strayCalls]).toEqual([]);
  });

  it("answers 503 while no token is set, naming the missing secret", async () => {
    const world = aFullWorld();
    world.env = { ...world.env, ADMIN_TOKEN: "", VIEWER_TOKEN: "" };
    const answer = await askAs(world, operation, { token: ADMIN });
    expect(answer.status).toBe(503);
    const code = "token-not-set";
    expect(await answer.json()).toMatchObject({ code, detail: "the secret ADMIN_TOKEN is missing" });
    expect([...world.calls, ...world.strayCalls]).toEqual([]);
  });

  it(`answers ${forViewer} to the viewer, by token and by session, and changes nothing`, async () => {
    const world = aFullWorld();
    expect((await askAs(world, operation, { token: VIEWER })).status).toBe(forViewer);
    const headers = { ...OWN, Cookie: await cookieOf(world, VIEWER) };
    expect((await askAs(world, operation, { token: null, headers })).status).toBe(forViewer);
    expect(writesOf(world)).toEqual([]);
  });

  it("lets the admin in, by token and by session", async () => {
    const byToken = await askAs(aFullWorld(), operation, { token: ADMIN });
    const world = aFullWorld();
    const headers = { ...OWN, Cookie: await cookieOf(world, ADMIN) };
    const bySession = await askAs(world, operation, { token: null, headers });
    expect([200, 201, 202, 409, 422, operation.answers]).toContain(byToken.status);
    expect(bySession.status).toBe(byToken.status);
  });

  it.runIf(isWrite)("is not done by a session for a page of another site", async () => {
    const world = aFullWorld();
    const Cookie = await cookieOf(world, ADMIN);
    for (const from of [{}, { Origin: "https://evil.test" }, { Origin: "null" }, { "Sec-Fetch-Site": "same-site" }]) {
      const answer = await askAs(world, operation, { token: null, headers: { Cookie, ...from } });
      expect([from, answer.status]).toEqual([from, 403]);
    }
    expect([...world.calls, ...world.strayCalls]).toEqual([]);
  });
});

describe.each(open)("$route", (operation) => {
  it("is open, and shows no secret", async () => {
    const answer = await askAs(aFullWorld(), operation, { token: null });
    expect(operation.answers === undefined ? answer.ok : answer.status).toBe(operation.answers ?? true);
    const text = await answer.text();
    for (const secret of [ADMIN, VIEWER]) expect(text).not.toContain(secret);
  });
});

describe.each(operations)("whoever asks $route", (operation) => {
  it("gets headers that keep browsers in bounds, and none that lets other sites read", async () => {
    for (const token of [null, ADMIN]) {
      const headers = { Origin: "http://localhost" };
      const answer = await askAs(aFullWorld(), operation, { token, headers });
      expect(answer.headers.get("Content-Security-Policy")).toMatch(/default-src|script-src/);
      expect(answer.headers.get("Strict-Transport-Security")).toMatch(/^max-age=31536000/);
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(answer.headers.get("X-Frame-Options")).toBe("DENY");
      expect(answer.headers.get("Cache-Control")).not.toBeNull();
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });

  it("may not send a body of more than 64 KB", async () => {
    const [method = ""] = (operation.method ?? operation.route).split(" ");
    const hasBody = !["GET", "HEAD"].includes(method);
    const large = { ...operation, body: hasBody ? "x".repeat(64 * 1024 + 1) : undefined };
    const world = aFullWorld();
    const answer = await askAs(world, large, { token: ADMIN });
    const isUnread = !hasBody || operation.route === "DELETE /api/session";
    expect(answer.status === 413).toBe(!isUnread);
    expect(isUnread ? [] : writesOf(world)).toEqual([]);
  });
});

describe.each(dryRuns)("%s with ?dryRun=true", (route) => {
  it("is a read: the viewer may, and nothing changes", async () => {
    const operation = operations.find((one) => one.route === route);
    if (operation === undefined) throw new Error(`${route} is not in the table`);
    const world = aFullWorld();
    expect((await askAs(world, operation, { token: VIEWER }, "?dryRun=true")).status).not.toBe(403);
    expect((await askAs(world, operation, { token: VIEWER }, "?dryRun=false")).status).toBe(403);
    expect((await askAs(world, operation, { token: null }, "?dryRun=true")).status).toBe(401);
    expect(writesOf(world)).toEqual([]);
  });

  it("is no way in for an operation that has no dry run", async () => {
    const world = aFullWorld();
    const others = operations.filter((one) => one.role === "admin" && !dryRuns.includes(one.route));
    for (const other of others) {
      const answer = await askAs(world, other, { token: VIEWER }, "?dryRun=true");
      expect([other.route, answer.status]).toEqual([other.route, 403]);
    }
  });
});
