// When a message that was not taken is sent again, and when it is given up. Messages wait in an outbox that outlives
// crashes: one may arrive twice, under the same id.

const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;
/** 30 s, 1, 2, 4 … minutes, at most an hour apart. */
const FIRST_WAIT_MS = 30 * SECOND_MS;
const LONGEST_WAIT_MS = HOUR_MS;
/** What nobody has taken in a day is no news any more. */
const GIVEN_UP_AFTER_MS = 24 * HOUR_MS;
/** A receiver that refuses the message itself (gone, forbidden, malformed) is asked a few times: somebody may be mending it. */
const REFUSALS_MAX = 4;

/** What came of one attempt. */
export type DeliveryOutcome =
  | { readonly kind: "taken"; readonly status: number; readonly detail: string }
  /** The receiver answered, and not with a success. */
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfterMs: number | null;
      readonly detail: string;
    }
  /** Nobody knows whether it arrived. */
  | { readonly kind: "lost"; readonly detail: string }
  /** Nothing was sent: the address cannot be used. */
  | { readonly kind: "unusable"; readonly detail: string };

export interface DeliveryState {
  readonly createdAtMs: number;
  /** The one that has just been made included. */
  readonly attempts: number;
  /** Attempts that the receiver refused for good. */
  readonly refusals: number;
}

export type NextStep =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly atMs: number; readonly refusals: number }
  | { readonly kind: "give-up"; readonly why: string };

export function nextStep(state: DeliveryState, outcome: DeliveryOutcome, nowMs: number): NextStep {
  if (outcome.kind === "taken") return { kind: "done" };
  if (outcome.kind === "unusable") return { kind: "give-up", why: outcome.detail };
  const refusals = state.refusals + (isRefusal(outcome) ? 1 : 0);
  if (refusals >= REFUSALS_MAX) return { kind: "give-up", why: `${outcome.detail}, ${refusals} times` };
  const waitMs = Math.max(backoffMs(state.attempts), outcome.kind === "answered" ? (outcome.retryAfterMs ?? 0) : 0);
  const atMs = nowMs + waitMs;
  if (atMs - state.createdAtMs > GIVEN_UP_AFTER_MS)
    return { kind: "give-up", why: `${outcome.detail}; nobody took it in a day, ${state.attempts} attempts` };
  return { kind: "again", atMs, refusals };
}

/** How long to wait after so many attempts. */
export function backoffMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20));
}

/** A status that says the same message will be refused again: redirects, which are not followed, and 4xx but 408, 425, 429. */
function isRefusal(outcome: DeliveryOutcome): boolean {
  if (outcome.kind !== "answered") return false;
  return outcome.status < 500 && ![408, 425, 429].includes(outcome.status);
}

/** `Retry-After` in seconds or as a date; `null`: there is none that can be read. */
export function parseRetryAfter(
  header: string | null,
  nowMs: number,
  parseDate: (text: string) => number,
): number | null {
  if (header === null || header.trim() === "") return null;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * SECOND_MS : parseDate(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
