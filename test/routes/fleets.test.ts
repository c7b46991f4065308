import { describe, expect, it } from "vitest";
import { aFleet, aPlan, aWorker, aWorld, brokenD1 } from "./fakes.ts";

describe("GET /api/fleets/{fleet}", () => {
  it("answers the document, with its version as ETag", async () => {
    const zeb = aFleet("zeb", { specVersion: 7 });
    const response = await aWorld(zeb).ask("/api/fleets/zeb");
    expect(response.headers.get("ETag")).toBe('"7"');
    expect(await response.json()).toEqual(zeb);
  });

  it("answers 404 for a fleet that does not exist", async () => {
    const response = await aWorld().ask("/api/fleets/zeb");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "fleet-not-found", detail: "there is no fleet named zeb" });
  });

  it.each(["Zeb", "-zeb", "a".repeat(42), "zeb_large", "zeb-worker-vast-1"])(
    "refuses the name %s with the reason",
    async (name) => {
      const world = aWorld();
      const response = await world.ask(`/api/fleets/${name}`);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: "invalid-request",
        errors: [{ field: "fleet", expected: expect.stringMatching(/fleet name/), got: JSON.stringify(name) }],
      });
      expect(world.calls).toEqual([]);
    },
  );

  it("answers the table where text is asked for, by header or by parameter", async () => {
    const world = aWorld(aFleet("zeb"));
    const header = await world.ask("/api/fleets/zeb", { headers: { Accept: "text/plain" } });
    const parameter = await world.ask("/api/fleets/zeb?format=text");
    expect(header.headers.get("Content-Type")).toMatch(/^text\/plain/);
    expect(await header.text()).toBe(await parameter.text());
    const both = await world.ask("/api/fleets/zeb?format=json", { headers: { Accept: "text/plain" } });
    expect(both.headers.get("Content-Type")).toMatch(/^application\/json/);
    const browser = await world.ask("/api/fleets/zeb", { headers: { Accept: "text/html,*/*;q=0.8" } });
    expect(browser.headers.get("Content-Type")).toMatch(/^application\/json/);
  });
});

describe("PUT and PATCH /api/fleets/{fleet}", () => {
  it("makes a fleet with 201 and changes it with 200", async () => {
    const world = aWorld();
    const made = await world.ask("/api/fleets/zeb-large", {
      method: "PUT",
      body: { target: 8, gpus: ["RTX_3070_Ti"] },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get("ETag")).toBe('"1"');
    expect(await made.json()).toMatchObject({ created: true, fleet: { spec: { target: 8, gpus: ["RTX 3070 Ti"] } } });
    const changed = await world.ask("/api/fleets/zeb-large", { method: "PATCH", body: { target: 9 } });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ diff: [{ field: "target", from: 8, to: 9 }], mismatched: [] });
  });

  it("hands the role and the version that the caller has seen to the keeper", async () => {
    const world = aWorld(aFleet("zeb", { specVersion: 3 }));
    const put = { method: "PUT", body: { target: 4 } };
    expect((await world.ask("/api/fleets/zeb", { ...put, headers: { "If-Match": '"2"' } })).status).toBe(412);
    expect((await world.ask("/api/fleets/zeb", { ...put, headers: { "If-Match": '"3"' } })).status).toBe(200);
    expect((await world.ask("/api/fleets/zeb", { ...put, headers: { "If-Match": "*" } })).status).toBe(200);
    const options = world.calls.map(({ args }) => args[2]);
    expect(options).toEqual([2, 3, null].map((expectedVersion) => ({ actor: { name: "admin" }, expectedVersion })));
    expect((await world.ask("/api/fleets/zeb", { ...put, headers: { "If-Match": "three" } })).status).toBe(422);
  });

  it("plans a dry run, for a fleet that does not exist as well, and stores nothing", async () => {
    const world = aWorld();
    const response = await world.ask("/api/fleets/zeb?dryRun=true", { method: "PUT", body: { target: 0 } });
    expect(await response.json()).toMatchObject({ spec: { target: 0 }, diff: [], plan: aPlan });
    expect(world.calls.map(({ method, args }) => [method, args[2]])).toEqual([["planSpec", { isPatch: false }]]);
    await world.ask("/api/fleets/zeb?dryRun=true", { method: "PATCH", body: {} });
    expect(world.calls.at(-1)?.args).toEqual(["zeb", {}, { isPatch: true }]);
    const text = await (
      await world.ask("/api/fleets/zeb?dryRun=true&format=text", { method: "PUT", body: { target: 1 } })
    ).text();
    expect(text).toContain("ok            Vast key          account 123456\n");
    expect(text).toContain("failed        write a/examples  the token may not; set another HF_TOKEN\n");
  });

  it("hands on the order to roll out, which is no field of the spec", async () => {
    const world = aWorld(aFleet("zeb"));
    await world.ask("/api/fleets/zeb", { method: "PATCH", body: { target: 2, rollOut: true } });
    expect(world.calls.at(-1)?.args).toEqual([{ target: 2 }, expect.objectContaining({ rollOut: true })]);
    expect((await world.ask("/api/fleets/zeb", { method: "PATCH", body: { rollOut: "yes" } })).status).toBe(422);
  });

  it("patches only a fleet that exists", async () => {
    expect((await aWorld().ask("/api/fleets/zeb", { method: "PATCH", body: { target: 1 } })).status).toBe(404);
  });
});

describe("DELETE /api/fleets/{fleet}", () => {
  it("says what was removed, and why something was not", async () => {
    const world = aWorld(aFleet("zeb"));
    world.faults.set("remove", { code: "not-empty", detail: "1 instance is left", hint: "take it down first" });
    const refused = await world.ask("/api/fleets/zeb", { method: "DELETE" });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: "not-empty",
      detail: "1 instance is left",
      hint: "take it down first",
    });
    world.faults.clear();
    expect(await (await world.ask("/api/fleets/zeb", { method: "DELETE" })).json()).toEqual({ removed: "zeb" });
  });
});

describe("GET /api/fleets", () => {
  it("lists what D1 names and what only the account knows, and drops what has gone since", async () => {
    const world = aWorld(aFleet("zeb"), aFleet("unpublished"));
    await world.publish("zeb", "ghost");
    const fleets = [world.fleets.get("unpublished"), world.fleets.get("zeb")];
    expect(await (await world.ask("/api/fleets")).json()).toEqual({ fleets, notes: [] });
  });

  it("asks the account's keeper when D1 does not answer, and says so", async () => {
    const world = aWorld(aFleet("zeb-large"), aFleet("zeb"));
    world.env = { ...world.env, DB: brokenD1() };
    const list: { fleets: { name: string }[]; notes: string[] } = await (await world.ask("/api/fleets")).json();
    expect(list.fleets.map(({ name }) => name)).toEqual(["zeb", "zeb-large"]);
    expect(list.notes).toEqual([expect.stringContaining("D1 does not answer")]);
  });

  it("names a fleet that does not answer and shows the others", async () => {
    const world = aWorld();
    await world.publish("zeb");
    world.faults.set("describe", new Error("object is overloaded"));
    const list: { fleets: unknown[]; notes: string[] } = await (await world.ask("/api/fleets")).json();
    expect(list.fleets).toEqual([]);
    expect(list.notes).toContain("zeb does not answer; it is missing here");
  });

  it("prints one line per fleet as text", async () => {
    const world = aWorld(aFleet("zeb", { workers: [aWorker(), aWorker({ instanceId: 2 })] }));
    world.env = { ...world.env, DB: brokenD1() };
    const text = await (await world.ask("/api/fleets?format=text")).text();
    expect(text.split("\n").slice(0, 3)).toEqual([
      "Fleet                  Mode    State                Preset      Target  Live    OK  games/s    $/hr  Last CHECK",
      "-".repeat(125),
      "zeb                    active  steady               zeb              4     2     2      2.4   0.204  2026-11-23T18:00:00.000Z",
    ]);
  });
});

describe("what nobody foresaw", () => {
  it("answers 500 with an id and nothing of the error", async () => {
    const world = aWorld(aFleet("zeb"));
    world.faults.set("pause", new Error("secret detail"));
    const response = await world.ask("/api/fleets/zeb/pause", { method: "POST" });
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain("secret detail");
    expect(JSON.parse(text)).toMatchObject({ code: "internal-error", id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });
});
