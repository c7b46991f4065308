// Fleets of different models and modes on one account and one pair of Hub repos, as the experiments are run.

import { expect, it } from "vitest";
import { fleetOf, putFleet } from "../support/doors.ts";
import { filesOnHub, paidBoxes, steer, truth } from "../support/market.ts";
import { beginWorld, MINUTE, pass, passUntil } from "../support/world.ts";

const EXAMPLES = "jasonyandell/zeb-42-examples";
const PAIR = ["zeb-lbv-selfplay", "zeb-lbv-evalaux"] as const;
const FLEETS = [...PAIR, "zeb-large"] as const;

it("runs two models and an eval-aux fleet on one repo: own workers, own folders, one interval over all", async () => {
  await beginWorld();
  await steer("/sim/hub/weights", { name: "lbv", step: 5, games: 100 });
  await putFleet("zeb-large", { preset: "zeb-large", target: 3 });
  await putFleet(PAIR[0], { preset: "zeb-exp-selfplay", weightsName: "lbv", target: 2 });
  await putFleet(PAIR[1], { preset: "zeb-exp-evalaux", weightsName: "lbv", target: 1 });
  const isSteady = async (name: string) => (await fleetOf(name)).state === "steady";
  await passUntil(async () => (await Promise.all(FLEETS.map(isSteady))).every((each) => each));
  await pass(3 * MINUTE);

  const boxes = await Promise.all(FLEETS.map(paidBoxes));
  expect(boxes.map((each) => each.length)).toEqual([2, 1, 3]);
  expect(new Set(boxes.flat().map(({ machineId }) => machineId)).size).toBe(6);
  expect(boxes.map((each) => [...new Set(each.map(({ weightsName }) => weightsName))])).toEqual([
    ["lbv"],
    ["lbv"],
    ["large"],
  ]);
  expect((await truth()).boxes.filter(({ endedAtMs }) => endedAtMs !== null)).toEqual([]);
  for (const [index, name] of FLEETS.entries())
    expect((await fleetOf(name)).workers.map(({ instanceId }) => instanceId)).toEqual(
      boxes[index]?.map(({ id }) => id),
    );

  // Six workers would fit into 240 s; what matters is that each folder holds the files of its own fleets' workers.
  const makers = async (folder: string) => {
    const names = (await filesOnHub(EXAMPLES, folder)).map(
      (path) => /([^/]+-worker-vast-\d+)_\d+_[0-9a-f]{8}\.pt$/.exec(path)?.[1],
    );
    return [...new Set(names)].filter((name) => name !== undefined).toSorted((a, b) => a.localeCompare(b));
  };
  expect(await makers("lbv")).toEqual([
    "zeb-lbv-evalaux-worker-vast-0",
    "zeb-lbv-selfplay-worker-vast-0",
    "zeb-lbv-selfplay-worker-vast-1",
  ]);
  expect(await makers("large")).toEqual([0, 1, 2].map((slot) => `zeb-large-worker-vast-${slot}`));
});

it("counts the workers of every fleet that writes to the repo into the upload interval, and no other's", async () => {
  await beginWorld({ hosts: { count: 120, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 } });
  await putFleet("zeb-large", { preset: "zeb-large", target: 8, proveFirst: false });
  await putFleet("elsewhere", {
    preset: "zeb-large",
    target: 20,
    examplesRepo: "somebody/else",
    maxPriceUsdPerHour: 0.001,
  });
  await pass(MINUTE);
  await putFleet("zeb-belief-evalaux", { target: 4, weightsName: "large", proveFirst: false });
  await passUntil(
    async () => (await paidBoxes("zeb-belief-evalaux")).filter(({ producing }) => producing).length === 4,
  );
  expect((await fleetOf("zeb-belief-evalaux")).spec).toMatchObject({ preset: "zeb-evalaux", workload: "zeb-evalaux" });
  const intervals = async (fleet: string) =>
    new Set((await paidBoxes(fleet)).map(({ uploadIntervalSeconds }) => uploadIntervalSeconds));
  // max(240, ceil(N × 3600 / 100)): 8 workers when the first fleet launched, 12 when the second did.
  expect(await intervals("zeb-large")).toEqual(new Set([288]));
  expect(await intervals("zeb-belief-evalaux")).toEqual(new Set([432]));
});
