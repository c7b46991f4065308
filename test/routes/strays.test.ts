import { describe, expect, it } from "vitest";
import { aBox, aFleet, aWorld, type World } from "./fakes.ts";

function aWorldWithStrays(): World {
  const world = aWorld(aFleet("zeb"));
  world.boxes.set(5, aBox({ instanceId: 5 }));
  world.boxes.set(6, aBox({ instanceId: 6, fleet: "zeb" }));
  return world;
}

const post = (world: World, path: string, body: unknown = {}) => world.ask(path, { method: "POST", body });

describe("GET /api/strays", () => {
  it("lists them as JSON and as a table, without what could steer a terminal", async () => {
    const world = aWorldWithStrays();
    world.boxes.set(7, aBox({ instanceId: 7, label: "\u001b[31mred" }));
    expect(await (await world.ask("/api/strays")).json()).toMatchObject({
      strays: [{ instanceId: 5, ignored: false }, { instanceId: 7 }],
      total: { strays: 2, usdPerHour: 0.14 },
    });
    const text = await (await world.ask("/api/strays?format=text")).text();
    expect(text).toContain("Total: 2 strays, $0.140/hr");
    expect(text).not.toContain("\u001b");
  });

  it("is pointed to by the status while they bill", async () => {
    const notes = async (world: World) =>
      ((await (await world.ask("/api/status")).json()) as { notes: string[] }).notes;
    expect(await notes(aWorldWithStrays())).toEqual(["1 stray bills $0.070/hr: GET /api/strays"]);
    expect(await notes(aWorld(aFleet("zeb")))).toEqual([]);
  });
});

describe("POST /api/strays/{id}/destroy", () => {
  it("asks first, takes the value once confirmed, and not for another stray", async () => {
    const world = aWorldWithStrays();
    world.boxes.set(8, aBox({ instanceId: 8 }));
    const asked = await post(world, "/api/strays/5/destroy");
    expect(asked.status).toBe(409);
    const { confirm, code, stray } = (await asked.json()) as { confirm: string; code: string; stray: unknown };
    expect([code, stray]).toEqual(["confirm-required", aBox({ instanceId: 5 })]);
    expect((await post(world, "/api/strays/8/destroy", { confirm })).status).toBe(409);
    expect(world.strayCalls).toEqual([]);
    expect((await post(world, "/api/strays/5/destroy", { confirm })).status).toBe(202);
    expect(world.strayCalls).toEqual([{ method: "destroyStray", args: [5, "stray 5", { name: "admin" }] }]);
  });

  it("does not ask when forced, nor for one that is going already", async () => {
    const world = aWorldWithStrays();
    expect((await post(world, "/api/strays/5/destroy", { force: true })).status).toBe(202);
    expect(world.strayCalls.at(-1)?.args[1]).toBeNull();
    world.boxes.set(5, aBox({ instanceId: 5, isEnding: true }));
    expect((await post(world, "/api/strays/5/destroy")).status).toBe(202);
  });

  it.each([
    ["/api/strays/6/destroy", 409, "not-a-stray"],
    ["/api/strays/9/destroy", 404, "no-such-instance"],
    ["/api/strays/first/destroy", 422, "invalid-request"],
  ])("refuses %s with %i %s", async (path, status, code) => {
    const world = aWorldWithStrays();
    const response = await post(world, path, { force: true });
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
    expect(world.strayCalls).toEqual([]);
  });
});

describe("POST /api/strays/{id}/adopt", () => {
  it.each([
    ["the one named", { fleet: "zeb-large" }, "somebody's", "zeb-large"],
    ["the one of its label", {}, "zeb-large-worker-vast-3", "zeb-large"],
    ["not the one whose name its label only begins with", {}, "zeb-worker-vast-3", "zeb"],
  ])("takes the fleet: %s", async (_words, body, label, fleet) => {
    const world = aWorld(aFleet("zeb"), aFleet("zeb-large"));
    world.boxes.set(5, aBox({ instanceId: 5, label }));
    expect((await post(world, "/api/strays/5/adopt", body)).status).toBe(200);
    expect(world.calls).toEqual([{ fleet, method: "adopt", args: [world.boxes.get(5), { name: "admin" }] }]);
  });

  it("takes the only fleet there is, and else wants to be told", async () => {
    const world = aWorldWithStrays();
    expect((await post(world, "/api/strays/5/adopt")).status).toBe(200);
    world.fleets.set("zeb-large", aFleet("zeb-large"));
    const response = await post(world, "/api/strays/5/adopt");
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ field: "fleet", expected: "one of zeb, zeb-large" }] });
    expect((await post(world, "/api/strays/5/adopt", { fleet: "Zeb" })).status).toBe(422);
    expect((await post(world, "/api/strays/5/adopt", { slot: 1 })).status).toBe(422);
  });
});

describe("…/ignore", () => {
  it("is switched on by POST and off by DELETE", async () => {
    const world = aWorldWithStrays();
    expect(await (await post(world, "/api/strays/5/ignore")).json()).toMatchObject({ instanceId: 5, ignored: true });
    const off = await world.ask("/api/strays/5/ignore", { method: "DELETE" });
    expect(await off.json()).toMatchObject({ instanceId: 5, ignored: false });
    expect(world.strayCalls.map(({ args }) => args[1])).toEqual([true, false]);
  });
});
