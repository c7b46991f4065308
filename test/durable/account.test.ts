import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { accountStub } from "../../src/durable/stubs.ts";
import { steer } from "../support/market.ts";
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

it("a rent sent before the credit was found low does not end the wait; credit that was read does", async () => {
  await beginWorld({ credit: 0 });
  const account = accountStub(env);
  expect((await account.readAccount()).creditWait).toMatchObject({ why: "$0.00 left" });
  await account.leaveCreditWait();
  expect((await account.accountView()).creditWait).not.toBeNull();

  await moveTo(NOW + MINUTE);
  await steer("/sim/credit", { usd: 5 });
  expect((await account.readAccount()).creditWait).toBeNull();
});

it("a refusal for credit ends with more credit than was left then, and with no less", async () => {
  await beginWorld({ credit: 5 });
  const account = accountStub(env);
  await account.readAccount();
  await account.enterCreditWait("refused", "lacks credit", 300);
  const readsWith = async (usd: number, inMs: number): Promise<boolean> => {
    await moveTo(NOW + inMs);
    await steer("/sim/credit", { usd });
    return (await account.readAccount()).creditWait !== null;
  };
  expect([await readsWith(5, MINUTE), await readsWith(2, 2 * MINUTE), await readsWith(3, 3 * MINUTE)]).toEqual([
    true,
    true,
    false,
  ]);
});

it("a spending limit is waited out for its hour, whatever the credit, and a refusal for credit meanwhile does not shorten it", async () => {
  await beginWorld({ credit: 5 });
  const account = accountStub(env);
  await account.readAccount();
  await account.enterCreditWait("spend-limit", "spends too fast", 3600);
  await moveTo(NOW + MINUTE);
  await steer("/sim/credit", { usd: 50 });
  expect((await account.readAccount()).creditWait?.nextProbeAtMs).toBe(NOW + 60 * MINUTE);
  await account.enterCreditWait("refused", "lacks credit", 300);
  expect((await account.probeCredit(300)).creditWait?.nextProbeAtMs).toBe(NOW + 60 * MINUTE);
});

it("a wait whose probe no fleet has wanted for a whole interval is over, unless the credit is low", async () => {
  await beginWorld({ credit: 5 });
  const account = accountStub(env);
  const waitsAfter = async (ms: number): Promise<boolean> => {
    await moveTo(NOW + ms);
    await account.sweep({ afterMs: 0, maxAgeMs: 0 });
    return (await account.accountView()).creditWait !== null;
  };
  await account.readAccount();
  await account.enterCreditWait("spend-limit", "spends too fast", 3600);
  expect([await waitsAfter(65 * MINUTE - 1), await waitsAfter(65 * MINUTE)]).toEqual([true, false]);

  await account.enterCreditWait("refused", "lacks credit", 300);
  await steer("/sim/credit", { usd: 0 });
  await account.readAccount();
  expect(await waitsAfter(100 * MINUTE)).toBe(true);
});
