// A fleet keeps the record of its workload: D1 may be silent, and a record that is put anew reaches it by one way or another.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { workloadsUpsert } from "../../src/db/workloads.ts";
import type { CheckDeps } from "../../src/durable/deps.ts";
import { FleetStore } from "../../src/durable/fleet-store.ts";
import type { PutAnswer } from "../../src/durable/rpc.ts";
import { refreshWorkload, takeWorkload } from "../../src/durable/workload-commands.ts";
import type { Workload } from "../../src/fleet/workload.ts";
import { askForCheck, door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxOfSlot, countWrites, fault, paidBoxes } from "../support/market.ts";
import { putWorkload, sdBatch, sdBatchFleet, sdBatchProgram } from "../support/own-workload.ts";
import { beginWorld, fleetObject, inStorage, MINUTE, pass, passUntil, SECOND } from "../support/world.ts";

interface Refused {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly field: string; readonly expected: string }[];
}

const next: Workload = { ...sdBatch, image: "ghcr.io/example/sd-batch:1.5" };

async function renders(target = 2): Promise<void> {
  await beginWorld({ images: [sdBatchProgram, { ...sdBatchProgram, image: next.image }] });
  await putWorkload(sdBatch);
  await putFleet("renders", { ...sdBatchFleet, target });
  await passUntil(async () => (await fleetOf("renders")).state === "steady");
}

async function loseWorkloads(): Promise<void> {
  await env.DB.prepare("DROP TABLE workloads").run();
}

it("refuses a workload that there is not, with the list, by PUT, PATCH and dry run, and stores nothing", async () => {
  await beginWorld();
  await putWorkload(sdBatch);
  await putFleet("zeb", { target: 1 });
  const refusals = [
    await door<Refused>("PUT", "/api/fleets/new", { target: 1, workload: "nope" }),
    await door<Refused>("PUT", "/api/fleets/new?dryRun=true", { target: 1, workload: "nope" }),
    await door<Refused>("PATCH", "/api/fleets/zeb", { workload: "nope" }),
  ];
  for (const { status, body } of refusals) {
    expect([status, body.errors?.[0]?.field]).toEqual([422, "workload"]);
    expect(body.detail).toContain("there is no workload nope; there are zeb, zeb-evalaux, sd-batch");
  }
  expect((await door("GET", "/api/fleets/new")).status).toBe(404);
  expect((await fleetOf("zeb")).spec.workload).toBe("zeb");
});

it.each([
  ["a parameter that the workload needs", { target: 1, workload: "sd-batch" }, "workloadArguments.promptsUrl"],
  ["a preset that names no weights", { target: 1, preset: "zeb-exp-selfplay" }, "weightsName"],
  ["weights that are another workload's", { target: 1, workload: "zeb-evalaux" }, "weightsName"],
  [
    "a token among the parameters",
    { target: 1, ...sdBatchFleet, workloadArguments: { promptsUrl: "https://x/hf_AbCdEfGh0123456789" } },
    "workloadArguments.promptsUrl",
  ],
])("refuses a fleet for %s before anything is rented", async (_words, spec, field) => {
  await beginWorld();
  await putWorkload(sdBatch);
  const { status, body, text } = await door<Refused>("PUT", "/api/fleets/new", spec);
  expect([status, body.code, body.errors?.map((each) => each.field)]).toEqual([422, "invalid-spec", [field]]);
  expect(text).not.toContain("hf_");
  await pass(MINUTE);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
});

it("refuses an up with a preset that names no weights, naming the field", async () => {
  await beginWorld();
  const { status, body } = await door<Refused>("POST", "/api/fleets/new/up", { count: 1, preset: "zeb-exp-evalaux" });
  expect([status, body.errors?.[0]?.field]).toEqual([422, "weightsName"]);
  expect((await door("GET", "/api/fleets/new")).status).toBe(404);
});

it("refuses a fleet whose start script is too long with its own values, with the length, before a rent", async () => {
  await beginWorld();
  const startScript = `${"x".repeat(4000)}; run {{arg.bucket}}`;
  await putWorkload({ ...sdBatch, startScript });
  const workloadArguments = { ...sdBatchFleet.workloadArguments, bucket: "b".repeat(200) };
  const { status, body } = await door<Refused>("PUT", "/api/fleets/renders", {
    target: 1,
    ...sdBatchFleet,
    workloadArguments,
  });
  expect([status, body.errors?.[0]]).toEqual([
    422,
    { field: "startScript", expected: "4206 characters when filled in; the market takes 4096" },
  ]);
  await pass(MINUTE);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
});

it("lets no spec that cannot be launched stand in the way down", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await pass(MINUTE);
  await patchFleet("zeb", { target: 0, workload: "zeb-evalaux", workloadArguments: { eqSamples: "no" }, force: true });
  await pass(MINUTE);
  expect(await paidBoxes("zeb")).toEqual([]);
});

it("keeps a fleet by the record it has while D1 fails, and makes no new one from a record nobody can read", async () => {
  await renders();
  await loseWorkloads();
  const victim = await boxOfSlot("renders", 1);
  await fault("box-vanish", { match: { instance: String(victim.id) } });
  await passUntil(async () => (await paidBoxes("renders")).filter(({ producing }) => producing).length === 2);
  expect((await boxOfSlot("renders", 1)).id).not.toBe(victim.id);
  await patchFleet("renders", { target: 3 });
  await passUntil(async () => (await fleetOf("renders")).totals.producing === 3);

  const { status, body } = await door<Refused>("PUT", "/api/fleets/more", { target: 1, ...sdBatchFleet });
  expect([status, body.code]).toEqual([503, "storage-unavailable"]);
});

it("gives a record that is put anew to the fleets that use it: what runs stays and is named, what comes is of it", async () => {
  await renders();
  const before = await fleetOf("renders");
  const put = await door<{ fleets: { fleet: string; mismatched: { slot: number; why: string }[] }[] }>(
    "PUT",
    "/api/workloads/sd-batch",
    next,
  );
  expect(put.status).toBe(200);
  const why = "runs another image, commit, script or weights";
  expect(put.body.fleets).toEqual([
    { fleet: "renders", mismatched: [0, 1].map((slot) => expect.objectContaining({ slot, why })) },
  ]);
  expect((await fleetOf("renders")).specVersion).toBe(before.specVersion + 1);
  await pass(30 * SECOND);
  const boxes = await paidBoxes("renders");
  expect(boxes.map(({ id }) => id)).toEqual(before.workers.map(({ instanceId }) => instanceId));

  await fault("host-crash", { match: { instance: String(boxes[0]?.id) } });
  await passUntil(async () => (await paidBoxes("renders"))[0]?.image === next.image);
  expect((await boxOfSlot("renders", 1)).image).toBe(sdBatch.image);
});

it("ends a roll-out that was ordered for the record before", async () => {
  await renders();
  await patchFleet("renders", { gitRef: "next", rollOut: true });
  expect((await fleetOf("renders")).rollOut).not.toBeNull();
  await putWorkload(next);
  expect((await fleetOf("renders")).rollOut).toBeNull();
});

it("finds a record that it was not told of after its next CHECK, once", async () => {
  await renders();
  const { specVersion } = await fleetOf("renders");
  await workloadsUpsert(env.DB, { workload: next, updatedAtMs: Date.now(), updatedBy: "admin" });
  await askForCheck("renders");
  await pass(MINUTE);
  expect((await fleetOf("renders")).specVersion).toBe(specVersion + 1);
  const answer = await door<PutAnswer>("PATCH", "/api/fleets/renders", { target: 2 });
  expect(answer.body.mismatched).toHaveLength(2);
  await pass(MINUTE);
  expect(
    await env.DB.prepare("SELECT count(*) AS n FROM events WHERE message LIKE '%another record%'").first("n"),
  ).toBe(1);
});

it("does not go back to the record that it read before it was given the new one", async () => {
  await renders();
  const { specVersion } = await fleetOf("renders");
  const image = await inStorage(fleetObject("renders"), async (storage) => {
    const store = new FleetStore(storage);
    // Only what a look at the record needs.
    const deps = {
      store,
      now: () => Date.now(),
      newId: () => crypto.randomUUID(),
      history: {
        readWorkload: async () => {
          takeWorkload(deps, next, { name: "admin" });
          return { workload: sdBatch, updatedAtMs: 0, updatedBy: "admin" };
        },
      },
    } as unknown as CheckDeps;
    await refreshWorkload(deps);
    return store.workload()?.image;
  });
  expect(image).toBe(next.image);
  expect((await fleetOf("renders")).specVersion).toBe(specVersion + 1);
});

it("keeps the old record where the new one does not fit it, with a note, and goes on", async () => {
  await renders();
  const { specVersion } = await fleetOf("renders");
  const parameters = { ...next.parameters, model: { words: "which model", default: null, pattern: null } };
  await workloadsUpsert(env.DB, { workload: { ...next, parameters }, updatedAtMs: Date.now(), updatedBy: "admin" });
  const fleet = await askForCheck("renders");
  expect(fleet.notes).toEqual([expect.stringMatching(/does not fit this fleet.*which model/)]);
  expect([fleet.specVersion, fleet.totals.producing]).toEqual([specVersion, 2]);
});

it("reads a fleet that was stored before there were these fields", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await inStorage(fleetObject("zeb"), ({ kv }) => {
    const record = kv.get<{ spec: Record<string, unknown> }>("fleet");
    const {
      workloadArguments: _w,
      minReliability: _r,
      minCudaVersion: _c,
      minDriverVersion: _d,
      minDurationDays: _m,
      ...spec
    } = record?.spec ?? {};
    kv.put("fleet", { ...record, spec });
    kv.delete("workload");
  });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
  expect((await fleetOf("zeb")).spec).toMatchObject({
    workloadArguments: {},
    minReliability: null,
    minDurationDays: null,
  });
});

it("says in its answer which GPU names the market is not known to show, and takes them", async () => {
  await beginWorld();
  const { status, body } = await door<PutAnswer>("PUT", "/api/fleets/zeb", {
    target: 1,
    gpus: ["RTX 3070", "rtx 3080"],
  });
  expect([status, body.notes]).toEqual([201, [expect.stringContaining("GPU rtx 3080 is not a name")]]);
});

it("rents only from machines that are as wanted", async () => {
  await beginWorld();
  await putFleet("zeb", {
    target: 2,
    minReliability: 0.97,
    minDriverVersion: "550.0",
    minCudaVersion: 12.4,
    minDurationDays: 20,
  });
  await passUntil(async () => (await paidBoxes("zeb")).length === 2);
  const answer = await env.SIM.fetch("http://sim/api/v1/instances/", { headers: { Authorization: "Bearer any-key" } });
  const { instances } = await answer.json<{
    instances: { reliability2: number; driver_version: string; cuda_max_good: number; duration: number }[];
  }>();
  expect(instances).toHaveLength(2);
  for (const row of instances) {
    expect(row.reliability2).toBeGreaterThanOrEqual(0.97);
    expect(Number.parseInt(row.driver_version)).toBeGreaterThanOrEqual(550);
    expect(row.cuda_max_good).toBeGreaterThanOrEqual(12.4);
    expect(row.duration).toBeGreaterThan(19 * 86_400);
  }
  await patchFleet("zeb", { minReliability: 0.99999, target: 3 });
  await pass(MINUTE);
  expect((await fleetOf("zeb")).notes.join()).toContain("lower minReliability");
});
