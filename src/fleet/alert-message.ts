// What is sent to a receiver, before it has a form: one message for all that became so at once, a daily report, or a trial.

import type { AlertKind, AlertNotice } from "./alert.ts";
import { formatAge } from "./check-line.ts";

/** Whose alert it is; `null`: the account's. */
export interface AddressedNotice extends AlertNotice {
  readonly fleet: string | null;
}

export type AlertContent =
  | { readonly type: "alert"; readonly notices: readonly AddressedNotice[] }
  | { readonly type: "report"; readonly day: string; readonly lines: readonly string[] }
  | { readonly type: "test"; readonly by: string };

export interface AlertMessage {
  /** The same at every attempt: a message may arrive twice. */
  readonly id: string;
  readonly atMs: number;
  readonly content: AlertContent;
}

/** More lines than this are counted, and shown by the door. */
const NOTICES_SHOWN = 25;

const kindWords: Readonly<Record<AlertKind, string>> = {
  "out-of-credit": "out of credit",
  "credit-hours": "credit runs low",
  strays: "a stray bills",
  "breaker-open": "breaker open",
  blind: "blind",
  "below-target": "below target",
  undelivered: "nothing is delivered",
  "host-blocked": "host blocked",
};

/** One line for people. */
function noticeText({ change, kind, fleet, lastedMs, summary }: AddressedNotice): string {
  const who = fleet ?? "account";
  const lasted = lastedMs === null ? "" : formatAge(lastedMs);
  if (change === "resolved") return `${who}: RESOLVED after ${lasted}: ${kindWords[kind]} (was: ${summary})`;
  if (change === "repeated") return `${who}: STILL, for ${lasted}: ${summary}`;
  return `${who}: ${kindWords[kind].toUpperCase()}: ${summary}`;
}

/** What the whole message is about, in a few words without anything from outside. */
export function messageTitle(content: AlertContent): string {
  if (content.type === "report") return `Fleetkeeper: daily report of ${content.day}`;
  if (content.type === "test") return "Fleetkeeper: a test of the alerts";
  const { notices } = content;
  const [first] = notices;
  const open = notices.filter(({ change }) => change !== "resolved").length;
  const over = notices.length - open;
  if (first !== undefined && notices.length === 1) {
    const word = first.change === "resolved" ? "resolved" : first.change === "repeated" ? "still" : "alert";
    return `Fleetkeeper ${word}: ${first.fleet ?? "account"}: ${kindWords[first.kind]}`;
  }
  const parts = [open === 0 ? "" : `${open} ${open === 1 ? "alert" : "alerts"}`, over === 0 ? "" : `${over} resolved`];
  return `Fleetkeeper: ${parts.filter((part) => part !== "").join(", ")}`;
}

/** The lines below the title. */
export function messageLines(content: AlertContent): readonly string[] {
  switch (content.type) {
    case "report":
      return content.lines;
    case "test":
      return [`This receiver is reached. Sent by hand (${content.by}).`];
    case "alert": {
      const more = content.notices.length - NOTICES_SHOWN;
      const lines = content.notices.slice(0, NOTICES_SHOWN).map(noticeText);
      return more > 0 ? [...lines, `and ${more} more: GET /api/alerts`] : lines;
    }
  }
}
