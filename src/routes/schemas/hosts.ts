// Machines with strikes or blocks, as answers show them.

import { z } from "zod";
import { faultClasses } from "../../fleet/report.ts";
import type { HostDocument } from "../host-documents.ts";
import type { HostHistory, HostList, HostPardon, ImportCounts, StrikeDocument } from "../hosts.ts";
import { instantText, schemaOf } from "./schema-of.ts";

const hostFields = {
  machineId: z.int(),
  strikes: z.int().meta({ description: "Those that count now" }),
  blocked: z.boolean(),
  reasons: z.array(z.string()).meta({ description: "Newest first, ten at most" }),
  blockedByHand: z.boolean(),
  note: z.string().nullable(),
  blockedUntil: instantText.nullable(),
  nextExpiryAt: instantText.nullable(),
  lastStrikeAt: instantText.nullable(),
  gpu: z.string().nullable(),
  gamesPerSecond: z.number().nullable(),
  lastSeenAt: instantText.nullable(),
  isInUse: z.boolean(),
};

const hostExample: HostDocument = {
  machineId: 4411,
  strikes: 2,
  blocked: false,
  reasons: ["stuck in BOOT for 601 s (limit 600 s)", "no progress for 905 s (limit 900 s)"],
  blockedByHand: false,
  note: null,
  blockedUntil: null,
  nextExpiryAt: "2026-12-20T09:12:00.000Z",
  lastStrikeAt: "2026-11-23T17:58:08.000Z",
  gpu: "RTX 3070",
  gamesPerSecond: 2.4,
  lastSeenAt: "2026-11-23T18:00:00.000Z",
  isInUse: true,
};

export const hostSchema = schemaOf<HostDocument>()("Host", hostFields, {
  about: "What counts against a machine now, and what is known of it besides",
  example: hostExample,
});

export const hostListSchema = schemaOf<HostList>()(
  "HostList",
  { total: z.int(), hosts: z.array(hostSchema), strikeLimit: z.int() },
  { about: "Blocked machines first, then most strikes", example: { total: 1, hosts: [hostExample], strikeLimit: 3 } },
);

const strikeExample: StrikeDocument = {
  id: "zeb-large:87654399",
  machineId: 4411,
  fleet: "zeb-large",
  instanceId: 87_654_399,
  reason: "stuck in BOOT for 601 s (limit 600 s)",
  faultClass: "host",
  at: "2026-11-23T17:58:08.000Z",
  expiresAt: "2026-12-23T17:58:08.000Z",
  refundedAt: null,
  refundReason: null,
  counts: true,
};

const strikeSchema = schemaOf<StrikeDocument>()(
  "Strike",
  {
    id: z.string(),
    machineId: z.int(),
    fleet: z.string().nullable(),
    instanceId: z.int().nullable(),
    reason: z.string(),
    faultClass: z.enum(faultClasses),
    at: instantText,
    expiresAt: instantText,
    refundedAt: instantText.nullable(),
    refundReason: z.string().nullable(),
    counts: z.boolean(),
  },
  { about: "One fault of a host", example: strikeExample },
);

export const hostHistorySchema = schemaOf<HostHistory>()(
  "HostHistory",
  { ...hostFields, history: z.array(strikeSchema) },
  { about: "A machine with every strike it ever had", example: { ...hostExample, history: [strikeExample] } },
);

export const hostPardonSchema = schemaOf<HostPardon>()(
  "HostPardon",
  { ...hostFields, refunded: z.array(z.string()) },
  {
    about: "A machine after its pardon, and the strikes that were taken back",
    example: { ...hostExample, strikes: 0, reasons: [], refunded: ["zeb-large:87654399"] },
  },
);

export const importSchema = schemaOf<ImportCounts>()(
  "HostImport",
  { machines: z.int(), strikes: z.int(), added: z.int(), known: z.int() },
  { about: "What a list of bad hosts has added", example: { machines: 2, strikes: 3, added: 3, known: 0 } },
);
