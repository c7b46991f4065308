import { describe, expect, it } from "vitest";
import { err, ok } from "../../src/fleet/result.ts";
import { aBox, aWorld, VIEWER } from "./fakes.ts";

const path = "/api/instances/87654321/logs";

describe("GET /api/instances/{id}/logs", () => {
  it("answers the log as JSON and as text", async () => {
    const world = aWorld();
    expect(await (await world.ask(path)).json()).toEqual({
      instanceId: 87654321,
      text: "git installed\nrepo cloned",
      modifiedAt: null,
      isStale: false,
    });
    expect(await (await world.ask(`${path}?format=text`)).text()).toBe("git installed\nrepo cloned\n");
  });

  it("reads 50 lines of the worker's log, or as asked for", async () => {
    const world = aWorld();
    await world.ask(path);
    await world.ask(`${path}?tail=200&daemon=true`);
    expect(world.logWishes).toEqual([
      { instanceId: 87654321, tail: 50, daemon: false },
      { instanceId: 87654321, tail: 200, daemon: true },
    ]);
  });

  it("masks secrets and takes out what could steer a terminal", async () => {
    const world = aWorld();
    const text = "HF_TOKEN=hf_AbCdEf0123456789\r\n\u001b[31mbatch 1";
    world.log = ok({ instanceId: 87654321, text, modifiedAt: null, isStale: false });
    expect(await (await world.ask(path)).text()).not.toContain("AbCdEf0123456789");
    const shown = await (await world.ask(`${path}?format=text`)).text();
    expect(shown).not.toContain("AbCdEf0123456789");
    expect(shown).toMatch(/\n \[31mbatch 1\n$/);
  });

  it("shows a viewer the fleets' own boxes only", async () => {
    const world = aWorld();
    expect((await world.ask(path, { token: VIEWER })).status).toBe(404);
    world.boxes.set(87654321, aBox());
    expect((await world.ask(path, { token: VIEWER })).status).toBe(403);
    expect((await world.ask(path)).status).toBe(200);
    world.boxes.set(87654321, aBox({ fleet: "zeb" }));
    expect((await world.ask(path, { token: VIEWER })).status).toBe(200);
  });

  it.each([
    ["no-such-instance", 404],
    ["log-not-ready", 503],
    ["market-unreachable", 502],
    ["no-credentials", 503],
  ] as const)("answers %s with %i", async (code, status) => {
    const world = aWorld();
    world.log = err({ code, detail: "api_key=abcdef0123456789 was refused" });
    const response = await world.ask(path);
    expect(response.status).toBe(status);
    expect(response.headers.get("Retry-After")).toBe(code === "log-not-ready" ? "10" : null);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ code, hint: expect.any(String) });
    expect(text).not.toContain("abcdef0123456789");
  });

  it.each(["tail=0", "tail=10001", "tail=ten", "daemon=yes", "lines=5"])("refuses %s", async (parameters) => {
    const world = aWorld();
    expect((await world.ask(`${path}?${parameters}`)).status).toBe(422);
    expect(world.logWishes).toEqual([]);
  });

  it("refuses an id that is no number", async () => {
    expect((await aWorld().ask("/api/instances/worker/logs")).status).toBe(422);
  });
});
