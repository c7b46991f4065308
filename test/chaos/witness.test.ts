// The witness of `npm run chaos` sees what it is there for, and nothing else.

import { afterEach, expect, it } from "vitest";
import type { Box } from "../../sim/instances.ts";
import { endBox } from "../../sim/rent.ts";
import { must } from "../support/builders.ts";
import { aMarket, goodHosts, KEY, MINUTE, type TestMarket } from "../sim/a-market.ts";
import { Witness } from "./witness.ts";

let witness: Witness | null = null;
afterEach(() => witness?.stop());

function watching(market: TestMarket, target: number): Witness {
  witness = new Witness(market.market);
  witness.expectTarget("zeb", target);
  return witness;
}

async function aPlayingBox(market: TestMarket, label: string): Promise<Box> {
  const id = await market.rent(label);
  await market.pass(15 * MINUTE);
  return must(market.market.state.boxes.get(id));
}

it("takes down a worker that is destroyed while it plays, once", async () => {
  const market = aMarket({ hosts: goodHosts(4) });
  const seen = watching(market, 2);
  const box = await aPlayingBox(market, "zeb-worker-vast-0");
  seen.look();
  await market.call("DELETE", `/api/v0/instances/${box.id}/`, {}, KEY);
  seen.look();
  seen.look();
  expect(seen.endedPlaying.map(({ id }) => id)).toEqual([box.id]);
});

it("takes down once a worker that plays on although its destroy was asked for", async () => {
  const market = aMarket({ hosts: goodHosts(4) });
  const seen = watching(market, 2);
  const box = await aPlayingBox(market, "zeb-worker-vast-0");
  await market.fault("destroy-stays");
  seen.look();
  await market.call("DELETE", `/api/v0/instances/${box.id}/`, {}, KEY);
  for (let look = 0; look < 5; look++) seen.look();
  expect(seen.endedPlaying.map(({ id }) => id)).toEqual([box.id]);
});

it("takes down nobody that ended by itself", async () => {
  const market = aMarket({ hosts: goodHosts(4) });
  const seen = watching(market, 2);
  const box = await aPlayingBox(market, "zeb-worker-vast-0");
  seen.look();
  endBox(market.market.state, box, "vanish");
  seen.look();
  expect([seen.endedPlaying, seen.played()]).toEqual([[], 1]);
});

it("finds a slot that is rented while its box lives, also when both came between two looks", async () => {
  const market = aMarket({ hosts: goodHosts(4) });
  const seen = watching(market, 4);
  await market.rent("zeb-worker-vast-1");
  await market.rent("zeb-worker-vast-1");
  seen.look();
  expect(seen.findings.map(({ what }) => what)).toContain("double rent");
});

it("finds a rent above target + 1, and none at it", async () => {
  const market = aMarket({ hosts: goodHosts(6) });
  const seen = watching(market, 2);
  for (const slot of [0, 1, 2]) {
    await market.rent(`zeb-worker-vast-${slot}`);
    seen.look();
  }
  expect(seen.findings).toEqual([]);
  await market.rent("zeb-worker-vast-3");
  seen.look();
  expect(seen.findings.map(({ what }) => what)).toEqual(["ceiling"]);
});
