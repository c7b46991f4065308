import { env } from "cloudflare:workers";
import { applyD1Migrations, reset } from "cloudflare:test";
import { beforeEach, expect, it } from "vitest";
import {
  workloadsList,
  workloadsListNames,
  workloadsRead,
  workloadsRemove,
  workloadsUpsert,
} from "../../src/db/workloads.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import { NOW } from "./builders.ts";

const folding = { workload: { ...zeb, name: "folding" }, updatedAtMs: NOW, updatedBy: "admin" };

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

it("gives back what was put last, and who put it", async () => {
  await workloadsUpsert(env.DB, folding);
  expect(await workloadsRead(env.DB, "folding")).toEqual(folding);
  const next = { ...folding, workload: { ...folding.workload, image: "x:2" }, updatedAtMs: NOW + 1 };
  await workloadsUpsert(env.DB, next);
  expect(await workloadsList(env.DB)).toEqual([next]);
});

it("tells one that is not there from one that is, and removes once", async () => {
  expect(await workloadsRead(env.DB, "folding")).toBeNull();
  await workloadsUpsert(env.DB, folding);
  await workloadsUpsert(env.DB, { ...folding, workload: { ...zeb, name: "another" } });
  expect(await workloadsListNames(env.DB)).toEqual(["another", "folding"]);
  expect([await workloadsRemove(env.DB, "folding"), await workloadsRemove(env.DB, "folding")]).toEqual([true, false]);
  expect(await workloadsListNames(env.DB)).toEqual(["another"]);
});

it("gives a row of an earlier version the fields that are new since, and refuses one that is no workload", async () => {
  const { parameters: _parameters, ...old } = folding.workload;
  const put = (record: unknown) =>
    env.DB.prepare("INSERT OR REPLACE INTO workloads VALUES (?, ?, ?, ?)")
      .bind("folding", JSON.stringify(record), NOW, "admin")
      .run();
  await put(old);
  expect(await workloadsRead(env.DB, "folding")).toEqual(folding);
  await put({ name: "folding" });
  await expect(workloadsRead(env.DB, "folding")).rejects.toThrow("the stored workload folding is not valid");
});
