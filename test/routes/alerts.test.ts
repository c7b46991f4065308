import { describe, expect, it } from "vitest";
import type { AlertView } from "../../src/durable/alert-view.ts";
import { aFleet, aWorld, VIEWER, type World } from "./fakes.ts";

const SECRET_PATH = "a-token-that-nobody-may-see";

const aView: AlertView = {
  alerts: [
    {
      kind: "breaker-open",
      fleet: "zeb",
      since: "2026-11-24T00:00:00.000Z",
      announcedAt: "2026-11-24T00:00:05.000Z",
      summary: "breaker open: \u001b[31mred\u001b[0m",
    },
  ],
  receiver: {
    fleet: "zeb",
    url: "https://discord.com/…",
    format: "discord",
    signed: false,
    waiting: 1,
    nextAttemptAt: "2026-11-24T00:02:00.000Z",
    lastError: "HTTP 503",
    lastDelivery: { at: "2026-11-24T00:01:00.000Z", delivered: false, detail: "HTTP 503" },
  },
};

function anAlertingWorld(): World {
  const world = aWorld(aFleet("zeb"), aFleet("zeb-large"));
  world.alertViews.set("zeb", aView);
  return world;
}

const put = (world: World, body: unknown, token?: string) =>
  world.ask("/api/fleets/zeb/alerts", { method: "PUT", body, ...(token === undefined ? {} : { token }) });

describe("GET /api/alerts", () => {
  it("puts together what the account and all fleets say, for a viewer too", async () => {
    const world = anAlertingWorld();
    const answer = await world.ask("/api/alerts", { token: VIEWER });
    expect(await answer.json()).toEqual({
      alerts: aView.alerts,
      receivers: [aView.receiver],
      notes: [expect.stringContaining("ALERT_WEBHOOK_URL is not set")],
    });
  });

  it("is a table for people, without what could steer a terminal", async () => {
    const text = await (await anAlertingWorld().ask("/api/alerts?format=text")).text();
    expect(text).toMatch(/zeb +breaker-open +2026-11-24T00:00Z +2026-11-24T00:00Z +breaker open/);
    expect(text).toMatch(
      /zeb +https:\/\/discord\.com\/… +discord +1 +2026-11-24T00:02Z +2026-11-24T00:01Z refused: HTTP 503/,
    );
    expect(text).not.toContain("\u001b");
    expect(await (await aWorld().ask("/api/alerts?format=text")).text()).toMatch(/^Nothing fires\./);
  });

  it("names a fleet that does not answer", async () => {
    const world = anAlertingWorld();
    world.faults.set("alertView", new Error("gone"));
    const { notes } = (await (await world.ask("/api/alerts")).json()) as { notes: string[] };
    expect(notes).toEqual(expect.arrayContaining([expect.stringContaining("zeb-large does not answer")]));
  });
});

describe("PUT /api/fleets/{fleet}/alerts", () => {
  it("hands the address on and gives none of it back", async () => {
    const world = anAlertingWorld();
    const url = `https://alerts.example.org/${SECRET_PATH}`;
    const answer = await put(world, { url, format: "slack", secret: "sixteen-letters-!" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain(SECRET_PATH);
    expect(world.calls.find(({ method }) => method === "setReceiver")).toMatchObject({
      fleet: "zeb",
      args: [{ url, format: "slack", secret: "sixteen-letters-!" }, { name: "admin" }],
    });
  });

  it.each([
    [{ url: `http://alerts.example.org/${SECRET_PATH}` }, "url"],
    [{ url: `https://10.0.0.1/${SECRET_PATH}` }, "url"],
    [{ url: `https://me:${SECRET_PATH}@alerts.example.org/` }, "url"],
    [{ url: [SECRET_PATH] }, "url"],
    [`https://alerts.example.org/${SECRET_PATH}`, "body"],
    [{ url: "https://alerts.example.org/", format: SECRET_PATH }, "format"],
    [{ url: "https://alerts.example.org/", secret: "short" }, "secret"],
    [{ url: "https://alerts.example.org/", colour: SECRET_PATH }, "colour"],
    [{}, "url"],
  ])("refuses %j at %s, without repeating any value", async (body, field) => {
    const world = anAlertingWorld();
    const answer = await put(world, typeof body === "string" ? JSON.stringify(body) : body);
    const text = await answer.text();
    expect(answer.status).toBe(422);
    expect((JSON.parse(text) as { errors: { field: string }[] }).errors.map((error) => error.field)).toEqual([field]);
    expect(text).not.toContain(SECRET_PATH);
    expect(world.calls.some(({ method }) => method === "setReceiver")).toBe(false);
  });

  it("is the admin's; reading it is the viewer's", async () => {
    const world = anAlertingWorld();
    expect((await put(world, { url: "https://alerts.example.org/" }, VIEWER)).status).toBe(403);
    expect((await world.ask("/api/fleets/zeb/alerts", { method: "DELETE", token: VIEWER })).status).toBe(403);
    expect((await world.ask("/api/fleets/zeb/alerts", { token: VIEWER })).status).toBe(200);
    expect((await world.ask("/api/fleets/nobody/alerts")).status).toBe(404);
  });
});

describe("POST /api/alerts/test", () => {
  it("is the admin's, and says where there is no receiver", async () => {
    const world = anAlertingWorld();
    const test = (body: unknown, token?: string) =>
      world.ask("/api/alerts/test", { method: "POST", body, ...(token === undefined ? {} : { token }) });
    expect((await test({}, VIEWER)).status).toBe(403);
    for (const body of [{}, { fleet: "zeb" }]) {
      const answer = await test(body);
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([409, "no-receiver"]);
    }
    expect((await test({ fleet: "nobody" })).status).toBe(404);
    expect((await test({ fleet: "No Body" })).status).toBe(422);
    expect((await test({ flee: "zeb" })).status).toBe(422);
  });
});
