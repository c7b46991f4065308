// A write, and what the person is told of it.

import { signal } from "@preact/signals";
import { type Answer, call, type Problem } from "../api/call.ts";
import { readFleets } from "./live.ts";
import { reload } from "./query.ts";

export interface Toast {
  readonly id: number;
  readonly tone: "ok" | "bad";
  readonly text: string;
  readonly hint: string | null;
}

export const toasts = signal<readonly Toast[]>([]);
const SHOWN_MS = { ok: 5000, bad: 12_000 } as const;
let lastId = 0;

export function dismiss(id: number): void {
  toasts.value = toasts.peek().filter((toast) => toast.id !== id);
}

export function tell(tone: Toast["tone"], text: string, hint: string | null = null): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.peek().slice(-2), { id, tone, text, hint }];
  setTimeout(() => dismiss(id), SHOWN_MS[tone]);
}

export function problemText({ title, detail, errors }: Problem): string {
  const fields = errors.map(({ field, expected }) => `${field}: ${expected}`);
  return fields.length > 0 ? `${title}: ${fields.join("; ")}` : `${title}: ${detail}`;
}

interface Write {
  readonly path: string;
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  readonly body?: unknown;
  readonly ifMatch?: number;
  /** What is said when it is done; left out: nothing. */
  readonly done?: string;
  /** Answers that hang on it. */
  readonly touches?: readonly string[];
}

/** Refusals are told, but for those that the caller handles (`isQuiet`). */
export async function act<T = unknown>(write: Write, isQuiet = false): Promise<Answer<T>> {
  const { path, method, body = {}, ifMatch, done, touches = [] } = write;
  const answer = await call<T>(path, {
    method,
    ...(method === "DELETE" ? {} : { body }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  });
  if (!answer.ok) {
    if (!isQuiet) tell("bad", problemText(answer.problem), answer.problem.hint);
    return answer;
  }
  if (done !== undefined) tell("ok", done);
  await Promise.all([readFleets(), reload(...touches)]);
  return answer;
}
