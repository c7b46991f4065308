// A workload that is not self-play, as the documentation has it: no code of ours knows it.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { FleetDocument } from "../../src/fleet/document.ts";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { fault, paidBoxes, truth } from "../support/market.ts";
import { putWorkload, sdBatch, sdBatchFleet, sdBatchProgram } from "../support/own-workload.ts";
import { beginWorld, MINUTE, pass, passUntil } from "../support/world.ts";

async function begin(): Promise<void> {
  await beginWorld({ images: [sdBatchProgram] });
  await putWorkload(sdBatch);
}

const isSteady = async () => (await fleetOf("renders")).state === "steady";

it("runs the example of the documentation: set up, measured, healed, without a Hub and its interval", async () => {
  await begin();
  // Neither weights nor examples: a Hub that is down and an interval that no repo could bear say nothing here.
  await fault("hub-down");
  await putFleet("renders", { ...sdBatchFleet, target: 4, uploadIntervalSeconds: 60 });
  await passUntil(isSteady);
  const fleet = await fleetOf("renders");
  expect(fleet.workers.map(({ verdict }) => verdict)).toEqual(Array.from({ length: 4 }, () => "producing"));
  for (const { gamesPerSecond, batch } of fleet.workers) {
    expect(gamesPerSecond).toBeGreaterThan(0.008);
    expect(gamesPerSecond).toBeLessThan(0.08);
    expect(batch).toBeGreaterThan(0);
  }
  expect((await paidBoxes("renders")).map(({ image }) => image)).toEqual(
    Array.from({ length: 4 }, () => sdBatch.image),
  );

  const { id } = (await paidBoxes("renders"))[1] ?? { id: 0 };
  const log = await door<{ text: string }>("GET", `/api/instances/${id}/logs`);
  expect(log.body.text).toContain("model loaded: sd-1.5, 25 steps into s3://example-renders");
  await fault("host-crash", { match: { instance: String(id) } });
  await passUntil(async () => !(await paidBoxes("renders")).some((box) => box.id === id));
  await passUntil(isSteady);
  expect(await env.DB.prepare("SELECT count(*) AS n FROM strikes").first("n")).toBe(1);
});

it("has no part in the morning list's examples and learners", async () => {
  await begin();
  await putFleet("renders", { ...sdBatchFleet, target: 1 });
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await isSteady()) && (await fleetOf("zeb")).state === "steady");
  const { body } = await door<{
    fleets: { name: string }[];
    examples: { namespace: string }[];
    learners: { weightsName: string }[];
  }>("GET", "/api/reports/daily");
  expect(body.fleets.map(({ name }) => name)).toEqual(["renders", "zeb"]);
  expect(body.examples.map(({ namespace }) => namespace)).toEqual(["zeb-557k-1m"]);
  expect(body.learners.map(({ weightsName }) => weightsName)).toEqual(["zeb-557k-1m"]);
});

it("keeps its rates apart from those of self-play", async () => {
  await begin();
  await putFleet("renders", { ...sdBatchFleet, target: 1 });
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await isSteady()) && (await fleetOf("zeb")).state === "steady");
  await pass(MINUTE);
  const rows = await env.DB.prepare("SELECT DISTINCT fleet, weights_name FROM throughput ORDER BY fleet").all();
  expect(rows.results).toEqual([
    { fleet: "renders", weights_name: "sd-batch:none" },
    { fleet: "zeb", weights_name: "zeb-557k-1m" },
  ]);
});

it("plans a fleet of it without storing one", async () => {
  await begin();
  const tried = await door<{ spec: FleetDocument["spec"]; plan: { actions: readonly { kind: string }[] } }>(
    "PUT",
    "/api/fleets/renders?dryRun=true",
    { ...sdBatchFleet, target: 2, maxPriceUsdPerHour: 0.2 },
  );
  expect(tried.status).toBe(200);
  expect(tried.body.spec).toMatchObject({ workload: "sd-batch", weightsName: "none" });
  expect(tried.body.plan.actions.map(({ kind }) => kind)).toEqual(["rent", "rent"]);
  expect((await door("GET", "/api/fleets/renders")).status).toBe(404);
  expect((await truth()).boxes).toEqual([]);
});
