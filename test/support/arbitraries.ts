// Situations that nobody would think of: any mix of rows, memories, modes and answers, for properties that hold always.

import fc from "fast-check";
import type { Confirmation } from "../../src/fleet/absence.ts";
import type { Instance } from "../../src/fleet/instance.ts";
import type { Debt, Intent, WorkerMemory } from "../../src/fleet/memory.ts";
import type { Situation } from "../../src/fleet/situation.ts";
import { beginSpend } from "../../src/fleet/spend.ts";
import {
  aBadStatus,
  aBootingWorker,
  aBreaker,
  aFault,
  aDebt,
  aMemory,
  anAccount,
  anError,
  anInstance,
  anIntent,
  anOffer,
  aProvenSweep,
  aSituation,
  aSpec,
  aWorker,
  FINGERPRINT,
  HOUR,
  MINUTE,
  NOW,
  SECOND,
} from "./builders.ts";

const missing = fc.constantFrom(
  null,
  { firstBegunAtMs: NOW - 10 * SECOND, lastBegunAtMs: NOW - 10 * SECOND, sweeps: 1 },
  { firstBegunAtMs: NOW - 5 * MINUTE, lastBegunAtMs: NOW - MINUTE, sweeps: 4 },
);

const stuck = { sinceMs: NOW - 2 * HOUR, movedAtMs: NOW - 2 * HOUR, measuredAtMs: NOW - SECOND };
const conditions: readonly Partial<WorkerMemory>[] = [
  {},
  {},
  aBootingWorker(),
  aBootingWorker({ clock: { kind: "boot", ...stuck } }),
  { clock: { kind: "produce", ...stuck } },
  { error: { ...anError({ isFinal: true, faultClass: "host" }), sinceMs: NOW, seenAtMs: NOW } },
  { error: { ...anError(), sinceMs: NOW - HOUR, seenAtMs: NOW } },
  { error: { ...anError({ isFinal: true, faultClass: "gpu-size" }), sinceMs: NOW, seenAtMs: NOW } },
  { clock: { kind: "produce", ...stuck, measuredAtMs: stuck.sinceMs }, reportAtMs: stuck.sinceMs, verdict: "unknown" },
  { badStatus: aBadStatus() },
];

/** Faults of boxes that are gone, each on a machine of its own, so that the ones of this CHECK can open the breaker. */
const faults = fc.array(
  fc.record({
    signature: fc.constantFrom("RuntimeError: boom", "timeout:boot:nothing", "exited:nothing"),
    isStruck: fc.boolean(),
    hadProduced: fc.boolean(),
    agoMs: fc.constantFrom(SECOND, 30 * MINUTE, 3 * HOUR),
  }),
  { maxLength: 4 },
);

/** `inMs`: until the canary. */
const breaker = fc.option(
  fc.record({
    signature: fc.constantFrom("RuntimeError: boom", "timeout:boot:nothing"),
    inMs: fc.constantFrom(-MINUTE, 0, SECOND, MINUTE),
    openFor: fc.constantFrom(SECOND, 9 * MINUTE, HOUR),
    keptInstanceId: fc.constantFrom(null, 2000, 2003),
    fingerprint: fc.constantFrom(FINGERPRINT, FINGERPRINT, FINGERPRINT, "fingerprint-b"),
    failedPhase: fc.constantFrom("boot" as const, "wait" as const, "produce" as const),
  }),
  { freq: 3, nil: null },
);

interface Box {
  readonly row: Instance | null;
  readonly worker: WorkerMemory | null;
  readonly debt: Debt | null;
  readonly watchedId: number | null;
}

const boxFacts = fc.record({
  slot: fc.nat(13),
  machineId: fc.option(fc.integer({ min: 100, max: 125 }), { freq: 8 }),
  mark: fc.constantFrom("keeper-a", "keeper-a", "keeper-a", null, "keeper-b"),
  label: fc.constantFrom("own", "own", "own", "own", "zeb-large", null, "mine"),
  isListed: fc.constantFrom(true, true, true, true, false),
  memory: fc.constantFrom("worker", "worker", "worker", "none", "debt", "watched"),
  status: fc.constantFrom("running", "running", "running", "loading", "exited", null),
  condition: fc.constantFrom(...conditions),
  usdPerHour: fc.constantFrom(0.05, 0.072, 0.1004, 0.2, null),
  envReadable: fc.constantFrom(true, true, false),
  missing,
  attempts: fc.nat(2),
});

const boxes: fc.Arbitrary<readonly Box[]> = fc.array(boxFacts, { maxLength: 16 }).map((all) =>
  all.map((facts, index): Box => {
    const instanceId = 2000 + index;
    const { slot, machineId, usdPerHour, envReadable } = facts;
    const own = `zeb-worker-vast-${slot}`;
    const label =
      facts.label === "own" ? own : facts.label === "zeb-large" ? `zeb-large-worker-vast-${slot}` : facts.label;
    const row = anInstance({
      instanceId,
      slot,
      machineId,
      usdPerHour,
      envReadable,
      label,
      actualStatus: facts.status,
      keeperId: facts.mark,
    });
    const known = { instanceId, slot, machineId, usdPerHour };
    return {
      row: facts.isListed ? row : null,
      worker:
        facts.memory === "worker"
          ? aWorker({ ...facts.condition, ...known, label: own, missing: facts.missing })
          : null,
      debt:
        facts.memory === "debt"
          ? aDebt({
              ...known,
              missing: facts.missing,
              attempts: facts.attempts,
              isAccepted: facts.attempts === 1,
              lastAttemptAtMs: facts.attempts === 0 ? null : NOW - MINUTE,
            })
          : null,
      watchedId: facts.memory === "watched" ? instanceId : null,
    };
  }),
);

interface Rent {
  readonly intent: Intent;
  readonly row: Instance | null;
}

const rents: fc.Arbitrary<readonly Rent[]> = fc
  .uniqueArray(
    fc.record({
      slot: fc.nat(13),
      state: fc.constantFrom("open" as const, "unknown" as const, "rented" as const),
      isListed: fc.boolean(),
      agoMs: fc.constantFrom(SECOND, 40 * SECOND, 3 * MINUTE, HOUR),
      missing,
    }),
    { maxLength: 5, selector: ({ slot }) => slot },
  )
  .map((all) =>
    all.map(({ slot, state, isListed, agoMs, missing: gone }): Rent => {
      const instanceId = 3000 + slot;
      const createdAtMs = NOW - agoMs;
      return {
        intent: anIntent({
          slot,
          state,
          createdAtMs,
          instanceId: state === "rented" ? instanceId : null,
          answeredAtMs: state === "open" ? null : createdAtMs,
          machineId: 130 + slot,
          missing: gone,
        }),
        row: isListed
          ? anInstance({ slot, instanceId, machineId: 130 + slot, intentId: `intent-${slot}`, startedAtMs: NOW })
          : null,
      };
    }),
  );

const offers = fc.option(
  fc
    .array(
      fc.record({
        machineId: fc.option(fc.integer({ min: 95, max: 145 }), { freq: 10 }),
        usdPerHour: fc.constantFrom(0.04, 0.06, 0.0904, 0.1, 0.1004, 0.1006, 0.3),
        gpu: fc.constantFrom("RTX 3070", "RTX 3060", "RTX 4070 Ti", "RTX 5090"),
        gpuCount: fc.constantFrom(1, 1, 1, 2),
        isRented: fc.constantFrom(false, false, true),
      }),
      { maxLength: 24 },
    )
    .map((all) => all.map((facts, index) => anOffer({ offerId: 5000 + index, ...facts }))),
  { freq: 6 },
);

const confirmations = fc
  .array(fc.tuple(fc.integer({ min: 2000, max: 2016 }), fc.constantFrom<Confirmation>("absent", "present", "unknown")))
  .map((pairs) => new Map(pairs));

/** A situation on a proven list. */
export const situations: fc.Arbitrary<Situation> = fc
  .record({
    boxes,
    rents,
    offers,
    confirmations,
    target: fc.nat(12),
    launchBatch: fc.integer({ min: 1, max: 6 }),
    mode: fc.constantFrom("active" as const, "active" as const, "active" as const, "paused" as const, "down" as const),
    weights: fc.constantFrom(
      "present" as const,
      "present" as const,
      "present" as const,
      "missing" as const,
      "unconfirmed" as const,
    ),
    isFingerprintProven: fc.boolean(),
    nextProbeInMs: fc.option(fc.constantFrom(-1, 0, MINUTE), { freq: 5, nil: null }),
    creditUsd: fc.constantFrom(null, 0, 25),
    readAtMs: fc.constantFrom(null, NOW - HOUR, NOW),
    blocked: fc.uniqueArray(fc.integer({ min: 95, max: 145 }), { maxLength: 10 }),
    rented: fc.nat(30),
    excludedGpu: fc.constantFrom(null, null, "RTX 3060"),
    passedOver: fc.constantFrom(0, 0, 2),
    faults,
    breaker,
    ordered: fc.uniqueArray(fc.integer({ min: 2000, max: 2016 }), { maxLength: 2 }),
    isRollingOut: fc.constantFrom(false, false, true),
    budgetUsdPerDay: fc.constantFrom(null, null, null, 5),
    budgetUsdTotal: fc.constantFrom(null, null, null, 5),
    onBudget: fc.constantFrom("hold" as const, "down" as const),
    spentUsd: fc.constantFrom(0, 4.9, 5, 6),
  })
  .map((facts) => {
    const rows = [...facts.boxes.map(({ row }) => row), ...facts.rents.map(({ row }) => row)];
    const wait = facts.nextProbeInMs;
    return aSituation({
      mode: facts.mode,
      spec: aSpec({
        target: facts.target,
        launchBatch: facts.launchBatch,
        budgetUsdPerDay: facts.budgetUsdPerDay,
        budgetUsdTotal: facts.budgetUsdTotal,
        onBudget: facts.onBudget,
      }),
      sweep: aProvenSweep(rows.filter((row) => row !== null)),
      memory: aMemory({
        workers: facts.boxes.flatMap(({ worker }) => worker ?? []),
        debts: facts.boxes.flatMap(({ debt }) => debt ?? []),
        watched: facts.boxes.flatMap(({ watchedId }) =>
          watchedId === null ? [] : [{ instanceId: watchedId, slot: 0, untilMs: NOW + HOUR }],
        ),
        intents: facts.rents.map(({ intent }) => intent),
        faults: facts.faults.map(({ agoMs, ...fault }, index) =>
          aFault({
            ...fault,
            instanceId: 1500 + index,
            machineId: 500 + index,
            atMs: NOW - agoMs,
            rentedAtMs: NOW - agoMs,
          }),
        ),
        breaker:
          facts.breaker === null
            ? null
            : aBreaker({
                ...facts.breaker,
                openedAtMs: NOW - facts.breaker.openFor,
                sinceMs: NOW - facts.breaker.openFor - HOUR,
                nextCanaryAtMs: NOW + facts.breaker.inMs,
              }),
        spend: { ...beginSpend(NOW), dayUsd: facts.spentUsd, totalUsd: facts.spentUsd },
        rentedAtMs: Array.from({ length: facts.rented }, (_, index) => NOW - index * 3 * MINUTE),
        orders: facts.ordered.map((instanceId) => ({ instanceId, slot: 0, by: "admin", atMs: NOW - MINUTE })),
        rollOut: facts.isRollingOut ? { specVersion: 2, by: "admin", atMs: NOW - MINUTE } : null,
        excludedGpus:
          facts.excludedGpu === null
            ? []
            : [{ gpu: facts.excludedGpu, weightsName: aSpec().weightsName, untilMs: NOW + HOUR }],
        passedOver: (facts.offers ?? []).slice(0, facts.passedOver).map(({ offerId, machineId }, index) => ({
          offerId,
          machineId,
          untilMs: NOW + (index - 1) * HOUR,
        })),
      }),
      offers: facts.offers,
      confirmations: facts.confirmations,
      weights: facts.weights,
      isFingerprintProven: facts.isFingerprintProven,
      account: anAccount({
        creditUsd: facts.creditUsd,
        readAtMs: facts.readAtMs,
        creditWait: wait === null ? null : { sinceMs: NOW - HOUR, nextProbeAtMs: NOW + wait, why: "lacks credit" },
      }),
      hosts: { blocked: new Set(facts.blocked), strikesByMachine: new Map() },
    });
  });
