// What fires, and who is told, as terminal tables.

import type { AlertDocument, AlertTrial, ReceiverDocument } from "../durable/alert-view.ts";
import { type Column, tableLines, textOf } from "./table.ts";

export interface AlertList {
  readonly alerts: readonly AlertDocument[];
  readonly receivers: readonly ReceiverDocument[];
  readonly notes: readonly string[];
}

const alertColumns: readonly Column[] = [
  { head: "Fleet", width: 12 },
  { head: "Alert", width: 13 },
  { head: "Since", width: 17 },
  { head: "Told", width: 17 },
  { head: "What", width: 20 },
];

const receiverColumns: readonly Column[] = [
  { head: "Receiver of", width: 12 },
  { head: "Address", width: 22 },
  { head: "Format", width: 7 },
  { head: "Waiting", width: 7, align: "right" },
  { head: "Next attempt", width: 17 },
  { head: "Last delivery", width: 20 },
];

export function formatAlerts({ alerts, receivers, notes }: AlertList): string {
  return textOf([
    ...(alerts.length === 0 ? ["Nothing fires."] : tableLines(alertColumns, alerts.map(alertCells))),
    ...(receivers.length === 0 ? [] : ["", ...tableLines(receiverColumns, receivers.map(receiverCells))]),
    ...notes,
  ]);
}

export function trialLines({ delivered, url, format, detail }: AlertTrial): readonly string[] {
  const outcome = delivered ? "took it" : "did NOT take it";
  return [`Sent a test to ${url} (${format}): the receiver ${outcome}: ${detail}`];
}

function alertCells({ fleet, kind, since, announcedAt, summary }: AlertDocument): string[] {
  return [fleet ?? "(account)", kind, minute(since), minute(announcedAt), summary];
}

function receiverCells(receiver: ReceiverDocument): string[] {
  const { fleet, url, format, signed, waiting, nextAttemptAt, lastDelivery, lastError } = receiver;
  const last =
    lastDelivery === null
      ? "none yet"
      : `${minute(lastDelivery.at)} ${lastDelivery.delivered ? "taken" : "refused"}: ${lastDelivery.detail}`;
  return [
    fleet ?? "(deployment)",
    url,
    signed ? `${format}, signed` : format,
    String(waiting),
    minute(nextAttemptAt),
    lastError === null || lastDelivery?.detail === lastError ? last : `${last}; ${lastError}`,
  ];
}

function minute(instant: string | null): string {
  return instant === null ? "-" : `${instant.slice(0, 16)}Z`;
}
