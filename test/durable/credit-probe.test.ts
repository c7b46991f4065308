// Who may ask for the account's one rent per interval (docs/decisions/0012): a fleet that would send it.

import { expect, it } from "vitest";
import { type FleetUnderCheck, type Observed, wantsProbe } from "../../src/durable/observe.ts";
import type { SpecPatch } from "../../src/fleet/spec.ts";
import { beginSpend } from "../../src/fleet/spend.ts";
import { aMemory, anAccount, aSpec, FLEET, MINUTE, NOW, someBoxes } from "../support/builders.ts";
import { aPlan } from "../support/plans.ts";

function asks(patch: SpecPatch, nextProbeAtMs = NOW, workers = someBoxes(2).workers): boolean {
  const spec = aSpec({ target: 4, ...patch });
  const spend = { ...beginSpend(NOW), dayUsd: 5, totalUsd: 5 };
  const plan = aPlan({ state: "credit-wait", memory: aMemory({ workers, spend }) });
  const creditWait = { sinceMs: NOW - MINUTE, nextProbeAtMs, why: "lacks credit" };
  const seen: Pick<Observed, "account" | "isProbed"> = { account: anAccount({ creditWait }), isProbed: false };
  const fleet: Pick<FleetUnderCheck, "name" | "spec"> = { name: FLEET, spec };
  return wantsProbe(plan, fleet as FleetUnderCheck, seen as Observed, NOW);
}

it("a fleet that is short of boxes asks when the probe is due, and not before", () => {
  expect([asks({}), asks({}, NOW + 1)]).toEqual([true, false]);
});

it("a full fleet, and one whose budget is reached, leave it to others", () => {
  expect([asks({ target: 2 }), asks({ budgetUsdPerDay: 5 }), asks({ budgetUsdTotal: 5.01 })]).toEqual([
    false,
    false,
    true,
  ]);
});
