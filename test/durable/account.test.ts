import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { accountStub } from "../../src/durable/stubs.ts";
import { beginWorld, MINUTE, moveTo, NOW } from "../support/world.ts";

const offer = { offerId: 1, machineId: 4411 };

it("lets one fleet alone try an offer or its machine, for ten minutes", async () => {
  await beginWorld();
  const account = accountStub(env);
  expect(await account.admitRent("zeb", offer)).toEqual(expect.any(Number));
  expect(await account.admitRent("zeb-large", offer)).toBeNull();
  expect(await account.admitRent("zeb-large", { offerId: 2, machineId: 4411 })).toBeNull();
  expect(await account.admitRent("zeb-large", { offerId: 3, machineId: 4412 })).toEqual(expect.any(Number));
  expect(await account.admitRent("zeb", offer)).toEqual(expect.any(Number));

  await moveTo(NOW + 10 * MINUTE);
  expect(await account.admitRent("zeb-large", offer)).toEqual(expect.any(Number));
});
