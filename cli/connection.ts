// One call of a door: an answer, or a failure in the keeper's own words. What comes back may hold words of strangers'
// machines, so nothing that steers a terminal gets through.

import type { ClientResponse } from "hono/client";
import { keeperClient, type KeeperClient } from "../src/routes/client.ts";
import type { ProblemCode } from "../src/routes/problem.ts";
import { CommandFailure, EXIT } from "./failure.ts";
import type { Settings } from "./settings.ts";

export type Doors = KeeperClient["api"];
/** One call of a door. */
export type Call<Answered = Response | ClientResponse<unknown, number, string>> = (doors: Doors) => Promise<Answered>;
/** What a door answers when it does not refuse. */
type Good<Answered> = Answered extends ClientResponse<infer Body, 200 | 201 | 202, "json"> ? Body : never;

export interface Answer {
  readonly status: number;
  readonly isJson: boolean;
  readonly text: string;
}

/** A lost answer is asked for again so often: every POST carries a key under which it is done once. */
const TRIES = 3;
const PAUSE_MS = 1000;
/** The door's word for a POST whose first try it still carries out. */
const IN_PROGRESS: ProblemCode = "idempotency-in-progress";
/** The pauses in which such a try is waited for, added up: about twice what a launch takes. */
const UNDER_WAY_MS = 15_000;
/** A door that launches answers within about eight seconds; a report that asks the Hub takes longer. */
const LIMIT_MS = 60_000;

/** What one try has heard. */
type Heard =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** The keeper still carries out the first request with this key. */
  | { readonly kind: "under-way"; readonly retryAfterMs: number }
  /** `isSent`: nobody can tell whether the keeper has heard it. */
  | { readonly kind: "lost"; readonly why: string; readonly isSent: boolean };

/** Causes of a failed try that say that nothing has reached anybody: no name, no connection, or no certificate to trust. */
const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export class Connection {
  readonly #settings: Settings;
  readonly #isJson: boolean;
  readonly #fetch: (url: URL, init: RequestInit) => Promise<Response>;

  constructor(
    settings: Settings,
    isJson: boolean,
    fetchUrl: (url: URL, init: RequestInit) => Promise<Response> = fetch,
  ) {
    this.#settings = settings;
    this.#isJson = isJson;
    this.#fetch = fetchUrl;
  }

  /** The keeper's own text, or its JSON with `--json`. Anything but a 2xx is a failure. */
  async read(call: Call): Promise<string> {
    const answer = await this.send(call, this.#isJson ? "json" : "text");
    if (answer.status >= 300) throw refused(answer);
    return answer.text;
  }

  /** Always JSON, for what a command decides by. */
  async json<Answered>(call: Call<Answered>): Promise<Good<Answered>> {
    const answer = await this.send(call as Call, "json");
    if (answer.status >= 300) throw refused(answer);
    return parse<Good<Answered>>(answer);
  }

  async send(call: Call, format: "json" | "text"): Promise<Answer> {
    let heard: Answer | null = null;
    const doors = keeperClient(this.#settings.url, {
      headers: {
        Authorization: `Bearer ${this.#settings.token}`,
        Accept: format === "text" ? "text/plain" : "application/json",
        // What the history calls the kind of program that wrote.
        "User-Agent": "fleet/0.1",
      },
      fetch: async (input: string | URL | Request, init: RequestInit = {}) => {
        const url = new URL(input instanceof Request ? input.url : input);
        if (format === "text") url.searchParams.set("format", "text");
        heard = await this.#tryOften(url, withKey(init));
        return new Response(null);
      },
    });
    await call(doors.api);
    if (heard === null) throw new TypeError("the call has asked no door");
    return heard;
  }

  async #tryOften(url: URL, init: RequestInit): Promise<Answer> {
    let lost = 0;
    let leftMs = UNDER_WAY_MS;
    let mayBeDone = false;
    // A dry run carries nothing out.
    const isOrder = init.method === "POST" && url.searchParams.get("dryRun") !== "true";
    for (;;) {
      const heard = await this.#tryOnce(url, init);
      if (heard.kind === "answered") return heard.answer;
      mayBeDone ||= heard.kind === "under-way" || (isOrder && heard.isSent);
      if (heard.kind === "lost" && ++lost === TRIES) throw unreachable(url, heard.why, mayBeDone);
      if (heard.kind === "under-way" && leftMs <= 0) throw unreachable(url, "its work is not done yet", mayBeDone);
      const pauseMs = heard.kind === "lost" ? PAUSE_MS : Math.min(heard.retryAfterMs, leftMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      leftMs -= pauseMs;
    }
  }

  async #tryOnce(url: URL, init: RequestInit): Promise<Heard> {
    let answer: Answer;
    let headers: Headers;
    try {
      const response = await this.#fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(LIMIT_MS) });
      ({ headers } = response);
      const isJson = /\bjson\b/.test(headers.get("Content-Type") ?? "");
      answer = { status: response.status, isJson, text: harmless(await response.text()) };
    } catch (error) {
      return { kind: "lost", why: describe(error), isSent: !NOT_SENT.has(codeOf(error)) };
    }
    if (!isInProgress(answer)) return { kind: "answered", answer };
    // No number of seconds, or none at all: asking without a pause helps nobody.
    const retryAfterMs = Number(headers.get("Retry-After")) * 1000;
    return { kind: "under-way", retryAfterMs: retryAfterMs > 0 ? retryAfterMs : PAUSE_MS };
  }
}

function isInProgress({ status, isJson, text }: Answer): boolean {
  return status === 409 && isJson && (JSON.parse(text) as { code?: unknown }).code === IN_PROGRESS;
}

function unreachable(url: URL, why: string, mayBeDone: boolean): CommandFailure {
  const message = `${url.origin} does not answer: ${why}`;
  if (!mayBeDone) {
    const hint = "is the address right, and is the keeper deployed or started there?";
    return new CommandFailure(EXIT.unreachable, message, hint, true);
  }
  // Not passing: given again the command has another key, and would be carried out a second time.
  const hint = "look at fleet status before you give the command again: that would be another request";
  return new CommandFailure(EXIT.unreachable, `${message}; the request may have been carried out, or still be`, hint);
}

/** Every POST has a key of its own, the same for each try. */
function withKey(init: RequestInit): RequestInit {
  const headers = new Headers(init.headers);
  if (init.method === "POST") headers.set("Idempotency-Key", crypto.randomUUID());
  return { ...init, headers };
}

/** A text as one step of a path; the client fills it in as it is. */
export function step(text: string | number): string {
  return encodeURIComponent(text);
}

/** Problem details (RFC 9457) as people read them. */
export function refused({ status, isJson, text }: Answer): CommandFailure {
  const problem = isJson ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
  const say = (field: string): string | null => (typeof problem[field] === "string" ? problem[field] : null);
  const title = say("title") ?? `the keeper answered ${status}`;
  const detail = say("detail") ?? (isJson ? null : text.trim().slice(0, 200));
  const fields = Array.isArray(problem["errors"]) ? problem["errors"].map((each) => `  ${fieldLine(each)}`) : [];
  const message = [detail === null || detail === "" ? title : `${title}: ${detail}`, ...fields].join("\n");
  return new CommandFailure(EXIT.refused, message, say("hint"), status === 429 || status >= 500);
}

function fieldLine(error: unknown): string {
  const { field, expected, got } = error as { field?: string; expected?: string; got?: string };
  return `${field ?? "?"}: ${expected ?? "wrong"}${got === undefined ? "" : ` (got ${got})`}`;
}

function parse<T>(answer: Answer): T {
  if (!answer.isJson) throw new CommandFailure(EXIT.unreachable, "the answer is not a keeper's: it is not JSON");
  return JSON.parse(answer.text) as T;
}

/** Without the characters that move a terminal's cursor or change its title; line ends and tabs stay. */
export function harmless(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu, "");
}

/** The system's word for why nothing could be sent; "" where there is none. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { readonly code?: unknown } | undefined) : undefined;
  return typeof cause?.code === "string" ? cause.code : "";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : null;
  return cause ?? error.message;
}
