// Alerts and who is told of them, as answers show them.

import { z } from "zod";
import type { AlertDocument, AlertTrial, AlertView, ReceiverDocument } from "../../durable/alert-view.ts";
import { alertFormats } from "../../fleet/alert-formats.ts";
import { alertKinds } from "../../fleet/alert.ts";
import type { AlertList } from "../table-alerts.ts";
import { instantText, notes, oneOf, partOf, schemaOf } from "./schema-of.ts";

const format = z.enum(alertFormats);

const alertExample: AlertDocument = {
  kind: "breaker-open",
  fleet: "zeb-large",
  since: "2026-11-23T17:40:00.000Z",
  announcedAt: "2026-11-23T17:40:05.000Z",
  summary: "the same error on 2 machines: Repository Not Found",
};

const alertSchema = schemaOf<AlertDocument>()(
  "Alert",
  {
    kind: z.enum(alertKinds),
    fleet: z.string().nullable().meta({ description: "`null`: the account's" }),
    since: instantText,
    announcedAt: instantText
      .nullable()
      .meta({ description: "When it was put into a message; `null`: it has not been" }),
    summary: z.string(),
  },
  { about: "Something that a person should know now", example: alertExample },
);

const receiverExample: ReceiverDocument = {
  fleet: null,
  url: "https://discord.com/…",
  format: "discord",
  signed: false,
  waiting: 0,
  nextAttemptAt: null,
  lastError: null,
  lastDelivery: { at: "2026-11-23T17:40:06.000Z", delivered: true, detail: "204" },
};

const receiverSchema = schemaOf<ReceiverDocument>()(
  "Receiver",
  {
    fleet: z.string().nullable().meta({ description: "Whose; `null`: the deployment's" }),
    url: z.string().meta({ description: "Its host alone: the rest is a secret" }),
    format,
    signed: z.boolean(),
    waiting: z.int().meta({ description: "Messages that have not been delivered" }),
    nextAttemptAt: instantText.nullable(),
    lastError: z.string().nullable(),
    lastDelivery: partOf<NonNullable<ReceiverDocument["lastDelivery"]>>()({
      at: instantText,
      delivered: z.boolean(),
      detail: z.string(),
    }).nullable(),
  },
  { about: "Where alerts are sent to, and how that goes", example: receiverExample },
);

export const alertListSchema = schemaOf<AlertList>()(
  "AlertList",
  { alerts: z.array(alertSchema), receivers: z.array(receiverSchema), notes },
  {
    about: "What fires now, of the account and of every fleet",
    example: { alerts: [alertExample], receivers: [receiverExample], notes: [] },
  },
);

export const alertViewSchema = schemaOf<AlertView>()(
  "FleetAlerts",
  { alerts: z.array(alertSchema), receiver: receiverSchema.nullable() },
  { about: "What fires in a fleet, and its own receiver", example: { alerts: [alertExample], receiver: null } },
);

export const alertTrialSchema = schemaOf<AlertTrial>()(
  "AlertTrial",
  {
    delivered: z.boolean(),
    url: z.string(),
    format,
    status: z.int().nullable().meta({ description: "What the receiver answered; `null`: no whole answer" }),
    detail: z.string(),
  },
  {
    about: "What became of a message sent by hand",
    example: { delivered: true, url: "https://discord.com/…", format: "discord", status: 204, detail: "delivered" },
  },
);

export const hookSchema = schemaOf<{ readonly result: "hinted" | "repeated" | "ignored" }>()(
  "HookResult",
  { result: oneOf<"hinted" | "repeated" | "ignored">()("hinted", "repeated", "ignored") },
  { about: "What a hint was good for", example: { result: "hinted" } },
);
