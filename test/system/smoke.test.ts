import { expect, it } from "vitest";
import { beginWorld, fleetObject, paidBoxes, pass, truth, MINUTE } from "../support/world.ts";
import type { FleetKeeperRpc } from "../../src/durable/rpc.ts";

it("smoke", async () => {
  await beginWorld();
  const fleet = fleetObject("zeb") as unknown as FleetKeeperRpc;
  const made = await fleet.put("zeb", { target: 4 } as never, { actor: { name: "t" }, expectedVersion: null });
  expect(made.ok).toBe(true);
  await pass(6 * MINUTE, ["zeb"]);
  const doc = await fleet.describe();
  console.log(JSON.stringify(doc, null, 1).slice(0, 6000));
  console.log(JSON.stringify((await truth()).calls));
  expect((await paidBoxes("zeb")).length).toBe(4);
});
