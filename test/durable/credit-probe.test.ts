// Who may ask for the account's one rent per interval (docs/decisions/0012): a fleet that would send it.

import { expect, it } from "vitest";
import { assemble, type FleetUnderCheck, type Observed, tryProbe } from "../../src/durable/observe.ts";
import type { CheckDeps } from "../../src/durable/deps.ts";
import type { FleetMemory } from "../../src/fleet/memory.ts";
import { beginSpend } from "../../src/fleet/spend.ts";
import type { SpecPatch } from "../../src/fleet/spec.ts";
import { fingerprintOf } from "../../src/fleet/start-script.ts";
import { zeb } from "../../src/fleet/zeb.ts";
import {
  ACCOUNT,
  aBreaker,
  aMemory,
  anAccount,
  anInstance,
  anOffer,
  aSpec,
  FLEET,
  KEEPER,
  MINUTE,
  NOW,
  someBoxes,
  someOffers,
} from "../support/builders.ts";

const deps = {
  now: () => NOW,
  workload: () => zeb,
  missingCredentials: null,
  store: { hosts: () => ({ blocked: [], strikesByMachine: {} }), pendingStrikes: () => [] },
} as unknown as CheckDeps;

const terms = { sinceMs: NOW - MINUTE, nextProbeAtMs: NOW, why: "lacks credit" };

function fleetOf(patch: SpecPatch = {}): FleetUnderCheck {
  const spec = aSpec({ target: 4, ...patch });
  return { name: FLEET, spec, mode: "active", cadenceSeconds: 60, lastWriteAtMs: 0, lookAgainAtMs: null };
}

function seenBy(fleet: FleetUnderCheck, changes: Partial<Observed> = {}): Observed {
  const rows = [anInstance({ slot: 0 }), anInstance({ slot: 1 })];
  const reading = {
    ok: true as const,
    begunAtMs: NOW - 2000,
    endedAtMs: NOW - 1000,
    accountId: ACCOUNT,
    totalInstances: rows.length,
    rows,
  };
  return {
    fingerprint: fingerprintOf(fleet.spec, zeb),
    first: {
      isListOld: false,
      reading,
      boundAccountId: ACCOUNT,
      keeperId: KEEPER,
      isFingerprintProven: true,
      commits: null,
    },
    account: anAccount({ creditWait: terms }),
    weights: "present",
    rates: { byMachine: {}, byGpu: {} },
    confirmations: new Map(),
    isAccountAsked: true,
    isProbed: false,
    offers: [anOffer(), ...someOffers(3)],
    searchFailure: null,
    isSearched: true,
    ...changes,
  };
}

function memoryOf(changes: Partial<FleetMemory> = {}): FleetMemory {
  const spend = { ...beginSpend(NOW), dayUsd: 5, totalUsd: 5 };
  return aMemory({ workers: someBoxes(2).workers, spend, ...changes });
}

function asks(patch: SpecPatch, memory: Partial<FleetMemory> = {}, seen: Partial<Observed> = {}): boolean | null {
  const fleet = fleetOf(patch);
  return tryProbe(deps, fleet, memoryOf(memory), seenBy(fleet, seen))?.isWanted ?? null;
}

it("a fleet that is short of boxes asks when the probe is due, and not before", () => {
  const later = anAccount({ creditWait: { ...terms, nextProbeAtMs: NOW + 1 } });
  expect([asks({}), asks({}, {}, { account: later }), asks({}, {}, { isProbed: true })]).toEqual([true, null, null]);
});

it("a full fleet, and one whose budget is reached, leave it to others", () => {
  expect([asks({ target: 2 }), asks({ budgetUsdPerDay: 5 }), asks({ budgetUsdTotal: 5.01 })]).toEqual([
    false,
    false,
    true,
  ]);
});

it("a fleet that something else holds as well leaves it to others, so that the wait can end", () => {
  const undelivered = { replaced: [], alert: { sinceMs: NOW - MINUTE, why: "nothing arrives" } };
  expect([
    asks({}, {}, { weights: "missing" }),
    asks({}, { breaker: aBreaker({ nextCanaryAtMs: NOW + MINUTE }) }),
    asks({}, { delivery: undelivered }),
    asks({}, {}, { offers: [] }),
  ]).toEqual([false, false, false, false]);
});

it("is asked for with offers at hand: a market without any is searched, not the account", () => {
  const fleet = fleetOf();
  const trial = tryProbe(deps, fleet, memoryOf(), seenBy(fleet, { offers: null, isSearched: false }));
  expect(trial).toMatchObject({ isWanted: false, needs: { offers: true } });
});

it("knows nothing of software that the spec has come to name since it was asked about", () => {
  const [asked, now] = [fleetOf(), fleetOf({ weightsName: "new-weights" })];
  const memory = memoryOf();
  expect(assemble(deps, asked, memory, seenBy(asked))).toMatchObject({ weights: "present", isFingerprintProven: true });
  expect(assemble(deps, now, memory, seenBy(asked))).toMatchObject({ weights: "unknown", isFingerprintProven: false });
  const same = fleetOf({ target: 9, maxPriceUsdPerHour: 0.2 });
  expect(assemble(deps, same, memory, seenBy(asked))).toMatchObject({ weights: "present", isFingerprintProven: true });
});
