// A fleet and its plan as answers show them (design §6).

import { z } from "zod";
import type {
  BreakerDocument,
  DebtDocument,
  FleetDocument,
  IntentDocument,
  OrderDocument,
  PlanDocument,
} from "../../fleet/document.ts";
import type { Action, FleetMode, FleetState, Totals } from "../../fleet/plan.ts";
import { evidence, instantText, notes, oneOf, partOf, schemaOf } from "./schema-of.ts";
import { specExample, specSchema } from "./spec.ts";
import { workerExample, workerSchema } from "./worker.ts";

export const mode = oneOf<FleetMode>()("active", "paused", "down");
export const state = oneOf<FleetState>()(
  "down",
  "draining",
  "paused",
  "no-credentials",
  "blind",
  "credit-wait",
  "over-budget",
  "waiting-for-weights",
  "breaker-open",
  "no-offers",
  "ramping",
  "steady",
);
const actionKind = oneOf<Action["kind"]>()(
  "rent",
  "destroy",
  "strike",
  "refund",
  "adopt",
  "gone",
  "intent-settled",
  "debt-settled",
  "roll-out",
  "breaker-opened",
  "breaker-closed",
  "alert",
);

const intentExample: IntentDocument = {
  id: "0b9c3d52-7c1e-4f3b-9a55-1f2f0f8c9f11",
  slot: 3,
  label: "zeb-large-worker-vast-3",
  state: "unknown",
  offerId: 20_000_948,
  machineId: 5502,
  gpu: "RTX 3060",
  usdPerHour: 0.064,
  instanceId: null,
  ageSeconds: 12,
};

const intentSchema = schemaOf<IntentDocument>()(
  "Intent",
  {
    id: z.string(),
    slot: z.int(),
    label: z.string(),
    state: oneOf<IntentDocument["state"]>()("open", "unknown", "rented"),
    offerId: z.int(),
    machineId: z.int().nullable(),
    gpu: z.string(),
    usdPerHour: z.number(),
    instanceId: z.int().nullable(),
    ageSeconds: z.int(),
  },
  { about: "A rent whose instance has not been seen yet; it occupies its slot", example: intentExample },
);

const debtSchema = schemaOf<DebtDocument>()(
  "Debt",
  {
    instanceId: z.int(),
    slot: z.int().nullable(),
    label: z.string().nullable(),
    reason: z.string(),
    attempts: z.int(),
    lastError: z.string().nullable(),
    ageSeconds: z.int(),
  },
  {
    about: "A destroy that is not yet proven; it is tried again until it is",
    example: {
      instanceId: 87_654_399,
      slot: 5,
      label: "zeb-large-worker-vast-5",
      reason: "stuck in BOOT for 601 s (limit 600 s)",
      attempts: 1,
      lastError: null,
      ageSeconds: 31,
    },
  },
);

const breakerSchema = schemaOf<BreakerDocument>()(
  "Breaker",
  {
    reason: z.string(),
    signature: z.string(),
    openedAt: instantText,
    tries: z.int().meta({ description: "Canaries that met the same fault" }),
    nextCanaryAt: instantText,
  },
  {
    about: "Why nothing is replaced: the same fault on machines that have nothing in common",
    example: {
      reason: "the same error on 2 machines: Repository Not Found",
      signature: "Repository Not Found",
      openedAt: "2026-11-23T17:40:00.000Z",
      tries: 1,
      nextCanaryAt: "2026-11-23T18:00:00.000Z",
    },
  },
);

const totals = partOf<Totals>()({
  live: z.int(),
  producing: z.int(),
  usdPerHour: z.number(),
  gamesPerSecond: z.number(),
});

export const fleetExample: FleetDocument = {
  name: "zeb-large",
  mode: "active",
  state: "steady",
  spec: specExample,
  hub: { readsWeights: true, writesExamples: true },
  specVersion: 3,
  checks: 12,
  lastCheckAt: "2026-11-23T18:00:00.000Z",
  lookAgainAt: "2026-11-23T18:10:00.000Z",
  totals: { live: 1, producing: 1, usdPerHour: 0.072, gamesPerSecond: 2.4 },
  spend: { todayUsd: 1.2, totalUsd: 9.7 },
  projectedCommitsPerHour: 100,
  commitsPerHourLimit: 128,
  workers: [workerExample],
  intents: [],
  debts: [],
  breaker: null,
  orders: [],
  rollOut: null,
  notes: [],
};

export const fleetSchema = schemaOf<FleetDocument>()(
  "Fleet",
  {
    name: z.string(),
    mode,
    state,
    spec: specSchema,
    hub: partOf<FleetDocument["hub"]>()({ readsWeights: z.boolean(), writesExamples: z.boolean() }),
    specVersion: z.int().meta({ description: "Grows with every change of spec or mode; the ETag of the fleet" }),
    checks: z.int(),
    lastCheckAt: instantText.nullable(),
    lookAgainAt: instantText.nullable(),
    totals,
    spend: partOf<FleetDocument["spend"]>()({ todayUsd: z.number(), totalUsd: z.number() }),
    projectedCommitsPerHour: z.number().nullable(),
    commitsPerHourLimit: z.number(),
    workers: z.array(workerSchema),
    intents: z.array(intentSchema),
    debts: z.array(debtSchema),
    breaker: breakerSchema.nullable(),
    orders: z
      .array(partOf<OrderDocument>()({ instanceId: z.int(), slot: z.int(), by: z.string(), ageSeconds: z.int() }))
      .meta({ description: "Instances that a person has ordered to go" }),
    rollOut: partOf<NonNullable<FleetDocument["rollOut"]>>()({
      specVersion: z.int(),
      by: z.string(),
      ageSeconds: z.int(),
    }).nullable(),
    notes: z.array(z.string()).meta({ description: "Why nothing was done, in words" }),
  },
  { about: "A fleet: what it should be, what it is, and why nothing more is done", example: fleetExample },
);

export const planExample: PlanDocument = {
  actions: [
    { kind: "destroy", slot: 3, instanceId: 87_654_399, reason: "stuck in BOOT for 601 s (limit 600 s)", evidence: {} },
  ],
  state: "ramping",
  lookAgainAt: "2026-11-23T18:01:00.000Z",
  notes: [],
};

export const planSchema = schemaOf<PlanDocument>()(
  "Plan",
  {
    actions: z.array(
      partOf<PlanDocument["actions"][number]>()({
        kind: actionKind,
        slot: z.int().nullable(),
        instanceId: z.int().nullable(),
        reason: z.string(),
        evidence,
      }),
    ),
    state,
    lookAgainAt: instantText,
    notes,
  },
  { about: "What a CHECK would do now, made by the same code from the same observations", example: planExample },
);
