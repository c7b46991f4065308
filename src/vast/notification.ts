// What Vast tells by itself: a signed POST when something happened to an instance or to the account (docs.vast.ai, "Notification
// webhooks"). Documented: the headers, the signature over "<timestamp>.<raw body>", and the fields of the body, among which
// there is none for the instance. That it is named in a field all the same, or in the words, is our assumption
// (docs/decisions/0038): a notification that names none we know is a reason to look at the whole list.

import { z } from "zod";

export const SIGNATURE_HEADER = "X-Vast-Signature-256";
export const TIMESTAMP_HEADER = "X-Vast-Timestamp";

/** Vast's receivers refuse what is older; a clock may be as much ahead. */
const TIMESTAMP_AGE_MAX_SECONDS = 300;

const IDS_MAX = 20;
const TEXT_LENGTH_MAX = 10_000;

const someId = z.union([z.number(), z.string()]).optional().catch(undefined);
const bodySchema = z.looseObject({
  event_id: z.string().min(1).max(200),
  /** `low_credit`, `outbid`, `instance_stopped` …: without the `client:` of the subscription. */
  notif_type: z.string().max(100).catch("unknown"),
  subject: z.string().catch(""),
  message: z.string().catch(""),
  instance_id: someId,
  contract_id: someId,
  label: z.string().optional().catch(undefined),
});

export interface VastNotification {
  readonly eventId: string;
  readonly type: string;
  /** Numbers that may be instances' ids. */
  readonly numbers: readonly number[];
  /** Words that have the form of a worker's label. */
  readonly labels: readonly string[];
}

/** `null`: not the body of a notification. The signature must have been checked over the same text. */
export function readNotification(text: string): VastNotification | null {
  const parsed = bodySchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { event_id: eventId, notif_type, subject, message, instance_id, contract_id, label = "" } = parsed.data;
  const named = [instance_id, contract_id].filter((id) => id !== undefined).join(" ");
  const words = `${named} ${label} ${subject} ${message}`.slice(0, TEXT_LENGTH_MAX);
  const labels = words.match(/[a-z0-9-]{1,64}-worker-vast-\d{1,6}/g) ?? [];
  const numbers = (words.match(/(?<![\w.-])\d{4,12}(?![\w-]|\.\d)/g) ?? []).map(Number);
  return {
    eventId,
    type:
      notif_type
        .replace(/^(client|host):/, "")
        .replaceAll(/[^\w-]/g, "")
        .slice(0, 60) || "unknown",
    numbers: [...new Set(numbers)].slice(0, IDS_MAX),
    labels: [...new Set(labels)].slice(0, IDS_MAX),
  };
}

/** Of the account's money: the credit is worth a reading. */
export function isAboutMoney(type: string): boolean {
  return /credit|balance|billing|payment/.test(type);
}

/** The seconds of the header, or `null` where it says none, or a time too far from now. */
export function freshTimestamp(header: string | null, nowMs: number): string | null {
  const seconds = /^\d{1,12}$/.exec(header ?? "")?.[0];
  if (seconds === undefined) return null;
  return Math.abs(nowMs / 1000 - Number(seconds)) <= TIMESTAMP_AGE_MAX_SECONDS ? seconds : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
