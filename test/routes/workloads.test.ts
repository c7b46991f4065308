import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import example from "../../docs/examples/sd-batch.json" with { type: "json" };
import { workloadsRead, workloadsUpsert } from "../../src/db/workloads.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";
import { workloadSchema } from "../../src/fleet/workload.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { aFleet, aWorld, brokenD1, VIEWER } from "./fakes.ts";

const sdBatch = workloadSchema.parse(example);
const user = aFleet("renders", {
  spec: resolveSpec(
    "renders",
    { target: 1, workload: "sd-batch", workloadArguments: { promptsUrl: "https://x" } },
    null,
  ),
});
const put = (body: unknown) => ({ method: "PUT", body });

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

describe("PUT /api/workloads/{name}", () => {
  it("stores a record with 201, replaces it with 200, and gives it back", async () => {
    const world = aWorld();
    expect((await world.ask("/api/workloads/sd-batch", put(example))).status).toBe(201);
    const again = await world.ask("/api/workloads/sd-batch", put({ ...example, image: "x:2" }));
    expect([again.status, await again.json()]).toEqual([
      200,
      { workload: { ...sdBatch, image: "x:2" }, fleets: [], notes: [] },
    ]);
    expect(await (await world.ask("/api/workloads/sd-batch", { token: VIEWER })).json()).toMatchObject({
      name: "sd-batch",
      isBuiltIn: false,
      updatedBy: "admin",
      workload: { image: "x:2" },
    });
  });

  it("tells the fleets that use it, and says of one that does not answer when it follows", async () => {
    const world = aWorld(user, aFleet("zeb"));
    const told = await world.ask("/api/workloads/sd-batch", put(example));
    expect(await told.json()).toMatchObject({ fleets: [{ fleet: "renders", mismatched: [] }], notes: [] });
    expect(world.calls.flatMap(({ fleet, method }) => (method === "takeWorkload" ? [fleet] : []))).toEqual(["renders"]);
    world.faults.set("takeWorkload", new Error("object is overloaded"));
    expect(await (await world.ask("/api/workloads/sd-batch", put(example))).json()).toMatchObject({
      notes: ["renders does not answer; it takes the record after its next CHECK"],
    });
  });

  it("refuses what a fleet that uses it could not launch, names the fleet, and stores nothing", async () => {
    const source = { words: "where from", default: null, pattern: null };
    const body = { ...example, parameters: { ...example.parameters, source } };
    const answer = await aWorld(user).ask("/api/workloads/sd-batch", put(body));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      errors: [{ field: "workloadArguments.source", expected: expect.stringContaining("fleet renders") }],
    });
    expect(await workloadsRead(env.DB, "sd-batch")).toBeNull();
  });

  it.each([
    [
      "a pattern that does not compile",
      { log: { ...example.log, uploadStarted: ["(a"] } },
      "log.uploadStarted.0",
      "a ( without its )",
    ],
    [
      "a pattern outside the subset",
      { log: { ...example.log, benign: ["(a+)+"] } },
      "log.benign.0",
      "a group cannot be repeated",
    ],
    [
      "a pattern that costs too much",
      { log: { ...example.log, benign: ["^.*a.*b.*c"] } },
      "log.benign.0",
      "too costly",
    ],
    [
      "a progress pattern without a rate",
      { log: { ...example.log, progress: "^image (?<batch>[0-9]{1,3})" } },
      "log.progress",
      "named groups",
    ],
    ["a start script over the limit", { startScript: "x".repeat(4097) }, "startScript", "at most 4096 characters"],
    [
      "one over the limit when filled in",
      { startScript: `x ${"{{workerId}} ".repeat(300)}` },
      "startScript",
      "characters when filled in",
    ],
    ["an unknown value", { startScript: "run {{token}}" }, "startScript", "{{token}} is not a value"],
    ["a field that there is not", { colour: "red" }, "colour", "no such field; there are name, image"],
    [
      "one in a milestone",
      { log: { ...example.log, milestones: [{ pattern: "a", words: "a", phase: "setup", x: 1 }] } },
      "log.milestones.0.x",
      "no such field; there are pattern, words, phase",
    ],
    ["a name that is not the path's", { name: "other" }, "name", "the name of the path, sd-batch"],
    ["a token in it", { env: { HF_TOKEN: { text: "hf_AbCdEfGh0123456789" } } }, "body", "without a token"],
  ])("refuses %s, naming the field", async (_words, change, field, expected) => {
    const answer = await aWorld().ask("/api/workloads/sd-batch", put({ ...example, ...change }));
    expect(answer.status).toBe(422);
    const { errors }: { errors: { field: string; expected: string }[] } = await answer.json();
    expect(errors.map((each) => each.field)).toContain(field);
    expect(errors.find((each) => each.field === field)?.expected).toContain(expected);
    expect(await workloadsRead(env.DB, "sd-batch")).toBeNull();
  });

  it("refuses a built-in name with 409", async () => {
    const answer = await aWorld().ask("/api/workloads/zeb", put(zeb));
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ code: "workload-is-built-in", detail: expect.stringContaining("zeb") });
  });

  it("tries without storing for a viewer, and stores for the admin only", async () => {
    const world = aWorld(user);
    const dry = await world.ask("/api/workloads/sd-batch?dryRun=true", { ...put(example), token: VIEWER });
    expect([dry.status, await workloadsRead(env.DB, "sd-batch")]).toEqual([200, null]);
    expect((await world.ask("/api/workloads/sd-batch", { ...put(example), token: VIEWER })).status).toBe(403);
    expect(world.calls.filter(({ method }) => method === "takeWorkload")).toEqual([]);
  });

  it("answers 503 where D1 does not take it", async () => {
    const world = aWorld();
    world.env = { ...world.env, DB: brokenD1() };
    const answer = await world.ask("/api/workloads/sd-batch", put(example));
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: "storage-unavailable" }),
    ]);
  });
});

describe("GET /api/workloads", () => {
  it("lists the built-in ones and those that people have put", async () => {
    await workloadsUpsert(env.DB, { workload: sdBatch, updatedAtMs: 0, updatedBy: "admin" });
    const world = aWorld();
    const list: { workloads: { name: string; isBuiltIn: boolean }[]; notes: string[] } = await (
      await world.ask("/api/workloads")
    ).json();
    expect(list.workloads.map(({ name, isBuiltIn }) => [name, isBuiltIn])).toEqual([
      ["zeb", true],
      ["zeb-evalaux", true],
      ["sd-batch", false],
    ]);
    const text = await (await world.ask("/api/workloads?format=text")).text();
    expect(text).toMatch(
      /^sd-batch +admin +1970-01-01T00:00:00\.000Z +40 +none +none +ghcr\.io\/example\/sd-batch:1\.4$/m,
    );
  });

  it("says that it is not whole where D1 does not answer; built-in ones need none", async () => {
    const world = aWorld();
    world.env = { ...world.env, DB: brokenD1() };
    expect(await (await world.ask("/api/workloads")).json()).toMatchObject({
      notes: [expect.stringContaining("D1 does not answer")],
    });
    expect((await world.ask("/api/workloads/zeb-evalaux")).status).toBe(200);
    expect((await world.ask("/api/workloads/sd-batch")).status).toBe(503);
  });

  it("answers 404 for one that there is not, and shows one as text with its start script", async () => {
    const world = aWorld();
    expect((await world.ask("/api/workloads/nope")).status).toBe(404);
    const text = await (await world.ask("/api/workloads/zeb-evalaux?format=text")).text();
    expect(text).toContain("  eqSamples = 100: samples a position");
    expect(text).toContain("  exec python -u $mode $worker {{arguments}} $policy\n");
    expect(text).toContain("  HF_TOKEN = {{hubToken}}\n");
  });
});

describe("DELETE /api/workloads/{name}", () => {
  it("removes one that no fleet uses", async () => {
    await workloadsUpsert(env.DB, { workload: sdBatch, updatedAtMs: 0, updatedBy: "admin" });
    const gone = await aWorld(aFleet("zeb")).ask("/api/workloads/sd-batch", { method: "DELETE" });
    expect([gone.status, await gone.json()]).toEqual([200, { removed: "sd-batch" }]);
    expect((await aWorld().ask("/api/workloads/sd-batch", { method: "DELETE" })).status).toBe(404);
  });

  it("keeps one that a fleet uses, or may use, and names the fleets", async () => {
    await workloadsUpsert(env.DB, { workload: sdBatch, updatedAtMs: 0, updatedBy: "admin" });
    const world = aWorld(user);
    const refused = await world.ask("/api/workloads/sd-batch", { method: "DELETE" });
    expect([refused.status, await refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: "workload-in-use", usedBy: ["renders"] }),
    ]);
    world.faults.set("describe", new Error("object is overloaded"));
    expect((await world.ask("/api/workloads/sd-batch", { method: "DELETE" })).status).toBe(409);
    expect(await workloadsRead(env.DB, "sd-batch")).not.toBeNull();
  });

  it("is refused for a built-in one, and for a viewer", async () => {
    expect((await aWorld().ask("/api/workloads/zeb", { method: "DELETE" })).status).toBe(409);
    expect((await aWorld().ask("/api/workloads/x", { method: "DELETE", token: VIEWER })).status).toBe(403);
  });
});
