import { describe, expect, it } from "vitest";
import { aFleet, aWorld, type World } from "./fakes.ts";

async function put(world: World, body: unknown): Promise<Response> {
  return world.ask("/api/fleets/zeb", { method: "PUT", body });
}

async function errorsOf(response: Response): Promise<unknown> {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const { errors }: { errors: unknown } = await response.json();
  return errors;
}

describe("a body that is not as expected", () => {
  it("is refused with every field named and what it takes, and nothing is stored", async () => {
    const world = aWorld();
    const response = await put(world, {
      target: -1,
      maxPriceUsdPerHour: "cheap",
      gpus: [],
      preset: "zeb-huge",
      weightsRepo: "nobody",
      proveFirst: "yes",
      launchBatch: 1.5,
      timeoutsSeconds: { setup: 0 },
    });
    expect(response.status).toBe(422);
    expect(await errorsOf(response)).toEqual(
      expect.arrayContaining([
        { field: "target", expected: "at least 0", got: "-1" },
        { field: "maxPriceUsdPerHour", expected: "a number", got: '"cheap"' },
        { field: "gpus", expected: "at least 1 entries", got: "[]" },
        {
          field: "preset",
          expected: expect.stringMatching(/^one of "zeb", "zeb-large", "zeb-belief", /),
          got: '"zeb-huge"',
        },
        { field: "weightsRepo", expected: "a Hub repo is written owner/name", got: '"nobody"' },
        { field: "proveFirst", expected: "true or false", got: '"yes"' },
        { field: "launchBatch", expected: "a whole number", got: "1.5" },
        { field: "timeoutsSeconds.setup", expected: "at least 1", got: "0" },
      ]),
    );
    expect(world.calls).toEqual([]);
  });

  it("names a field that is missing", async () => {
    expect(await errorsOf(await put(aWorld(), {}))).toEqual([
      { field: "target", expected: "a whole number", got: "nothing" },
    ]);
  });

  it("names unknown fields at any depth, and those there are", async () => {
    const errors = await errorsOf(await put(aWorld(), { target: 4, tarket: 5, cadenceSeconds: { fast: 1 } }));
    expect(errors).toEqual([
      { field: "cadenceSeconds.fast", expected: expect.stringMatching(/^no such field; there are ramp, rampFor/) },
      { field: "tarket", expected: expect.stringMatching(/^no such field; there are preset, target/) },
    ]);
  });

  it("does not repeat a secret that was put into a field", async () => {
    const token = "hf_AbCdEf0123456789AbCdEf";
    const response = await put(aWorld(), { target: 4, weightsRepo: token, [token]: true });
    expect(response.status).toBe(422);
    expect(await response.text()).not.toContain(token);
  });

  it.each(["{", "target: 4", '{"target": 4,}'])("is refused with 400 when it is not JSON: %s", async (body) => {
    const response = await put(aWorld(), body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid-json" });
  });

  it.each(["[]", "null", "4"])("is refused when it is not an object: %s", async (body) => {
    expect(await errorsOf(await put(aWorld(), body))).toEqual([{ field: "body", expected: "an object", got: body }]);
  });

  it("is refused with 413 from 64 KB on", async () => {
    const response = await put(aWorld(), { target: 4, gitRef: "x".repeat(65_536) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: "body-too-large" });
  });
});

describe("a query that is not as expected", () => {
  it.each(["dryrun=true", "dryRun=1", "dryRun=", "force=true"])(
    "is refused and nothing runs: %s",
    async (parameters) => {
      const world = aWorld(aFleet("zeb"));
      expect((await world.ask(`/api/fleets/zeb/check?${parameters}`, { method: "POST" })).status).toBe(422);
      expect(world.calls).toEqual([]);
    },
  );
});

describe("an empty body", () => {
  it("stands for an empty object, and a body needs no content type", async () => {
    const world = aWorld(aFleet("zeb"));
    expect((await world.ask("/api/fleets/zeb/pause", { method: "POST" })).status).toBe(200);
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const up = await world.ask("/api/fleets/zeb/up", { method: "POST", body: { count: 4 }, headers: form });
    expect(up.status).toBe(202);
  });
});
