import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { type FleetCopy, fleetsListActive, fleetsListNames, fleetsReadLastCheckAtMs } from "../../src/db/fleets.ts";
import { writeOutbox } from "../../src/db/outbox-writer.ts";
import { resolveSpec } from "../../src/fleet/spec.ts";
import { aFleetCopy, NOW } from "./builders.ts";

async function publish(...copies: FleetCopy[]): Promise<void> {
  await writeOutbox(
    env.DB,
    copies.map((row) => ({ kind: "fleet", row })),
  );
}

async function remove(name: string, atMs: number): Promise<void> {
  await writeOutbox(env.DB, [{ kind: "fleet-removed", row: { name, atMs } }]);
}

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

describe("the copy of the fleets", () => {
  it("names every fleet that exists, in any mode, in order", async () => {
    await publish(aFleetCopy({ name: "zeb-large", mode: "paused" }), aFleetCopy({ name: "zeb" }));
    await publish(aFleetCopy({ name: "old", mode: "down" }));
    expect(await fleetsListNames(env.DB)).toEqual(["old", "zeb", "zeb-large"]);
  });

  it("lists active fleets with their target and examples repo", async () => {
    const spec = resolveSpec("zeb", { examplesRepo: "someone/examples" }, null);
    await publish(
      aFleetCopy({ name: "zeb", target: 6, spec }),
      aFleetCopy({ name: "resting", mode: "paused" }),
      aFleetCopy({ name: "ended", mode: "down" }),
    );
    expect(await fleetsListActive(env.DB)).toEqual([{ name: "zeb", target: 6, examplesRepo: "someone/examples" }]);
  });

  it("takes a newer copy and leaves an older one that arrives late", async () => {
    await publish(aFleetCopy({ name: "zeb", target: 8, updatedAtMs: NOW + 2 }));
    await publish(aFleetCopy({ name: "zeb", target: 4, updatedAtMs: NOW + 1 }));
    expect((await fleetsListActive(env.DB)).map(({ target }) => target)).toEqual([8]);
    await publish(aFleetCopy({ name: "zeb", target: 12, updatedAtMs: NOW + 3 }));
    expect((await fleetsListActive(env.DB)).map(({ target }) => target)).toEqual([12]);
  });

  it("forgets a removed fleet, also when copies as old as the removal arrive again", async () => {
    await publish(aFleetCopy({ name: "zeb", updatedAtMs: NOW }));
    await remove("zeb", NOW);
    await publish(aFleetCopy({ name: "zeb", updatedAtMs: NOW }));
    expect(await fleetsListNames(env.DB)).toEqual([]);
    expect(await fleetsListActive(env.DB)).toEqual([]);
  });

  it("keeps a fleet that was made again after the removal", async () => {
    await publish(aFleetCopy({ name: "zeb", updatedAtMs: NOW }));
    await publish(aFleetCopy({ name: "zeb", updatedAtMs: NOW + 2 }));
    await remove("zeb", NOW + 1);
    expect(await fleetsListNames(env.DB)).toEqual(["zeb"]);
    await remove("zeb", NOW + 3);
    await publish(aFleetCopy({ name: "zeb", updatedAtMs: NOW + 4 }));
    expect(await fleetsListNames(env.DB)).toEqual(["zeb"]);
  });

  it("tells the last CHECK of any fleet, or that there was none", async () => {
    expect(await fleetsReadLastCheckAtMs(env.DB)).toBeNull();
    await publish(
      aFleetCopy({ name: "a", lastCheckAtMs: NOW }),
      aFleetCopy({ name: "b", lastCheckAtMs: NOW + 9 }),
      aFleetCopy({ name: "c", lastCheckAtMs: null }),
    );
    expect(await fleetsReadLastCheckAtMs(env.DB)).toBe(NOW + 9);
  });
});
