// A night of the whole world, and the morning list about it, beside what the market knows to be true.

import { expect, it } from "vitest";
import { cadenceDefaults, timeoutDefaults } from "../../src/fleet/spec.ts";
import type { DailyReport } from "../../src/fleet/daily-report.ts";
import { must } from "../support/builders.ts";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { boxesEver, boxOfSlot, fault, paidBoxes, truth } from "../support/market.ts";
import { beginWorld, figure, MINUTE, pass, passUntil, tickEvery } from "../support/world.ts";

interface HubTruth {
  readonly billedUsd: number;
  readonly account: { readonly credit: number };
  readonly hub: { readonly learners: readonly { weightsName: string; step: number; totalGames: number }[] };
}

async function isWhole(): Promise<boolean> {
  const { state, totals, spec } = await fleetOf("zeb");
  return state === "steady" && totals.producing === spec.target;
}

async function readReport(): Promise<DailyReport> {
  return (await door<DailyReport>("GET", "/api/reports/daily")).body;
}

async function crash(slot: number): Promise<number> {
  const { id } = await boxOfSlot("zeb", slot);
  await fault("host-crash", { match: { instance: String(id) } });
  return id;
}

/** The seconds as deployed from here on, for the long quiet part of a night. */
async function settleDown(changes: Record<string, unknown> = {}): Promise<void> {
  const cadenceSeconds = { ...cadenceDefaults, rampFor: 1 };
  await patchFleet("zeb", { cadenceSeconds, timeoutsSeconds: timeoutDefaults, ...changes });
  tickEvery(MINUTE);
}

it("tells of a crash, a dud, a price rise and a smaller fleet what the market knows of them", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 4 });
  await passUntil(isWhole);
  expect(await readReport()).toMatchObject({ isAllRunning: true, ended: { total: 0 }, launches: { launched: 4 } });

  // The crashed worker's replacement meets a dud host; another box becomes dearer than the cap.
  await fault("next-rent-dud", { value: "loading" });
  const crashed = await crash(1);
  await passUntil(async () => (await boxOfSlot("zeb", 1)).id !== crashed, { limitMs: 5 * MINUTE });
  const dud = (await boxOfSlot("zeb", 1)).id;
  await pass(MINUTE);
  const dear = (await boxOfSlot("zeb", 2)).id;
  await fault("price-rise", { match: { instance: String(dear) }, value: { usdPerHour: 0.5 } });
  await pass(MINUTE);
  await passUntil(isWhole, { limitMs: 5 * MINUTE });
  await settleDown({ target: 3 });
  // Debts are proven, throughput is sent, and every worker uploads several times.
  await pass(30 * MINUTE);

  const [report, boxes, market] = await Promise.all([
    readReport(),
    boxesEver("zeb"),
    truth() as unknown as Promise<HubTruth>,
  ]);
  const ended = must(report.ended);
  const gone = boxes.filter(({ endedAtMs }) => endedAtMs !== null);
  expect(new Set(ended.instances.map(({ instanceId }) => instanceId))).toEqual(new Set(gone.map(({ id }) => id)));
  expect(ended).toMatchObject({
    total: 4,
    died: 3,
    byCause: { "fatal-error": 1, "stuck-boot": 1, "over-cost": 1, downscale: 1 },
  });
  const causes = new Map(ended.instances.map(({ instanceId, cause }) => [instanceId, cause]));
  expect([causes.get(crashed), causes.get(dud), causes.get(dear)]).toEqual(["fatal-error", "stuck-boot", "over-cost"]);
  for (const { instanceId, machineId } of ended.instances)
    expect(machineId).toBe(must(gone.find(({ id }) => id === instanceId)).machineId);

  expect(report).toMatchObject({
    isAllRunning: true,
    notMeasured: [],
    launches: { launched: boxes.length, refused: 0 },
  });
  const struck = gone.filter(({ id }) => id === crashed || id === dud).map(({ machineId }) => machineId);
  expect(new Set(report.events?.map(({ machineId }) => machineId))).toEqual(new Set(struck));

  const [examples] = report.examples;
  expect(examples).toMatchObject({ hasNewFiles: true, silent: [] });
  const uploaders = new Set(examples?.workers.map(({ workerId }) => workerId));
  for (const { label } of await paidBoxes("zeb")) expect(uploaders).toContain(label);

  const learner = must(market.hub.learners.find(({ weightsName }) => weightsName === "zeb-557k-1m"));
  // Without a key nobody asks W&B: the report has the way there alone.
  const wandb = { url: "https://wandb.ai/jasonyandell-forge42/zeb-mcts/runs/abc123", state: null, losses: null };
  expect(report.learners).toMatchObject([
    { step: learner.step, totalGames: learner.totalGames, isMoving: true, wandbRunId: "abc123", wandb },
  ]);

  const { spentUsd, games, usdPerMillionGames, creditUsd } = report.cost;
  figure(`a night: $${spentUsd?.toFixed(4)} by the report, $${market.billedUsd.toFixed(4)} billed; ${games} games`);
  // The keeper counts from the rent on and to the proof of the end; the market bills the GPU once the container runs.
  expect(must(spentUsd)).toBeGreaterThanOrEqual(market.billedUsd * 0.95);
  expect(must(spentUsd)).toBeLessThanOrEqual(market.billedUsd * 1.1);
  expect(must(games)).toBeGreaterThan(0);
  expect(must(usdPerMillionGames)).toBeCloseTo((must(spentUsd) / must(games)) * 1e6, 6);
  expect(must(creditUsd)).toBeGreaterThanOrEqual(market.account.credit);
});

it("names a worker whose uploads fail, and a learner that has stopped", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 3 });
  await passUntil(isWhole);
  await settleDown();
  await pass(5 * MINUTE);
  await fault("learner-stops");
  await pass(52 * MINUTE);
  const mute = await boxOfSlot("zeb", 1);
  await fault("upload-fails", { match: { instance: String(mute.id) } });
  // Over two upload intervals of 240 s, and not yet three: then it would be replaced.
  await pass(10 * MINUTE);
  const report = await readReport();
  expect(report.examples[0]?.silent.map(({ workerId }) => workerId)).toEqual(["zeb-worker-vast-1"]);
  expect(report.learners).toMatchObject([{ isMoving: false }]);
  const { text } = await door("GET", "/api/reports/daily?format=text");
  expect(text).toContain("  zeb-worker-vast-1: nothing for over two upload intervals of 240 s, last ");
  expect(text).toContain("Learner       zeb-557k-1m: NOT moving, step ");
});
