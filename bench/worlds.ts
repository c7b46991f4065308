// Fleets of any size for the benchmarks, out of the tests' builders: one that is quiet, and those in which every worker is
// touched, so that a step which searches a list for each worker shows.

import type { Situation } from "../src/fleet/situation.ts";
import {
  aDebt,
  aMemory,
  anInstance,
  anIntent,
  anOffer,
  aProvenSweep,
  aSituation,
  aSpec,
  aWorker,
  MINUTE,
  NOW,
  SECOND,
} from "../test/support/builders.ts";

interface World {
  readonly name: string;
  readonly make: (workers: number) => Situation;
}

/** All produce; nothing is to be done. */
const steady: World = {
  name: "steady",
  make: (workers) => aFleet({ rows: aRow, of: (slot) => aWorker({ slot }), workers }),
};

/** A fatal error of its own past its grace on every machine. */
const allReplaced: World = {
  name: "each with its own error",
  make: (workers) => aFleet({ rows: aRow, of: (slot) => aFailed(slot, `RuntimeError: of machine ${slot}`), workers }),
};

/** The same fatal error everywhere: the breaker's case. */
const allBroken: World = {
  name: "all with one error",
  make: (workers) => aFleet({ rows: aRow, of: (slot) => aFailed(slot, "RuntimeError: boom"), workers }),
};

/** Every price above the cap, and as many offers as a search can bring (design rule 18: six pages of 64). */
const dearWithOffers: World = {
  name: "all too dear, 384 offers",
  make: (workers) => ({
    ...aFleet({ rows: (slot) => anInstance({ slot, usdPerHour: 0.5 }), of: (slot) => aWorker({ slot }), workers }),
    offers: someOffers(384),
  }),
};

/** A third produces, a third is rents that have just appeared, a third is debts that the list still shows. */
const mixed: World = {
  name: "a third rents, a third debts",
  make: (workers) => {
    const third = Math.floor(workers / 3);
    const rows = slots(third * 3).map((slot) =>
      anInstance({ slot, intentId: slot >= third && slot < 2 * third ? `intent-${slot}` : null }),
    );
    const memory = aMemory({
      workers: slots(third).map((slot) => aWorker({ slot })),
      intents: slots(third).map((index) => anIntent({ slot: third + index })),
      debts: slots(third).map((index) => aDebt({ instanceId: 1000 + 2 * third + index, slot: 2 * third + index })),
    });
    return {
      ...aSituation({ spec: aSpec({ target: workers }), sweep: aProvenSweep(rows), offers: someOffers(384) }),
      memory,
    };
  },
};

/** The list shows none of them: each is asked for by its id. */
const allMissing: World = {
  name: "none in the list",
  make: (workers) => aFleet({ rows: null, of: (slot) => aWorker({ slot }), workers }),
};

/** The list shows them all and has forgotten their labels. */
const unlabelled: World = {
  name: "no labels in the list",
  make: (workers) =>
    aFleet({ rows: (slot) => anInstance({ slot, label: null }), of: (slot) => aWorker({ slot }), workers }),
};

/** Two boxes in every slot. */
const doubled: World = {
  name: "two in every slot",
  make: (workers) => {
    const half = (index: number): number => Math.floor(index / 2);
    return aFleet({
      rows: (index) => anInstance({ slot: half(index), instanceId: 1000 + index }),
      of: (index) => aWorker({ slot: half(index), instanceId: 1000 + index }),
      workers,
    });
  },
};

/** The target is 1 from now on. */
const shrunk: World = {
  name: "all but one too many",
  make: (workers) => ({ ...steady.make(workers), spec: aSpec({ target: 1 }) }),
};

/** Told to end. */
const ending: World = { name: "down", make: (workers) => ({ ...steady.make(workers), mode: "down" }) };

/** Every box is a destroy that the list still shows. */
const owed: World = {
  name: "all debts",
  make: (workers) => {
    const debts = slots(workers).map((slot) => aDebt({ slot, instanceId: 1000 + slot }));
    return { ...steady.make(workers), mode: "down", memory: aMemory({ debts }) };
  },
};

/** A list of boxes of ours of which nothing is remembered. */
const unknown: World = {
  name: "all seen for the first time",
  make: (workers) => ({ ...steady.make(workers), memory: aMemory() }),
};

/** No box matches the spec, and a person has ordered a roll-out. */
const rollingOut: World = {
  name: "roll-out of all",
  make: (workers) => {
    const situation = steady.make(workers);
    const rollOut = { specVersion: 2, by: "admin", atMs: NOW };
    return {
      ...situation,
      fingerprint: "fingerprint-b",
      offers: someOffers(384),
      memory: { ...situation.memory, rollOut },
    };
  },
};

export const worlds: readonly World[] = [
  steady,
  allReplaced,
  allBroken,
  dearWithOffers,
  mixed,
  allMissing,
  unlabelled,
  doubled,
  shrunk,
  ending,
  owed,
  unknown,
  rollingOut,
];

interface FleetPlan {
  readonly workers: number;
  /** `null`: the list is empty. */
  readonly rows: ((slot: number) => ReturnType<typeof anInstance>) | null;
  readonly of: (slot: number) => ReturnType<typeof aWorker>;
}

function aFleet({ workers, rows, of }: FleetPlan): Situation {
  return {
    ...aSituation({ spec: aSpec({ target: workers }), rows: rows === null ? [] : slots(workers).map(rows) }),
    memory: aMemory({ workers: slots(workers).map(of), filledTarget: workers }),
  };
}

function aFailed(slot: number, signature: string): ReturnType<typeof aWorker> {
  const seen = { sinceMs: NOW - 10 * MINUTE, seenAtMs: NOW - 30 * SECOND };
  const error = { line: signature, signature, faultClass: "host" as const, isFinal: false, ...seen };
  return aWorker({ slot, error, verdict: "failed" });
}

function aRow(slot: number): ReturnType<typeof anInstance> {
  return anInstance({ slot });
}

function someOffers(count: number): ReturnType<typeof anOffer>[] {
  return slots(count).map((index) => anOffer({ offerId: 5_000_000 + index, usdPerHour: 0.06 + index / 100_000 }));
}

function slots(count: number): readonly number[] {
  return Array.from({ length: count }, (_, slot) => slot);
}
