// What a dry run of a spec finds out before anything is rented.

import { expect, it } from "vitest";
import type { DryPutAnswer } from "../../src/durable/rpc.ts";
import { door } from "../support/doors.ts";
import { countWrites, fault, removeSshKey, steer } from "../support/market.ts";
import { beginWorld } from "../support/world.ts";

async function results(body: Record<string, unknown> = { target: 4 }): Promise<Record<string, string>> {
  const { body: answer, status } = await door<DryPutAnswer>("PUT", "/api/fleets/zeb?dryRun=true", body);
  expect(status).toBe(200);
  return Object.fromEntries(answer.preflight.map(({ name, result }) => [name, result]));
}

const ALL_WELL = {
  "Vast key": "ok",
  credit: "ok",
  "SSH key": "ok",
  "Hub token": "ok",
  "write jasonyandell/zeb-42": "ok",
  "write jasonyandell/zeb-42-examples": "ok",
  weights: "ok",
  commits: "ok",
};

it("finds everything in order, beside the plan, and stores nothing", async () => {
  await beginWorld();
  expect(await results()).toEqual(ALL_WELL);
  const text = await door<string>("PUT", "/api/fleets/zeb?dryRun=true&format=text", { target: 4 });
  expect(text.text).toMatch(/rent slot 0/);
  expect(text.text).toMatch(/^ok +credit +\$\d+\.\d\d lasts \d+\.\d h at \$0\.\d{3}\/hr/m);
  expect((await door("GET", "/api/fleets/zeb")).status).toBe(404);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
});

it("tells a token that may only read, on each of the two repos", async () => {
  await beginWorld();
  await fault("token-read-only");
  expect(await results()).toEqual({
    ...ALL_WELL,
    "write jasonyandell/zeb-42": "failed",
    "write jasonyandell/zeb-42-examples": "failed",
  });
});

it("tells a token that the Hub refuses, and weights that nobody may see with it", async () => {
  await beginWorld();
  await fault("token-bad");
  const { "write jasonyandell/zeb-42": _one, "write jasonyandell/zeb-42-examples": _other, ...rest } = ALL_WELL;
  expect(await results()).toEqual({ ...rest, "Hub token": "failed", weights: "failed" });
});

it("calls what does not answer not measured, and answers all the same", async () => {
  await beginWorld();
  await fault("hub-down");
  await fault("account-fails", { value: 503 });
  expect(await results()).toEqual({
    "Vast key": "not measured",
    credit: "not measured",
    "SSH key": "ok",
    "Hub token": "not measured",
    weights: "not measured",
    commits: "ok",
  });
});

it("tells weights that are not there, credit that does not last, and an account without an SSH key", async () => {
  await beginWorld();
  await steer("/sim/credit", { usd: 0.01 });
  await removeSshKey();
  await fault("weights-missing");
  expect(await results()).toEqual({ ...ALL_WELL, credit: "failed", weights: "failed", "SSH key": "failed" });
});
