// Rule 22 in a whole world: what the fleet believes it has spent is what the market bills, and a limit acts when it is reached.

import { expect, it } from "vitest";
import type { CostDocument } from "../../src/routes/cost.ts";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { countCalls, countWrites, fault, paidBoxes, steer, truth } from "../support/market.ts";
import { beginWorld, figure, HOUR, MINUTE, moveTo, pass, passUntil, SECOND } from "../support/world.ts";

const COMMITS = "GET /api/models/{repo}/commits/main";
const MIDNIGHT = Date.parse("2031-05-02T00:00:00Z");

async function steadyFleet(changes: Record<string, unknown> = {}, beginAtMs?: number): Promise<void> {
  await beginWorld();
  if (beginAtMs !== undefined) await moveTo(beginAtMs);
  await putFleet("zeb", { target: 2, ...changes });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
}

const stateOf = async (): Promise<string> => (await fleetOf("zeb")).state;

it("counts what the market bills, destroyed boxes included, and the ledger says the same", async () => {
  await steadyFleet();
  await patchFleet("zeb", { target: 3 });
  await pass(4 * MINUTE);
  await patchFleet("zeb", { target: 1 });
  await pass(6 * MINUTE);
  const { billedUsd } = (await truth()) as unknown as { readonly billedUsd: number };
  const { totalUsd, todayUsd } = (await fleetOf("zeb")).spend;
  figure(`spent by the fleet's own count $${totalUsd.toFixed(5)}, billed $${billedUsd.toFixed(5)}`);
  // The market bills the GPU from the start of the container; the count, like the ledger, from the rent.
  expect(totalUsd).toBeGreaterThanOrEqual(billedUsd * 0.999);
  expect(totalUsd).toBeLessThanOrEqual(billedUsd * 1.1);
  expect(todayUsd).toBeCloseTo(totalUsd);
  const { body: cost } = await door<CostDocument>("GET", "/api/cost");
  expect(cost.spent.totalUsd).toBeCloseTo(totalUsd, 2);
  expect(cost).toMatchObject({ creditUsd: expect.closeTo(25 - billedUsd, 1), hoursLeft: expect.any(Number) });
});

it("holds at the budget of the day, to the second and not to the cadence, and goes on the next UTC day", async () => {
  const cadenceSeconds = { ramp: 10, rampFor: 30, steady: 600, logPoll: 15, logPollSteady: 20, creditProbe: 30 };
  await steadyFleet({ cadenceSeconds }, MIDNIGHT - 20 * MINUTE);
  const { totals, spend } = await fleetOf("zeb");
  await pass(MINUTE);
  const inMs = 4 * MINUTE;
  await patchFleet("zeb", { budgetUsdPerDay: spend.todayUsd + (totals.usdPerHour * (inMs + MINUTE)) / HOUR });
  await pass(inMs - 10 * SECOND);
  expect(await stateOf()).toBe("steady");
  await pass(20 * SECOND);
  expect(await stateOf()).toBe("over-budget");
  const before = await countWrites();
  await patchFleet("zeb", { target: 4 });
  await pass(2 * MINUTE);
  const held = await fleetOf("zeb");
  expect([held.state, held.notes[0]]).toEqual([
    "over-budget",
    expect.stringMatching(
      /^budget reached: \$0\.\d{4} of \$0\.\d{4} today \(UTC\): nothing is rented until 2031-05-02T00:00Z/,
    ),
  ]);
  expect(await countWrites()).toEqual(before);
  expect(await paidBoxes("zeb")).toHaveLength(2);

  await pass(MIDNIGHT - Date.now() - SECOND);
  expect(await countWrites()).toEqual(before);
  await pass(31 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(4);
  expect((await fleetOf("zeb")).spend.todayUsd).toBeLessThan(0.01);
});

it("onBudget down: ends its boxes, stays active, and goes on when the budget is raised", async () => {
  await steadyFleet();
  await patchFleet("zeb", { budgetUsdTotal: 0.0001, onBudget: "down" });
  await pass(MINUTE);
  const ended = await fleetOf("zeb");
  expect([ended.mode, ended.state, ended.workers, ended.debts]).toEqual(["active", "over-budget", [], []]);
  expect(await paidBoxes("zeb")).toEqual([]);
  const { text } = await door("GET", "/api/status?format=text");
  expect(text).toContain("the boxes are destroyed (onBudget down)");

  await patchFleet("zeb", { budgetUsdTotal: 10 });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 2);
});

it("stopAt: ends the renting at its moment, and a later one lets the fleet go on", async () => {
  await steadyFleet();
  const stopAt = new Date(Date.now() + 47 * SECOND).toISOString();
  await patchFleet("zeb", { stopAt, onBudget: "down" });
  await pass(45 * SECOND);
  expect(await paidBoxes("zeb")).toHaveLength(2);
  await pass(5 * SECOND);
  expect([await paidBoxes("zeb"), await stateOf()]).toEqual([[], "over-budget"]);
  await pass(5 * MINUTE);
  expect(await paidBoxes("zeb")).toEqual([]);
  await patchFleet("zeb", { stopAt: null });
  await passUntil(async () => (await paidBoxes("zeb")).length === 2);
});

it("a fleet of a name that was used before has money of its own", async () => {
  await steadyFleet();
  await pass(5 * MINUTE);
  expect((await fleetOf("zeb")).spend.totalUsd).toBeGreaterThan(0.001);
  await patchFleet("zeb", { target: 0, force: true });
  await passUntil(async () => (await stateOf()) === "down");
  await door("DELETE", "/api/fleets/zeb");
  await putFleet("zeb", { target: 1 });
  expect((await fleetOf("zeb")).spend).toEqual({ todayUsd: 0, totalUsd: 0 });
});

it("tells the commits that the repos have to bear, the learner's measured ones too, asking the Hub each ten minutes", async () => {
  await steadyFleet();
  const { projectedCommitsPerHour, commitsPerHourLimit } = await fleetOf("zeb");
  expect([projectedCommitsPerHour, commitsPerHourLimit]).toEqual([30, 128]);
  for (let count = 0; count < 40; count++) await steer("/sim/hub/weights", { name: `other-${count}` });
  const before = await countCalls(COMMITS);
  await pass(25 * MINUTE);
  const asked = (await countCalls(COMMITS)) - before;
  // Two repos, four pages each at most, two or three times; each minute would be a hundred.
  expect(asked).toBeGreaterThanOrEqual(4);
  expect(asked).toBeLessThanOrEqual(24);
  // Each of the forty names came with two commits, of its config and of its weights.
  expect((await fleetOf("zeb")).projectedCommitsPerHour).toBeGreaterThanOrEqual(30 + 80);

  await fault("hub-down");
  // Whatever was read before has reached the fleet by then.
  await pass(11 * MINUTE);
  const last = (await fleetOf("zeb")).projectedCommitsPerHour;
  expect(last).toBeGreaterThanOrEqual(30 + 80);
  await pass(15 * MINUTE);
  expect((await fleetOf("zeb")).projectedCommitsPerHour).toBe(last);
});

it("waits for weights with the learner's commands, and starts by itself when they are seeded", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 2, weightsName: "large-new" });
  await pass(MINUTE);
  const waiting = await fleetOf("zeb");
  expect([waiting.state, await paidBoxes("zeb")]).toEqual(["waiting-for-weights", []]);
  expect(waiting.notes.join("\n")).toContain(
    "--weights-name large-new --checkpoint forge/zeb/checkpoints/large-new-init.pt",
  );
  await steer("/sim/hub/weights", { name: "large-new" });
  await passUntil(async () => (await fleetOf("zeb")).totals.producing === 2);
});
