// What is known of a door's answer, and how old it is. A value stays when it cannot be read again, beside what was in the way.

import type { Answer, Problem } from "../api/answer.ts";

export interface Loaded<T> {
  /** `null`: not read yet. Stays while it is read again, and when that fails. */
  readonly value: T | null;
  /** Of the last try; `null`: it brought the value, or is the first and goes on. */
  readonly problem: Problem | null;
  readonly isLoading: boolean;
  /** When the value was read. */
  readonly loadedAtMs: number | null;
  /** When the last try ended, however it did. */
  readonly triedAtMs: number | null;
}

export const NOT_LOADED = { value: null, problem: null, isLoading: false, loadedAtMs: null, triedAtMs: null } as const;

export function afterAnswer<T>(before: Loaded<T>, answer: Answer<T>, nowMs: number): Loaded<T> {
  return answer.ok
    ? { value: answer.value, problem: null, isLoading: false, loadedAtMs: nowMs, triedAtMs: nowMs }
    : { ...before, problem: answer.problem, isLoading: false, triedAtMs: nowMs };
}

/** Until it may be read again; a door that fails is asked no more often than one that answers. `null`: it is being read. */
export function untilNextMs(
  { triedAtMs, isLoading }: Pick<Loaded<unknown>, "triedAtMs" | "isLoading">,
  everySeconds: number,
  nowMs: number,
): number | null {
  if (triedAtMs === null || isLoading) return null;
  return Math.max(0, triedAtMs + everySeconds * 1000 - nowMs);
}

export interface Lack {
  readonly problem: Problem;
  /** From when is what is shown; `null`: nothing is. */
  readonly asOfMs: number | null;
}

/** Why what is shown may no longer be so, or is not there. `null`: it is as fresh as it is meant to be. */
export function lackOf({ value, problem, loadedAtMs }: Loaded<unknown>): Lack | null {
  return problem === null ? null : { problem, asOfMs: value === null ? null : loadedAtMs };
}
