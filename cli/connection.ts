// One call of a door: an answer, or a failure in the keeper's own words. What comes back may hold words of strangers'
// machines, so nothing that steers a terminal gets through.

import type { ClientResponse } from "hono/client";
import { keeperClient, type KeeperClient } from "../src/routes/client.ts";
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
    throw new CommandFailure(EXIT.unreachable, `${url.origin} does not answer: ${failure}`, hint, true);
  }
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

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : null;
  return cause ?? error.message;
}
