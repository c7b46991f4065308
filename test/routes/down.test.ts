import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveSpec } from "../../src/fleet/spec.ts";
import { aFleet, aWorld, brokenD1, type World } from "./fakes.ts";

const MINUTE = 60_000;

interface Question {
  readonly code: string;
  readonly confirm: string;
  readonly expiresAt: string;
  readonly fleets: readonly { readonly fleet: string; readonly workers: readonly unknown[] }[];
}

async function down(world: World, body: unknown, path = "/api/fleets/zeb/down"): Promise<Response> {
  return world.ask(path, { method: "POST", body });
}

async function question(response: Response): Promise<Question> {
  expect(response.status).toBe(409);
  return response.json();
}

function ended(world: World): string[] {
  return world.calls.filter(({ method }) => method === "down").map(({ fleet }) => fleet);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("POST /api/fleets/{fleet}/down", () => {
  it("asks first, with the list, and ends nothing", async () => {
    const world = aWorld(aFleet("zeb"));
    const asked = await question(await down(world, {}));
    expect(asked).toMatchObject({
      code: "confirm-required",
      confirm: expect.any(String),
      expiresAt: new Date(Date.now() + 5 * MINUTE).toISOString(),
      fleets: [{ fleet: "zeb", workers: [{ instanceId: 87654321, gpu: "RTX 3070" }], intents: [] }],
    });
    expect(ended(world)).toEqual([]);
  });

  it("ends what was confirmed, and hands the keeper the fingerprint to compare", async () => {
    const world = aWorld(aFleet("zeb"));
    const { confirm } = await question(await down(world, undefined));
    const response = await down(world, { confirm });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ name: "zeb", mode: "down", state: "draining" });
    expect(world.calls.at(-1)).toMatchObject({ method: "down", args: ["zeb at 1", { name: "admin" }] });
  });

  it("takes a value once", async () => {
    const world = aWorld(aFleet("zeb"));
    const { confirm } = await question(await down(world, {}));
    await down(world, { confirm });
    const again = await question(await down(world, { confirm }));
    expect(again.code).toBe("confirm-mismatch");
    expect(ended(world)).toEqual(["zeb"]);
  });

  it("takes a value until five minutes have passed, not at five minutes", async () => {
    const world = aWorld(aFleet("zeb"));
    const { confirm } = await question(await down(world, {}));
    vi.setSystemTime(Date.now() + 5 * MINUTE);
    const late = await question(await down(world, { confirm }));
    expect(late.code).toBe("confirm-expired");
    vi.setSystemTime(Date.now() + 5 * MINUTE - 1);
    expect((await down(world, { confirm: late.confirm })).status).toBe(200);
  });

  it("asks again when something has changed in between", async () => {
    const world = aWorld(aFleet("zeb"));
    const { confirm } = await question(await down(world, {}));
    world.fleets.set("zeb", aFleet("zeb", { specVersion: 2 }));
    const changed = await question(await down(world, { confirm }));
    expect(changed.code).toBe("confirm-mismatch");
    expect((await down(world, { confirm: changed.confirm })).status).toBe(200);
  });

  it("passes on that the keeper saw a change at the last moment", async () => {
    const world = aWorld(aFleet("zeb"));
    const { confirm } = await question(await down(world, {}));
    world.faults.set("down", { code: "confirm-mismatch", detail: "a worker appeared", hint: "ask again" });
    expect(await question(await down(world, { confirm }))).toMatchObject({ code: "confirm-mismatch" });
  });

  it.each(["", "nonsense", "zzz-00", "-", "0-00"])("takes no made-up value: %j", async (confirm) => {
    const world = aWorld(aFleet("zeb"));
    expect((await question(await down(world, { confirm }))).code).toBe("confirm-mismatch");
  });

  it("takes no value dated into the future", async () => {
    const world = aWorld(aFleet("zeb"));
    const nowMs = Date.now();
    vi.setSystemTime(nowMs + 60 * MINUTE);
    const { confirm } = await question(await down(world, {}));
    vi.setSystemTime(nowMs);
    expect((await question(await down(world, { confirm }))).code).toBe("confirm-mismatch");
  });

  it("does not ask when forced", async () => {
    const world = aWorld(aFleet("zeb"));
    expect((await down(world, { force: true })).status).toBe(200);
    expect(world.calls.at(-1)?.args[0]).toBeNull();
    expect((await down(world, { force: false })).status).toBe(409);
  });
});

describe("POST /api/down", () => {
  const path = "/api/down";

  it("lists every fleet that the prefix names, and no other", async () => {
    const world = aWorld(...["zeb", "zeb-large", "zebra", "other"].map((name) => aFleet(name)));
    await world.publish("zeb", "zeb-large", "zebra", "other");
    const asked = await question(await down(world, { prefix: "zeb" }, path));
    expect(asked.fleets.map(({ fleet }) => fleet)).toEqual(["zeb", "zeb-large"]);
    const response = await down(world, { prefix: "zeb", confirm: asked.confirm }, path);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ fleets: [{ name: "zeb" }, { name: "zeb-large" }], failed: [] });
    expect(ended(world)).toEqual(["zeb", "zeb-large"]);
    expect((await question(await down(world, { prefix: "zeb", confirm: asked.confirm }, path))).code).toBe(
      "confirm-mismatch",
    );
  });

  it("does not take the value of one fleet for another list", async () => {
    const world = aWorld(aFleet("zeb"), aFleet("zeb-large"));
    await world.publish("zeb", "zeb-large");
    const { confirm } = await question(await down(world, {}));
    expect((await question(await down(world, { prefix: "zeb", confirm }, path))).code).toBe("confirm-mismatch");
  });

  it("ends the others when one fleet refuses, and says which did not end", async () => {
    const world = aWorld(aFleet("zeb"));
    await world.publish("zeb");
    world.faults.set("down", new Error("overloaded"));
    const response = await down(world, { prefix: "zeb", force: true }, path);
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({ failed: [{ fleet: "zeb", code: "internal-error" }], fleets: [] });
  });

  it("ends the others when one fleet's keeper does not say what it would end, and that one by force", async () => {
    const world = aWorld(aFleet("zeb"), aFleet("zeb-belief"), aFleet("zeb-large"));
    await world.publish("zeb", "zeb-belief", "zeb-large");
    world.faults.set("zeb-belief previewDown", new Error("overloaded"));
    const asked = await question(await down(world, { prefix: "zeb" }, path));
    expect(asked).toMatchObject({ fleets: [{ fleet: "zeb" }, { fleet: "zeb-large" }], silent: ["zeb-belief"] });
    const response = await down(world, { prefix: "zeb", confirm: asked.confirm }, path);
    expect(await response.json()).toMatchObject({
      failed: [{ fleet: "zeb-belief", detail: expect.stringContaining("does not answer") }],
      fleets: [{ name: "zeb" }, { name: "zeb-large" }],
    });
    expect(ended(world)).toEqual(["zeb", "zeb-large"]);
    expect((await down(world, { prefix: "zeb", force: true }, path)).status).toBe(200);
    expect(ended(world).slice(2).toSorted()).toEqual(["zeb", "zeb-belief", "zeb-large"]);
  });

  it("works from the account's keeper when D1 does not answer", async () => {
    const world = aWorld(aFleet("zeb"), aFleet("zeb-large"));
    world.env = { ...world.env, DB: brokenD1() };
    expect((await down(world, { prefix: "zeb-large", force: true }, path)).status).toBe(200);
    expect(ended(world)).toEqual(["zeb-large"]);
  });

  it("answers 404 when the prefix names nothing, 422 when it cannot name anything", async () => {
    const world = aWorld();
    expect((await down(world, { prefix: "nobody", force: true }, path)).status).toBe(404);
    expect((await down(world, { prefix: "", force: true }, path)).status).toBe(422);
    expect((await down(world, { force: true }, path)).status).toBe(422);
  });
});

describe("a target of 0", () => {
  const write = (world: World, method: string, body: object): Promise<Response> =>
    world.ask("/api/fleets/zeb", { method, body });

  it.each(["PUT", "PATCH"])("by %s is confirmed like a down", async (method) => {
    const world = aWorld(aFleet("zeb"));
    const { confirm, fleets } = await question(await write(world, method, { target: 0 }));
    expect(fleets).toHaveLength(1);
    expect(world.fleets.get("zeb")?.mode).toBe("active");
    const response = await write(world, method, { target: 0, confirm });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ fleet: { mode: "down", spec: { target: 0 } } });
    const options = world.calls.at(-1)?.args.at(-1);
    expect(options).toEqual({
      actor: { name: "admin" },
      expectedVersion: null,
      confirmedFingerprint: expect.any(String),
    });
  });

  it.each(["PUT", "PATCH"])("by %s does not ask when forced", async (method) => {
    const world = aWorld(aFleet("zeb"));
    expect((await write(world, method, { target: 0, force: true })).status).toBe(200);
    expect(world.calls.at(-1)?.args.at(method === "PUT" ? 1 : 0)).toEqual({ target: 0 });
  });

  it("does not ask for a fleet that is new, down or at 0", async () => {
    expect((await write(aWorld(), "PUT", { target: 0 })).status).toBe(201);
    expect((await write(aWorld(aFleet("zeb", { mode: "down" })), "PATCH", { target: 0 })).status).toBe(200);
    const atZero = aFleet("zeb", { spec: resolveSpec("zeb", { target: 0 }, null) });
    expect((await write(aWorld(atZero), "PATCH", { target: 0 })).status).toBe(200);
  });
});
