// A destroy that keeps failing is tried at every CHECK, and told now and then; while it fails, no list alone settles it.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { door, fleetOf, patchFleet, putFleet } from "../support/doors.ts";
import { clearFaults, fault, paidBoxes } from "../support/market.ts";
import { beginWorld, MINUTE, pass, passUntil } from "../support/world.ts";

async function told(): Promise<readonly string[]> {
  const { results } = await env.DB.prepare(
    "SELECT message FROM events WHERE kind = 'destroy-failed' ORDER BY at_ms",
  ).all<{ message: string }>();
  return results.map(({ message }) => message.replace(/instance \d+/, "instance"));
}

it("tells of the 1st and the 10th attempt with the same reason, and of every new reason", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 1 });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
  await fault("destroy-500");
  await patchFleet("zeb", { target: 0, force: true });
  await passUntil(async () => Number((await fleetOf("zeb")).debts[0]?.attempts) >= 12, { limitMs: 10 * MINUTE });
  await pass(MINUTE);
  const lines = await told();
  expect(lines.map((line) => /attempt (\d+)/.exec(line)?.[1])).toEqual(["1", "10"]);
  expect(new Set(lines.map((line) => line.replace(/attempt \d+/, ""))).size).toBe(1);
  await clearFaults();
  await passUntil(async () => (await fleetOf("zeb")).state === "down", { limitMs: 10 * MINUTE });
  expect((await fleetOf("zeb")).debts).toEqual([]);
});

it("owes what the market would not destroy for as long as it is there, though the list is empty meanwhile", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 2 });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady");
  await fault("destroy-500");
  await fault("list-empty");
  await door("POST", "/api/fleets/zeb/down", { force: true });
  await pass(10 * MINUTE);
  expect(await fleetOf("zeb")).toMatchObject({ state: "draining", debts: [{}, {}] });
  expect(await paidBoxes("zeb")).toHaveLength(2);

  await clearFaults();
  await fault("list-empty");
  await passUntil(async () => (await fleetOf("zeb")).state === "down", { limitMs: 10 * MINUTE });
  expect(await paidBoxes("zeb")).toEqual([]);
});
