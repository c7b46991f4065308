import { describe, expect, it } from "vitest";
import { advanceInSteps, aMarket, HOUR, NOW, SECOND } from "./a-market.ts";

async function aLife(seed: number, stepMs: number): Promise<unknown> {
  const test = aMarket({ seed, hosts: { count: 40 }, speed: 4 });
  for (let slot = 0; slot < 8; slot += 1) await test.rent(`zeb-worker-vast-${slot}`);
  advanceInSteps(test, NOW + 3 * HOUR, stepMs);
  const logs = [...test.market.state.boxes.values()].map((box) => box.log);
  const { boxes, account, billedUsd, hub } = await test.truth();
  return { logs, boxes, account, billedUsd, hub };
}

describe("the market's course", () => {
  it("is the same for one seed however often somebody looks", async () => {
    const once = await aLife(7, 3 * HOUR);
    expect(await aLife(7, 37 * SECOND)).toEqual(once);
  });

  it("is another one for another seed", async () => {
    expect(await aLife(8, HOUR)).not.toEqual(await aLife(7, HOUR));
  });

  it("has about a fifth of duds among its machines by default", () => {
    const { market } = aMarket({ hosts: { count: 2000 } });
    const kinds = [...market.state.hosts.values()].map((host) => host.trait);
    const duds = kinds.filter((kind) => !["good", "slow", "crash", "flaky"].includes(kind)).length;
    expect(duds / kinds.length).toBeGreaterThan(0.17);
    expect(duds / kinds.length).toBeLessThan(0.23);
  });
});
