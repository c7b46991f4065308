import { expect, it } from "vitest";
import { askByIds } from "../../src/durable/by-ids.ts";
import { err, ok } from "../../src/fleet/result.ts";
import type { VastClient } from "../../src/vast/client.ts";

const IDS = Array.from({ length: 12 }, (_, index) => index);

/** A market that knows no instance; the ids that it does not answer, and those that it was asked for. */
function market(isSilent: (id: number) => boolean): { one: VastClient["one"]; asked: number[] } {
  const asked: number[] = [];
  const one: VastClient["one"] = async (id) => {
    asked.push(id);
    return isSilent(id) ? err({ kind: "lost", reason: "time-out" }) : ok(null);
  };
  return { one, asked };
}

it("says of each id whether it is absent", async () => {
  const vast = market((id) => id === 3);
  expect(await askByIds(vast, IDS)).toEqual(IDS.map((id) => [id, id === 3 ? "unknown" : "absent"]));
  expect(vast.asked).toEqual(IDS);
});

it("asks for no more than a handful of a market that answers none of them: each may hang for half a minute", async () => {
  const vast = market(() => true);
  expect(await askByIds(vast, IDS)).toEqual(IDS.map((id) => [id, "unknown"]));
  expect(vast.asked).toEqual([0, 1, 2, 3, 4]);
});
