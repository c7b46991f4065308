import { describe, expect, it } from "vitest";
import { aFleet, aPlan, aWorld, VIEWER } from "./fakes.ts";

describe("POST …/up and …/replenish", () => {
  it("launches with 202 and the runbook's lines", async () => {
    const world = aWorld();
    const body = { count: 4, gpu: "RTX_3090", preset: "zeb-large" };
    const response = await world.ask("/api/fleets/zeb/up", { method: "POST", body });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      target: 4,
      isUnfinished: true,
      lines: ["Launching 4 workers...", expect.any(String)],
    });
    expect(world.calls[0]?.args).toEqual([
      "zeb",
      { count: 4, gpu: "RTX 3090", preset: "zeb-large" },
      { name: "admin" },
    ]);
  });

  it("prints the lines as text", async () => {
    const world = aWorld(aFleet("zeb"));
    const response = await world.ask("/api/fleets/zeb/up?format=text", { method: "POST", body: { count: 4 } });
    expect(response.status).toBe(202);
    expect(await response.text()).toBe("Launching 4 workers...\n  Worker 0: RTX 3070 @ $0.102/hr\n");
  });

  it("replenishes a fleet that exists", async () => {
    const world = aWorld(aFleet("zeb"));
    const replenish = { method: "POST", body: { count: 6 } };
    const response = await world.ask("/api/fleets/zeb/replenish", replenish);
    expect(response.status).toBe(202);
    expect(world.calls[0]?.args).toEqual([6, { name: "admin" }]);
    expect((await world.ask("/api/fleets/nobody/replenish", replenish)).status).toBe(404);
  });

  it.each([0, 1001, "4"])("refuses a count of %j", async (count) => {
    const world = aWorld();
    expect((await world.ask("/api/fleets/zeb/up", { method: "POST", body: { count } })).status).toBe(422);
    expect(world.calls).toEqual([]);
  });
});

describe("POST …/pause, …/resume and …/check", () => {
  it("answers the fleet as it is then", async () => {
    const world = aWorld(aFleet("zeb"));
    const post = { method: "POST" };
    expect(await (await world.ask("/api/fleets/zeb/pause", post)).json()).toMatchObject({ mode: "paused" });
    expect(await (await world.ask("/api/fleets/zeb/resume", post)).json()).toMatchObject({ mode: "active" });
    const checked = await world.ask("/api/fleets/zeb/check", post);
    expect(checked.headers.get("ETag")).toBe('"4"');
    expect(await checked.json()).toMatchObject({ name: "zeb" });
  });

  it("closes the breaker by hand, for an admin only", async () => {
    const breaker = {
      reason: "2 machines, same error: No module named 'torch'",
      signature: "No module named <text>",
      openedAt: "2026-11-23T18:00:00.000Z",
      tries: 0,
      nextCanaryAt: "2026-11-23T18:05:00.000Z",
    };
    const world = aWorld(aFleet("zeb", { state: "breaker-open", breaker }));
    const path = "/api/fleets/zeb/breaker/close";
    expect((await world.ask(path, { method: "POST", token: VIEWER })).status).toBe(403);
    expect(await (await world.ask(path, { method: "POST" })).json()).toMatchObject({ breaker: null });
    expect(world.calls.map(({ method, args }) => [method, args])).toEqual([["closeBreaker", [{ name: "admin" }]]]);
  });

  it("refuses to resume a fleet that is down, in the keeper's words", async () => {
    const world = aWorld(aFleet("zeb", { mode: "down" }));
    world.faults.set("resume", { code: "fleet-is-down", detail: "zeb is down", hint: "give it a target" });
    const response = await world.ask("/api/fleets/zeb/resume", { method: "POST" });
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({
      type: "urn:fleetkeeper:problem:fleet-is-down",
      title: "The fleet is down",
      status: 409,
      code: "fleet-is-down",
      detail: "zeb is down",
      hint: "give it a target",
    });
  });

  it("answers the plan to a dry run and runs nothing", async () => {
    const world = aWorld(aFleet("zeb"));
    const response = await world.ask("/api/fleets/zeb/check?dryRun=true", { method: "POST" });
    expect(await response.json()).toEqual(aPlan);
    expect(world.calls.map(({ method }) => method)).toEqual(["plan"]);
    const text = await world.ask("/api/fleets/zeb/check?dryRun=true&format=text", { method: "POST" });
    expect(await text.text()).toBe(
      "[ramping] 1 actions, next look at 2026-11-23T18:01:00.000Z\n  destroy slot 3 87654321: stuck in BOOT\nno offer under $0.090/hr\n",
    );
  });

  it.each(["pause", "resume", "check", "check?dryRun=true", "down"])(
    "answers 404 to …/%s of an unknown fleet",
    async (action) => {
      expect((await aWorld().ask(`/api/fleets/zeb/${action}`, { method: "POST" })).status).toBe(404);
    },
  );
});
