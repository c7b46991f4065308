// The outbox of messages: what is put in, how several become one, and what becomes of an attempt. A crash before an attempt is
// noted means that the message is sent again, under the same id.

import { backoffMs, type DeliveryOutcome, nextStep } from "../fleet/alert-delivery.ts";
import type { AddressedNotice, AlertContent, AlertMessage } from "../fleet/alert-message.ts";
import { maskSecrets } from "../log.ts";
import type { AlertStore, WaitingMessage } from "./alert-store.ts";

/** What becomes so within these seconds is one message: all fleets go blind together. */
export const GROUP_MS = 15_000;
/** Attempts of one wake-up; the others follow at the next. */
const ATTEMPTS_AT_ONCE = 5;
const SUMMARY_LENGTH_MAX = 400;
/** A group that has waited and grown to this closes: its message is as long as a receiver takes. */
const GROUP_NOTICES_MAX = 200;

export interface OutboxDeps {
  readonly store: AlertStore;
  readonly now: () => number;
  readonly newId: () => string;
  readonly send: (message: AlertMessage) => Promise<DeliveryOutcome>;
  /** A message was given up: the history hears of it. */
  readonly tell: (text: string) => void;
}

/** Notices join a message that still waits for its first attempt. `groupMs` 0: they need not wait for others. */
export function enqueueNotices(
  deps: Pick<OutboxDeps, "store" | "now" | "newId" | "tell">,
  notices: readonly AddressedNotice[],
  groupMs: number,
): void {
  if (notices.length === 0) return;
  const clean = notices.map((notice) => ({
    ...notice,
    summary: maskSecrets(notice.summary).slice(0, SUMMARY_LENGTH_MAX),
  }));
  const waiting = deps.store.waiting();
  const open = waiting.findLast(({ message, attempts }) => attempts === 0 && message.content.type === "alert");
  if (open === undefined || open.message.content.type !== "alert" || isFull(open.message.content)) {
    enqueue(deps, deps.newId(), { type: "alert", notices: clean }, groupMs);
    return;
  }
  const content = { type: "alert" as const, notices: [...open.message.content.notices, ...clean] };
  const grown = { ...open, message: { ...open.message, content } };
  deps.store.setWaiting(waiting.map((entry) => (entry === open ? grown : entry)));
}

function isFull(content: AlertContent): boolean {
  return content.type === "alert" && content.notices.length >= GROUP_NOTICES_MAX;
}

export function enqueue(
  { store, now, tell }: Pick<OutboxDeps, "store" | "now" | "tell">,
  id: string,
  content: AlertContent,
  waitMs: number,
): void {
  const waiting = store.waiting();
  if (waiting.some(({ message }) => message.id === id)) return;
  const entry: WaitingMessage = {
    message: { id, atMs: now(), content },
    createdAtMs: now(),
    attempts: 0,
    refusals: 0,
    nextAttemptAtMs: now() + waitMs,
    lastError: null,
  };
  for (const dropped of store.setWaiting([...waiting, entry]))
    tell(`ALERT NOT DELIVERED: ${dropped.lastError ?? "never tried"}; too many wait`);
}

/** Sends what is due, one after the other, so that a receiver sees them in order and is not flooded. */
export async function deliverDue(deps: OutboxDeps): Promise<void> {
  const due = deps.store
    .waiting()
    .filter(({ nextAttemptAtMs }) => nextAttemptAtMs <= deps.now())
    .slice(0, ATTEMPTS_AT_ONCE);
  for (const { message } of due) await deliverOne(deps, message);
}

async function deliverOne(deps: OutboxDeps, { id }: AlertMessage): Promise<void> {
  const { store, now, tell } = deps;
  // Noted before the call: whoever dies in it has made this attempt and waits for the next, and notices no longer join.
  const entry = change(store, id, (before) => {
    const attempts = before.attempts + 1;
    return { ...before, attempts, nextAttemptAtMs: now() + backoffMs(attempts) };
  });
  if (entry === null) return;
  const outcome = await deps.send(entry.message);
  const detail = maskSecrets(outcome.detail).slice(0, SUMMARY_LENGTH_MAX);
  const step = nextStep(entry, { ...outcome, detail }, now());
  store.setLastDelivery({ atMs: now(), isTaken: step.kind === "done", detail });
  if (step.kind === "again") {
    const { atMs: nextAttemptAtMs, refusals } = step;
    change(store, id, (before) => ({ ...before, nextAttemptAtMs, refusals, lastError: detail }));
    return;
  }
  store.setWaiting(store.waiting().filter(({ message }) => message.id !== id));
  if (step.kind === "give-up") tell(`ALERT NOT DELIVERED: message ${id} is given up: ${step.why}`);
}

function change(
  store: AlertStore,
  id: string,
  changed: (entry: WaitingMessage) => WaitingMessage,
): WaitingMessage | null {
  const waiting = store.waiting();
  const found = waiting.find(({ message }) => message.id === id);
  if (found === undefined) return null;
  const next = changed(found);
  store.setWaiting(waiting.map((entry) => (entry === found ? next : entry)));
  return next;
}
