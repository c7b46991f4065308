import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { aFleetCopy } from "../db/builders.ts";
import { aWorld, brokenD1 } from "./fakes.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

describe("GET /healthz", () => {
  it("answers everybody, tokens set or not", async () => {
    const world = aWorld();
    world.env = { ...world.env, ADMIN_TOKEN: "", VIEWER_TOKEN: "" };
    const response = await world.ask("/healthz", { token: null });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ok: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      d1: "ok",
      lastCheckAgeSeconds: null,
    });
  });

  it("tells how long ago a fleet was last checked", async () => {
    const row = aFleetCopy({ name: "zeb", lastCheckAtMs: Date.now() - 90_000 });
    await writeOutbox(env.DB, [{ kind: "fleet", row }]);
    const { lastCheckAgeSeconds }: { lastCheckAgeSeconds: number } = await (await aWorld().ask("/healthz")).json();
    expect(lastCheckAgeSeconds).toBeGreaterThanOrEqual(90);
    expect(lastCheckAgeSeconds).toBeLessThan(100);
  });

  it("answers 503 while D1 does not answer", async () => {
    const world = aWorld();
    world.env = { ...world.env, DB: brokenD1() };
    const response = await world.ask("/healthz", { token: null });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ ok: false, d1: "unreachable" });
  });
});
