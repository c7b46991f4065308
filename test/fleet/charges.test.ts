// Which boxes are paid for since the last CHECK, from when and until when. Through `decide`, whose memory has the sum.

import { describe, expect, it } from "vitest";
import { chargesSince, paidUsdPerHour } from "../../src/fleet/charges.ts";
import { decide } from "../../src/fleet/decide.ts";
import { beginSpend } from "../../src/fleet/spend.ts";
import type { FleetMemory } from "../../src/fleet/memory.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import {
  aDebt,
  aMemory,
  anInstance,
  anIntent,
  aSituation,
  aWorker,
  HOUR,
  MINUTE,
  NOW,
  SECOND,
} from "../support/builders.ts";

const checkedAt = NOW - 10 * MINUTE;
/** $0.60 an hour is a cent a minute. */
const usdPerHour = 0.6;

/** Cents that a CHECK adds, the one before having been ten minutes ago. */
function cents(
  memory: Partial<FleetMemory>,
  rows: readonly Instance[],
  changes: Parameters<typeof aSituation>[0] = {},
): number {
  const before = aMemory({ spend: beginSpend(checkedAt), ...memory });
  return decide(aSituation({ rows, memory: before, ...changes })).memory.spend.totalUsd * 100;
}

describe("a box is charged", () => {
  it("from the last CHECK on when it is known", () => {
    expect(cents({ workers: [aWorker({ usdPerHour })] }, [anInstance({ usdPerHour })])).toBeCloseTo(10);
  });

  it("its disk alone while it is stopped, and in full where the list does not tell the disk's part", () => {
    const stopped = { usdPerHour, status: "exited", verdict: "failed" } as const;
    const row = anInstance({ usdPerHour });
    expect(cents({ workers: [aWorker({ ...stopped, storageUsdPerHour: 0.06 })] }, [row])).toBeCloseTo(1);
    expect(cents({ workers: [aWorker({ ...stopped, storageUsdPerHour: null })] }, [row])).toBeCloseTo(10);
  });

  it("while the list hides it: unknown is not gone", () => {
    expect(cents({ workers: [aWorker({ usdPerHour })] }, [])).toBeCloseTo(10);
  });

  it("at the price known at the start of the time, when it has risen since", () => {
    expect(cents({ workers: [aWorker({ usdPerHour })] }, [anInstance({ usdPerHour: 60 })])).toBeCloseTo(10);
  });

  it("from its start when it is first seen: 50 s before it have cost already", () => {
    const old = anInstance({ usdPerHour, keeperId: null, startedAtMs: NOW - 50 * SECOND });
    expect(cents({ spend: beginSpend(NOW) }, [old])).toBeCloseTo(50 / 60);
  });

  it("from its start when another tool rented it two hours ago", () => {
    expect(cents({}, [anInstance({ usdPerHour, keeperId: null })])).toBeCloseTo(120);
  });

  it("from first sight when its start is not told, or lies more than a year back", () => {
    for (const startedAtMs of [null, NOW - 367 * 24 * HOUR])
      expect(cents({}, [anInstance({ usdPerHour, keeperId: null, startedAtMs })])).toBeCloseTo(2 / 60);
  });

  it("once, when it lost its label for a while and is taken over again", () => {
    expect(cents({}, [anInstance({ usdPerHour })])).toBeCloseTo(10);
  });

  it("from its rent on, before the list shows it and when it does", () => {
    const intent = anIntent({ usdPerHour, createdAtMs: NOW - 3 * MINUTE, answeredAtMs: NOW - 3 * MINUTE });
    expect(cents({ intents: [intent] }, [])).toBeCloseTo(3);
    const row = anInstance({ usdPerHour, intentId: intent.id, startedAtMs: NOW - 3 * MINUTE });
    expect(cents({ intents: [intent] }, [row])).toBeCloseTo(3);
    expect(cents({ intents: [{ ...intent, createdAtMs: NOW - HOUR }] }, [row])).toBeCloseTo(10);
  });

  it("from its start when the answer to its rent was lost, though CHECKs have passed without it", () => {
    const intent = anIntent({ usdPerHour, state: "unknown", instanceId: null, createdAtMs: NOW - 15 * MINUTE });
    expect(cents({ intents: [intent] }, [])).toBe(0);
    const row = anInstance({ usdPerHour, intentId: intent.id, startedAtMs: NOW - 14 * MINUTE });
    expect(cents({ intents: [intent] }, [row])).toBeCloseTo(14);
  });

  it("while a destroyed one is listed; until its last destroy when the list no longer shows it; not after", () => {
    const debt = aDebt({ usdPerHour, lastAttemptAtMs: NOW - 7 * MINUTE });
    expect(cents({ debts: [debt] }, [anInstance({ instanceId: 900, usdPerHour })])).toBeCloseTo(10);
    expect(cents({ debts: [debt] }, [])).toBeCloseTo(3);
    const missing = { firstBegunAtMs: NOW - 6 * MINUTE, lastBegunAtMs: NOW - 6 * MINUTE, sweeps: 1 };
    expect(cents({ debts: [{ ...debt, missing }] }, [])).toBe(0);
  });

  it("again from the last CHECK on when it came back after its destroy", () => {
    const watched = [{ instanceId: 900, slot: 0, untilMs: NOW + HOUR }];
    expect(cents({ watched }, [anInstance({ instanceId: 900, usdPerHour })])).toBeCloseTo(10);
  });

  it("in every mode", () => {
    for (const mode of ["paused", "down"] as const)
      expect(cents({ workers: [aWorker({ usdPerHour })] }, [anInstance({ usdPerHour })], { mode })).toBeCloseTo(10);
  });

  it("after a blind time, for all of it", () => {
    const blind = aSituation({
      memory: aMemory({ spend: beginSpend(checkedAt), workers: [aWorker({ usdPerHour })] }),
      sweep: { proven: false, begunAtMs: NOW, reason: "partial" },
    });
    const { memory } = decide(blind);
    expect(decide(aSituation({ rows: [anInstance({ usdPerHour })], memory })).memory.spend.totalUsd).toBeCloseTo(0.1);
  });
});

it("between CHECKs everything known is charged until now", () => {
  const memory = aMemory({
    spend: beginSpend(checkedAt),
    workers: [aWorker({ usdPerHour })],
    debts: [aDebt({ usdPerHour: 1.2 })],
  });
  const charges = chargesSince(memory, memory, [], NOW);
  expect(charges.map((charge) => [charge.usdPerHour, charge.toMs - charge.fromMs])).toEqual([
    [0.6, 10 * MINUTE],
    [1.2, 10 * MINUTE],
  ]);
});

it("the burn is that of workers, rents that the market has confirmed, and destroyed boxes still listed", () => {
  const missing = { firstBegunAtMs: NOW, lastBegunAtMs: NOW, sweeps: 1 };
  const memory = aMemory({
    workers: [aWorker({ usdPerHour: 1 })],
    intents: [anIntent({ usdPerHour: 2 }), anIntent({ slot: 1, usdPerHour: 4, state: "unknown" })],
    debts: [aDebt({ usdPerHour: 8 }), aDebt({ instanceId: 901, usdPerHour: 16, missing })],
  });
  expect(paidUsdPerHour(memory)).toBe(11);
});
