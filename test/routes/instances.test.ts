import { describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { aBox, aWorld, brokenD1, VIEWER } from "./fakes.ts";

const ENDED = Date.parse("2026-11-23T18:00:00Z");
const path = "/api/instances/87654321/logs";

describe("GET /api/instances/{id}/logs", () => {
  it("answers the log as JSON and as text", async () => {
    const world = aWorld();
    expect(await (await world.ask(path)).json()).toEqual({
      instanceId: 87654321,
      text: "git installed\nrepo cloned",
      modifiedAt: null,
      isStale: false,
      from: "market",
      endedAt: null,
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
    world.log = ok({ instanceId: 87654321, text, modifiedAt: null, isStale: false, from: "market", endedAt: null });
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

  describe("of an instance that the market no longer has", () => {
    const gone = err({ code: "no-such-instance", detail: "instance 87654321 not found" } as const);
    const row = { instanceId: 87654321, fleet: "zeb", atMs: ENDED, readAtMs: ENDED - 60_000, text: "batch 1\nKilled" };

    async function aWorldThatKept() {
      const world = aWorld();
      await writeOutbox(world.env.DB, [{ kind: "last-log", row }]);
      world.log = gone;
      return world;
    }

    it("answers what was kept, and says so", async () => {
      const world = await aWorldThatKept();
      const response = await world.ask(path);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        instanceId: 87654321,
        text: "batch 1\nKilled",
        modifiedAt: "2026-11-23T17:59:00.000Z",
        isStale: true,
        from: "kept",
        endedAt: "2026-11-23T18:00:00.000Z",
      });
      expect(await (await world.ask(`${path}?format=text`)).text()).toBe(
        "# instance 87654321 ended at 2026-11-23T18:00:00.000Z; its last lines, read at 2026-11-23T17:59:00.000Z\nbatch 1\nKilled\n",
      );
      expect(await (await world.ask(`${path}?tail=1`)).json()).toMatchObject({ text: "Killed" });
    });

    it("shows it to a viewer too: only fleets' instances have kept lines", async () => {
      const world = await aWorldThatKept();
      const response = await world.ask(path, { token: VIEWER });
      expect([response.status, world.logWishes]).toEqual([200, []]);
      expect(await response.json()).toMatchObject({ from: "kept" });
    });

    it("has no daemon's log, and nothing of an instance that no fleet had", async () => {
      const world = await aWorldThatKept();
      expect((await world.ask(`${path}?daemon=true`)).status).toBe(404);
      expect((await world.ask("/api/instances/5/logs")).status).toBe(404);
    });

    it("says so where D1 does not answer", async () => {
      const world = await aWorldThatKept();
      world.env = { ...world.env, DB: brokenD1() };
      const response = await world.ask(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain("D1 does not answer");
    });

    it("prefers the market's log while there is one", async () => {
      const world = await aWorldThatKept();
      world.log = aWorld().log;
      expect(await (await world.ask(path)).json()).toMatchObject({ from: "market" });
    });
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
