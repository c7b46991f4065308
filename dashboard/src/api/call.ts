// One request to a door. A refusal is a value with the keeper's own words; an exception here would be a bug.

import { signal } from "@preact/signals";
import { parsePlainly } from "../view/plain-text.ts";
import type { Answer, Problem } from "./answer.ts";

export type { Answer, Problem };

interface Wish {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  /** The spec version that the person has seen. */
  readonly ifMatch?: number;
  readonly signal?: AbortSignal;
}

/** A door that hangs is said after this; the slowest, a first launch of several workers, takes seconds. */
const LIMIT_MS = 60_000;

/** Grows whenever a door refuses the session, so that the app can ask who is there. */
export const refusedSessions = signal(0);

export async function call<T>(path: string, wish: Wish = {}): Promise<Answer<T>> {
  const { method = "GET", body, ifMatch } = wish;
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(ifMatch === undefined ? {} : { "If-Match": `"${ifMatch}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: wish.signal === undefined ? limit : AbortSignal.any([limit, wish.signal]),
    });
    const text = await response.text();
    if (response.ok)
      return { ok: true, value: parsePlainly(text === "" ? "{}" : text) as T, etag: response.headers.get("ETag") };
    if (response.status === 401) refusedSessions.value += 1;
    return { ok: false, problem: readProblem(response.status, text) };
  } catch (error) {
    return { ok: false, problem: silence(error) };
  }
}

function readProblem(status: number, text: string): Problem {
  const body = parseObject(text);
  const word = (name: string): string | null => (typeof body[name] === "string" ? body[name] : null);
  return {
    status,
    code: word("code") ?? `http-${status}`,
    title: word("title") ?? "The keeper refused",
    detail: word("detail") ?? `it answered ${status}`,
    hint: word("hint"),
    errors: Array.isArray(body["errors"]) ? (body["errors"] as Problem["errors"]) : [],
    body,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = parsePlainly(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function silence(error: unknown): Problem {
  const isLate = error instanceof DOMException && error.name === "TimeoutError";
  return {
    status: 0,
    code: isLate ? "timeout" : "unreachable",
    title: isLate ? "The keeper takes too long" : "The keeper cannot be reached",
    detail: isLate ? `no answer within ${LIMIT_MS / 1000} s` : "the request got no answer that can be read",
    hint: "Look at your connection. The fleets go on without this page.",
    errors: [],
    body: {},
  };
}
