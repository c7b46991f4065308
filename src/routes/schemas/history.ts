// Pages of history as answers show them.

import { z } from "zod";
import { eventKinds } from "../../fleet/event.ts";
import type { CheckDocument } from "../checks.ts";
import type { EventDocument } from "../events.ts";
import type { LedgerDocument } from "../instances-ledger.ts";
import { evidence, instantText, notes, schemaOf } from "./schema-of.ts";

const nextBefore = z.string().nullable().meta({ description: "Send it back as `before`; `null`: no further page" });

const eventExample: EventDocument = {
  id: "6a1d5a0e-2f57-4b0a-8a52-9d7f3f5c1f10",
  at: "2026-11-23T17:58:08.000Z",
  fleet: "zeb-large",
  kind: "strike",
  slot: 1,
  instanceId: 87_654_399,
  machineId: 4183,
  message: "STRIKE: machine 4183, 1/3: stuck in BOOT for 601 s (limit 600 s)",
  evidence: { strikes: 1, limit: 3 },
};

const eventSchema = schemaOf<EventDocument>()(
  "Event",
  {
    id: z.string(),
    at: instantText,
    fleet: z.string().nullable().meta({ description: "`null`: it concerns all alike" }),
    kind: z.enum(eventKinds),
    slot: z.int().nullable(),
    instanceId: z.int().nullable(),
    machineId: z.int().nullable(),
    message: z.string(),
    evidence,
  },
  { about: "Something that happened, and why", example: eventExample },
);

interface Page {
  readonly since: string;
  readonly nextBefore: string | null;
}

export const eventsSchema = schemaOf<Page & { readonly events: readonly EventDocument[] }>()(
  "EventPage",
  { events: z.array(eventSchema), since: instantText, nextBefore },
  {
    about: "Events, newest first",
    example: { events: [eventExample], since: "2026-11-22T18:00:00.000Z", nextBefore: null },
  },
);

const checkExample: CheckDocument = {
  fleet: "zeb-large",
  number: 12,
  at: "2026-11-23T18:00:00.000Z",
  state: "steady",
  live: 8,
  producing: 7,
  usdPerHour: 0.58,
  gamesPerSecond: 19.4,
  actions: 0,
  apiMs: 640,
  line: "CHECK #12 [2h01m] 7/8 up 19.4 games/s $0.580/hr [steady] | 0=RTX 3070/$0.072/2.4 games/s/batch 31/2h01m …",
  notes: [],
};

const checkSchema = schemaOf<CheckDocument>()(
  "Check",
  {
    fleet: z.string(),
    number: z.int(),
    at: instantText,
    state: z.string(),
    live: z.int(),
    producing: z.int(),
    usdPerHour: z.number(),
    gamesPerSecond: z.number(),
    actions: z.int(),
    apiMs: z.number().meta({ description: "From the start of the CHECK to its decision" }),
    line: z.string(),
    notes,
  },
  { about: "One CHECK in numbers and in the runbook's line", example: checkExample },
);

export const checksSchema = schemaOf<Page & { readonly checks: readonly CheckDocument[] }>()(
  "CheckPage",
  { checks: z.array(checkSchema), since: instantText, nextBefore },
  {
    about: "CHECKs, newest first",
    example: { checks: [checkExample], since: "2026-11-22T18:00:00.000Z", nextBefore: null },
  },
);

const ledgerExample: LedgerDocument = {
  instanceId: 87_654_321,
  fleet: "zeb-large",
  slot: 0,
  label: "zeb-large-worker-vast-0",
  machineId: 4411,
  gpu: "RTX 3070",
  usdPerHour: 0.072,
  fingerprint: "f2b7c1d0",
  startedAt: "2026-11-23T15:59:00.000Z",
  endedAt: null,
  endCause: null,
  endReason: null,
  hours: 2.02,
  costUsd: 0.145,
  games: null,
};

const ledgerSchema = schemaOf<LedgerDocument>()(
  "LedgerEntry",
  {
    instanceId: z.int(),
    fleet: z.string(),
    slot: z.int(),
    label: z.string(),
    machineId: z.int().nullable(),
    gpu: z.string().nullable(),
    usdPerHour: z.number().nullable(),
    fingerprint: z.string().nullable(),
    startedAt: instantText,
    endedAt: instantText.nullable().meta({ description: "`null`: it lives" }),
    endCause: z.string().nullable(),
    endReason: z.string().nullable(),
    hours: z.number(),
    costUsd: z.number().nullable().meta({ description: "Price × time, so far where it lives" }),
    games: z.number().nullable().meta({ description: "Counted when it ends" }),
  },
  { about: "One rented instance from its start to its end", example: ledgerExample },
);

interface LedgerPage extends Omit<Page, "since"> {
  readonly instances: readonly LedgerDocument[];
  readonly since: string | null;
}

export const ledgerPageSchema = schemaOf<LedgerPage>()(
  "LedgerPage",
  { instances: z.array(ledgerSchema), since: instantText.nullable(), nextBefore },
  {
    about: "The ledger, newest first",
    example: { instances: [ledgerExample], since: "2026-11-16T18:00:00.000Z", nextBefore: null },
  },
);
