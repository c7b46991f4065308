// Every way in which Vast says no, in one tolerant parser. One table of codes and wordings with their sources; nothing
// else in this program matches on Vast's texts. Retrying belongs to the plan, not here.

import { maskSecrets } from "../log.ts";
import type { Outcome } from "../outbound.ts";

/** One pace bucket per route and method (Vast API reference §8). */
export type VastRoute =
  | "search"
  | "rent"
  | "list"
  | "one"
  | "destroy"
  | "destroy-many"
  | "manage"
  | "request-logs"
  | "account"
  | "ssh-keys";

export type VastFailure =
  /** This deployment has no key; nothing was sent. */
  | { readonly kind: "no-key" }
  /** The key is bad, revoked or lacks the scope, also where the status is 404. Nothing happened. */
  | { readonly kind: "auth"; readonly status: number; readonly message: string }
  | {
      readonly kind: "rate-limited";
      /** The least seconds between two calls, where the text says it. */
      readonly thresholdSeconds: number | null;
      readonly retryAfterSeconds: number | null;
      readonly message: string;
    }
  | { readonly kind: "offer-gone"; readonly message: string }
  | { readonly kind: "no-credit"; readonly message: string }
  | { readonly kind: "spend-limit"; readonly message: string }
  /** The instance does not exist (any more). */
  | { readonly kind: "not-found"; readonly message: string }
  /** A definite refusal: nothing happened. Status 0: it was never sent. */
  | { readonly kind: "refused"; readonly status: number; readonly code: string | null; readonly message: string }
  /** An answer that cannot be understood: what happened is unknown. */
  | { readonly kind: "unreadable"; readonly status: number; readonly message: string }
  /** Time-out, network error or 5xx: what happened is unknown. */
  | { readonly kind: "lost"; readonly reason: string };

type Answer = Extract<Outcome, { kind: "answer" }>;

/** What an answer's body says of itself, whatever its shape. */
export interface Envelope {
  /** The parsed body where it is a JSON object, else `null`. */
  readonly json: Readonly<Record<string, unknown>> | null;
  readonly isRefusal: boolean;
}

/** What a refusal says of itself. */
interface Reason {
  readonly code: string | null;
  /** Masked and cut; never empty. */
  readonly message: string;
}

const MESSAGE_LENGTH_MAX = 300;
/** A create that says "not found", "gone", or no in a good answer. */
const OFFER_STATUSES: ReadonlySet<number> = new Set([200, 404, 410]);

interface Rule {
  readonly to: "auth" | "rate-limited" | "offer-gone" | "no-credit" | "spend-limit" | "not-found";
  readonly codes: readonly string[];
  readonly wording?: RegExp;
  readonly statuses?: readonly number[];
  readonly routes?: readonly VastRoute[];
}

/**
 * First match wins. A code matches exactly; a wording is looked for in the text of a refusal. `statuses` and `routes`
 * narrow a rule to where it was documented or seen.
 */
const rules: readonly Rule[] = [
  // §3: status not documented, so it stands before the 429.
  { to: "spend-limit", codes: ["spend_rate_limit"], wording: /spend_rate_limit/i },
  // §1, §8: four shapes of 429, two of them text.
  { to: "rate-limited", codes: ["rate_limit_exceeded"], wording: /too frequent/i },
  // §1: the code decides, never the 404 alone; wordings for bodies without a code.
  { to: "auth", codes: ["auth_error"], wording: /invalid user key|requires login|session expired|two[- ]factor/i },
  // §3: 400, observed eight times; sample log 14.
  { to: "no-credit", codes: ["insufficient_credit"], wording: /lacks credit|insufficient[_ ]credit/i },
  // §3: at any of 400, 404, 410; 200 with success:false was seen too.
  {
    to: "offer-gone",
    codes: ["no_such_ask"],
    wording: /no_such_ask|no longer available|is not available/i,
    statuses: [200, 400, 404, 410],
    routes: ["rent"],
  },
  // §5: destroy and label; §6: logs; §9: no SSH keys.
  {
    to: "not-found",
    codes: ["not_found", "no_such_instance"],
    wording: /invalid instance[_ ]id|instance(?: \d+)? not found|instance with that id does not exist/i,
    statuses: [200, 400, 404, 410],
    routes: ["one", "destroy", "manage", "request-logs", "ssh-keys"],
  },
];

/** Whether an answer's body is an object, and whether the answer refuses. */
export function parseEnvelope(answer: Pick<Answer, "status" | "text">): Envelope {
  const json = parseObject(answer.text);
  const isRefusal = answer.status < 200 || answer.status >= 300 || json?.["success"] === false;
  return { json, isRefusal };
}

/** Reads the body in the order of §1: JSON? then `error`, then `msg`, `message`, `detail`, then the raw text. */
function reasonOf({ text }: Pick<Answer, "text">, json: Envelope["json"]): Reason {
  const code = firstText(json, ["error", "code"]);
  const message =
    firstText(json, ["msg", "message", "detail"]) ?? code ?? (json === null ? rawText(text) : "no reason given");
  return { code: code === null ? null : cleanMessage(code).slice(0, 64), message: cleanMessage(message) };
}

/** What a refusing answer means. Call it only where the envelope is a refusal or could not be understood. */
export function classifyAnswer(answer: Answer, route: VastRoute, nowMs: number): VastFailure {
  const { status } = answer;
  const { json, isRefusal } = parseEnvelope(answer);
  const { code, message } = reasonOf(answer, json);
  const rule = rules.find((candidate) => isRefusal && matches(candidate, { status, route, code, message }));
  if (status === 408 || status >= 500) return { kind: "lost", reason: `Vast answered ${status}` };
  if (status === 429 && rule?.to !== "spend-limit") return rateLimited(answer, message, nowMs);
  switch (rule?.to) {
    case "rate-limited":
      return rateLimited(answer, message, nowMs);
    case "auth":
      return { kind: "auth", status, message };
    case "offer-gone":
    case "no-credit":
    case "spend-limit":
    case "not-found":
      return { kind: rule.to, message };
    case undefined:
      break;
  }
  if (status === 401) return { kind: "auth", status, message };
  if (status >= 300 && status < 400) {
    // Following it would drop the key at another host (§1); a redirected call has done nothing.
    return { kind: "refused", status, code: "redirect", message: "Vast redirected the call; it is not followed" };
  }
  if (json === null || !isRefusal) return { kind: "unreadable", status, message };
  // Whatever it is called: of what is asked for, the offer alone may be missing (§3), and another one is as good.
  if (route === "rent" && OFFER_STATUSES.has(status)) return { kind: "offer-gone", message };
  return { kind: "refused", status, code, message };
}

/** The failure of a call that brought no answer. */
export function classifySilence(outcome: Exclude<Outcome, { kind: "answer" }>): VastFailure {
  if (outcome.kind === "lost") return { kind: "lost", reason: outcome.reason };
  return { kind: "refused", status: 0, code: "not-sent", message: outcome.reason };
}

/** True where the call may have done what it asked for: only looking at the world can tell. */
export function isOutcomeUnknown(failure: VastFailure): boolean {
  return failure.kind === "lost" || failure.kind === "unreadable";
}

/** The failure in words, for notes, events and answers. Holds no secret. */
export function describeFailure(failure: VastFailure): string {
  switch (failure.kind) {
    case "no-key":
      return "VAST_API_KEY is not set";
    case "auth":
      return `Vast refused the key (${failure.status}: ${failure.message})`;
    case "rate-limited":
      return `Vast's rate limit was met (${failure.message})`;
    case "offer-gone":
      return `the offer is gone (${failure.message})`;
    case "no-credit":
      return `the account lacks credit (${failure.message})`;
    case "spend-limit":
      return `Vast limits how fast this account may spend (${failure.message})`;
    case "not-found":
      return `Vast does not know the instance (${failure.message})`;
    case "refused":
      return failure.status === 0
        ? `not sent: ${failure.message}`
        : `Vast refused (${failure.status}: ${failure.message})`;
    case "unreadable":
      return `Vast's answer cannot be read (${failure.status}: ${failure.message})`;
    case "lost":
      return `no answer from Vast: ${failure.reason}`;
  }
}

/** One line of at most 300 characters without control characters or secrets. */
export function cleanMessage(text: string, lengthMax: number = MESSAGE_LENGTH_MAX): string {
  // Cut once before masking, so that a huge body costs little, and once after.
  const line = text
    .slice(0, lengthMax * 8)
    // oxlint-disable-next-line no-control-regex -- ANSI escapes and control characters are what is taken out.
    .replaceAll(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u001f\u007f]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return maskSecrets(line).slice(0, lengthMax);
}

interface Said {
  readonly status: number;
  readonly route: VastRoute;
  readonly code: string | null;
  readonly message: string;
}

function matches(rule: Rule, said: Said): boolean {
  if (rule.statuses && !rule.statuses.includes(said.status)) return false;
  if (rule.routes && !rule.routes.includes(said.route)) return false;
  if (said.code !== null && rule.codes.includes(said.code)) return true;
  return rule.wording?.test(`${said.code ?? ""} ${said.message}`) ?? false;
}

function rateLimited(answer: Answer, message: string, nowMs: number): VastFailure {
  const threshold = /threshold\s*=\s*(\d{1,6}(?:\.\d{1,6})?)/i.exec(message)?.[1];
  return {
    kind: "rate-limited",
    thresholdSeconds: threshold === undefined ? null : Number(threshold),
    retryAfterSeconds: retryAfterSeconds(answer.headers.get("Retry-After"), nowMs),
    message,
  };
}

/** Seconds from a Retry-After header in either of its forms; none is sent today (§8). */
function retryAfterSeconds(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(header) ? Number(header) : (Date.parse(header) - nowMs) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    // Not JSON is an expected answer: 429 comes as text, 502 as HTML.
    return null;
  }
}

function firstText(json: Readonly<Record<string, unknown>> | null, names: readonly string[]): string | null {
  for (const name of names) {
    const value = json?.[name];
    if (typeof value === "string" && value.trim() !== "") return value;
  }
  return null;
}

function rawText(text: string): string {
  const isHtml = /^\s*</.test(text);
  if (isHtml) return "an HTML page instead of JSON";
  return text.trim() === "" ? "an empty answer" : text;
}
