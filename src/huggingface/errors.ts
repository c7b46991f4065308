// Every way in which the Hub says no, in one parser. The Hub names the cause in the header X-Error-Code (huggingface_hub:
// utils/_http.py, hf_raise_for_status); statuses alone mislead: a missing repo answers 401 to a stranger, as a private one does.

import { maskSecrets } from "../log.ts";
import type { Outcome } from "../outbound.ts";

export type HubFailure =
  /** No token is set and the call needs one; nothing was sent. */
  | { readonly kind: "no-token" }
  /** Bad token, missing scope, gated, private or missing repo: the Hub does not tell them apart. */
  | { readonly kind: "no-credentials"; readonly status: number; readonly message: string }
  /** The repo is there, the file or folder is not. */
  | { readonly kind: "entry-missing"; readonly message: string }
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number | null; readonly message: string }
  /** Any other definite no. Status 0: it was never sent. */
  | { readonly kind: "refused"; readonly status: number; readonly message: string }
  /** An answer that cannot be understood. */
  | { readonly kind: "unreadable"; readonly status: number; readonly message: string }
  /** Time-out, network error or 5xx. */
  | { readonly kind: "lost"; readonly reason: string };

type Answer = Extract<Outcome, { kind: "answer" }>;

const MESSAGE_LENGTH_MAX = 300;

/** X-Error-Code, and the words of the JSON body where the header is missing. First match wins. */
const causes: readonly {
  readonly code: string;
  readonly wording: RegExp;
  readonly to: "no-credentials" | "entry-missing";
}[] = [
  { code: "GatedRepo", wording: /gated/i, to: "no-credentials" },
  { code: "RepoNotFound", wording: /repository not found/i, to: "no-credentials" },
  { code: "EntryNotFound", wording: /entry not found|does not exist on "?'?main/i, to: "entry-missing" },
  // A repo without a main branch has no file of that name either.
  { code: "RevisionNotFound", wording: /invalid rev/i, to: "entry-missing" },
];

/** What an answer outside 2xx means; redirects are followed or judged before this. */
export function classifyAnswer(answer: Answer): HubFailure {
  const { status, headers } = answer;
  if (status === 408 || status >= 500) return { kind: "lost", reason: `the Hub answered ${status}` };
  const message = messageOf(answer);
  if (status === 429) return { kind: "rate-limited", retryAfterSeconds: retryAfterSeconds(headers), message };
  const code = headers.get("X-Error-Code");
  const cause = causes.find((one) => (code === null ? one.wording.test(message) : one.code === code));
  if (cause?.to === "entry-missing" && status === 404) return { kind: "entry-missing", message };
  if (cause?.to === "no-credentials" || status === 401 || status === 403)
    return { kind: "no-credentials", status, message };
  if (status >= 400 && (code !== null || isJsonError(answer.text))) return { kind: "refused", status, message };
  return { kind: "unreadable", status, message };
}

/** The failure of a call that brought no answer. */
export function classifySilence(outcome: Exclude<Outcome, { kind: "answer" }>): HubFailure {
  if (outcome.kind === "lost") return { kind: "lost", reason: outcome.reason };
  return { kind: "refused", status: 0, message: outcome.reason };
}

/** The failure in words, for notes, events and answers. Holds no secret. */
export function describeHubFailure(failure: HubFailure): string {
  switch (failure.kind) {
    case "no-token":
      return "HF_TOKEN is not set";
    case "no-credentials":
      return `the Hub does not let this token in, or there is no such repo (${failure.status}: ${failure.message})`;
    case "entry-missing":
      return `the Hub has no such file (${failure.message})`;
    case "rate-limited":
      return `the Hub's rate limit was met (${failure.message})`;
    case "refused":
      return failure.status === 0
        ? `not sent: ${failure.message}`
        : `the Hub refused (${failure.status}: ${failure.message})`;
    case "unreadable":
      return `the Hub's answer cannot be read (${failure.status}: ${failure.message})`;
    case "lost":
      return `no answer from the Hub: ${failure.reason}`;
  }
}

function messageOf(answer: Answer): string {
  const header = answer.headers.get("X-Error-Message") ?? "";
  const text = header === "" ? bodyMessage(answer.text) : header;
  const line = maskSecrets(
    text
      .slice(0, MESSAGE_LENGTH_MAX * 8)
      .replaceAll(/\s+/g, " ")
      .trim(),
  );
  return line.slice(0, MESSAGE_LENGTH_MAX) || `status ${answer.status}`;
}

function bodyMessage(text: string): string {
  const body = parseJson(text);
  if (typeof body === "object" && body !== null && "error" in body && typeof body.error === "string") return body.error;
  if (/^\s*</.test(text)) return "an HTML page";
  return text;
}

function isJsonError(text: string): boolean {
  const body = parseJson(text);
  return typeof body === "object" && body !== null && "error" in body;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is an expected answer of a proxy.
    return null;
  }
}

/** Seconds from Retry-After, else from `t=` of the RateLimit header; a date form is not sent by the Hub. */
function retryAfterSeconds(headers: Headers): number | null {
  const text = headers.get("Retry-After") ?? /\bt=(\d{1,6})/.exec(headers.get("RateLimit") ?? "")?.[1];
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;
}
