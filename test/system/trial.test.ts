import { beforeEach, expect, it } from "vitest";
import { door, fleetOf, putFleet } from "../support/doors.ts";
import { countWrites } from "../support/market.ts";
import { beginWorld, fleetObject, inStorage, MINUTE, pass } from "../support/world.ts";

const TRIAL = { target: 4, maxPriceUsdPerHour: 0.2 };

beforeEach(() => beginWorld());

/** Everything that an object keeps: tables, values and its alarm. */
async function keptBy(name: string): Promise<readonly unknown[]> {
  return inStorage(fleetObject(name), async (storage: DurableObjectStorage) => [
    ...storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'").toArray(),
    ...storage.kv.list(),
    ...[await storage.getAlarm()].filter((alarm) => alarm !== null),
  ]);
}

it("a dry run of a fleet that does not exist shows a plan and leaves nothing in its object", async () => {
  const tried = await door<{ plan: { actions: { kind: string }[] } }>("PUT", "/api/fleets/newcomer?dryRun=true", TRIAL);
  expect(tried.status).toBe(200);
  expect(tried.body.plan.actions.map(({ kind }) => kind)).toContain("rent");
  expect(await keptBy("newcomer")).toEqual([]);
  await pass(MINUTE);
  expect(await keptBy("newcomer")).toEqual([]);
  expect(await countWrites()).toEqual({ rents: 0, destroys: 0 });
});

it("a dry run that is refused leaves nothing either", async () => {
  expect((await door("PUT", "/api/fleets/newcomer?dryRun=true", { ...TRIAL, workload: "nothing" })).status).toBe(422);
  expect((await door("PATCH", "/api/fleets/newcomer?dryRun=true", TRIAL)).status).toBe(404);
  expect(await keptBy("newcomer")).toEqual([]);
});

it("a fleet that is made while its name is being tried is whole, and trials after it see it", async () => {
  const url = "/api/fleets/newcomer?dryRun=true";
  const trials = [door("PUT", url, TRIAL), door("PUT", url, TRIAL)];
  const made = putFleet("newcomer", { target: 2 });
  const answers = await Promise.all([...trials, door("PUT", url, TRIAL)]);
  await made;
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await pass(MINUTE);
  expect((await fleetOf("newcomer")).totals.live).toBe(2);
  const again = await door<{ diff: { field: string; from: unknown }[] }>("PUT", url, TRIAL);
  expect(again.body.diff.find(({ field }) => field === "target")?.from).toBe(2);
});
