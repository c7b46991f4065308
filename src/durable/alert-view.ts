// What the doors show of a keeper's alerts. A receiver's address is shown by its service alone.

import type { DeliveryOutcome } from "../fleet/alert-delivery.ts";
import type { AlertFormat } from "../fleet/alert-formats.ts";
import { type AlertKind, type Condition, firingNow } from "../fleet/alert.ts";
import { shownWebhookUrl } from "../webhook-url.ts";
import { formatOf } from "./alert-sender.ts";
import type { AlertStore, AlertTarget } from "./alert-store.ts";

export interface AlertDocument {
  readonly kind: AlertKind;
  /** `null`: the account's. */
  readonly fleet: string | null;
  readonly since: string;
  /** When it was put into a message; `null`: it has not been. */
  readonly announcedAt: string | null;
  readonly summary: string;
}

export interface ReceiverDocument {
  /** Whose receiver; `null`: the deployment's. */
  readonly fleet: string | null;
  /** `https://discord.com/…`: the rest is a secret. */
  readonly url: string;
  readonly format: AlertFormat;
  readonly signed: boolean;
  readonly waiting: number;
  readonly nextAttemptAt: string | null;
  readonly lastError: string | null;
  readonly lastDelivery: { readonly at: string; readonly delivered: boolean; readonly detail: string } | null;
}

export interface AlertView {
  readonly alerts: readonly AlertDocument[];
  /** `null`: there is none. */
  readonly receiver: ReceiverDocument | null;
}

/** What became of a message sent by hand. */
export interface AlertTrial {
  readonly delivered: boolean;
  readonly url: string;
  readonly format: AlertFormat;
  /** The status that the receiver answered with; `null`: it gave no whole answer. */
  readonly status: number | null;
  readonly detail: string;
}

export function alertView(
  store: AlertStore,
  conditions: readonly Condition[],
  {
    fleet,
    target,
    nowMs,
  }: { readonly fleet: string | null; readonly target: AlertTarget | null; readonly nowMs: number },
): AlertView {
  const alerts = firingNow(store.memory(), conditions, nowMs).map(({ key, kind, sinceMs, announcedAtMs, summary }) => {
    const isAnnounced = store.memory().some((alert) => alert.key === key && alert.announcedAtMs !== null);
    const announcedAt = isAnnounced && announcedAtMs !== null ? isoTime(announcedAtMs) : null;
    return { kind, fleet, since: isoTime(sinceMs), announcedAt, summary };
  });
  return { alerts, receiver: target === null ? null : receiverDocument(store, fleet, target) };
}

function receiverDocument(store: AlertStore, fleet: string | null, target: AlertTarget): ReceiverDocument {
  const waiting = store.waiting();
  const dueAtMs = store.dueAtMs();
  const last = store.lastDelivery();
  return {
    fleet,
    url: shownWebhookUrl(target.url),
    format: formatOf(target),
    signed: formatOf(target) === "generic" && target.secret !== null,
    waiting: waiting.length,
    nextAttemptAt: dueAtMs === null ? null : isoTime(dueAtMs),
    lastError: waiting.findLast(({ lastError }) => lastError !== null)?.lastError ?? null,
    lastDelivery: last === null ? null : { at: isoTime(last.atMs), delivered: last.isTaken, detail: last.detail },
  };
}

export function trialOf(target: AlertTarget, outcome: DeliveryOutcome, detail: string): AlertTrial {
  return {
    delivered: outcome.kind === "taken",
    url: shownWebhookUrl(target.url),
    format: formatOf(target),
    status: "status" in outcome ? outcome.status : null,
    detail,
  };
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString();
}
