// One call of a door: an answer, or a failure in the keeper's own words. What comes back may hold words of strangers'
// machines, so nothing that steers a terminal gets through.

import { CommandFailure, EXIT } from "./failure.ts";
import type { Settings } from "./settings.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Ask {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
}

export interface Answer {
  readonly status: number;
  readonly isJson: boolean;
  readonly text: string;
}

/** A lost answer is asked for again so often: every POST carries a key under which it is done once. */
const TRIES = 3;
const PAUSE_MS = 1000;
/** A door that launches answers within about eight seconds; a report that asks the Hub takes longer. */
const LIMIT_MS = 60_000;

export class Connection {
  readonly #settings: Settings;
  readonly #isJson: boolean;

  constructor(settings: Settings, isJson: boolean) {
    this.#settings = settings;
    this.#isJson = isJson;
  }

  /** The keeper's own text, or its JSON with `--json`. Anything but a 2xx is a failure. */
  async read(method: Method, path: string, ask: Ask = {}): Promise<string> {
    const answer = await this.send(method, path, ask, this.#isJson ? "json" : "text");
    if (answer.status >= 300) throw refused(answer);
    return answer.text;
  }

  /** Always JSON, for what a command decides by. */
  async json<T>(method: Method, path: string, ask: Ask = {}): Promise<T> {
    const answer = await this.send(method, path, ask, "json");
    if (answer.status >= 300) throw refused(answer);
    return parse<T>(answer);
  }

  async send(method: Method, path: string, ask: Ask, format: "json" | "text"): Promise<Answer> {
    const url = new URL(`${this.#settings.url}${path}`);
    for (const [name, value] of Object.entries(ask.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, String(value));
    if (format === "text") url.searchParams.set("format", "text");
    const headers: Record<string, string> = {
      Authorization: `Bearer ${this.#settings.token}`,
      Accept: format === "text" ? "text/plain" : "application/json",
      // What the history calls the kind of program that wrote.
      "User-Agent": "fleet/0.1",
    };
    if (method === "POST") headers["Idempotency-Key"] = crypto.randomUUID();
    const body = ask.text ?? (ask.body === undefined ? undefined : JSON.stringify(ask.body));
    if (body !== undefined) headers["Content-Type"] = ask.text === undefined ? "application/json" : "text/plain";
    return this.#tryOften(url, { method, headers, ...(body === undefined ? {} : { body }) });
  }

  async #tryOften(url: URL, init: RequestInit): Promise<Answer> {
    let failure = "";
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      try {
        const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(LIMIT_MS) });
        const isJson = /\bjson\b/.test(response.headers.get("Content-Type") ?? "");
        return { status: response.status, isJson, text: harmless(await response.text()) };
      } catch (error) {
        failure = describe(error);
      }
    }
    const hint = "is the address right, and is the keeper deployed or started there?";
    throw new CommandFailure(EXIT.unreachable, `${url.origin} does not answer: ${failure}`, hint);
  }
}

/** Problem details (RFC 9457) as people read them. */
export function refused({ status, isJson, text }: Answer): CommandFailure {
  const problem = isJson ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
  const say = (field: string): string | null => (typeof problem[field] === "string" ? problem[field] : null);
  const title = say("title") ?? `the keeper answered ${status}`;
  const detail = say("detail") ?? (isJson ? null : text.trim().slice(0, 200));
  const fields = Array.isArray(problem["errors"]) ? problem["errors"].map((each) => `  ${fieldLine(each)}`) : [];
  const message = [detail === null || detail === "" ? title : `${title}: ${detail}`, ...fields].join("\n");
  return new CommandFailure(EXIT.refused, message, say("hint"));
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

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : null;
  return cause ?? error.message;
}
