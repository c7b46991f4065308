// Answers of doors that are not pushed: kept by path, so that going back shows them at once, and asked for again when a
// fleet has news. A page of which nothing changes asks nothing.

import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../api/call.ts";
import { afterAnswer, type Loaded, NOT_LOADED, untilNextMs } from "../view/loaded.ts";
import { pulse } from "./fleets.ts";

export interface Reading<T> extends Loaded<T> {
  readonly reload: () => void;
}

interface Query<T> {
  readonly state: Signal<Loaded<T>>;
  readonly load: () => Promise<void>;
}

const queries = new Map<string, Query<unknown>>();

function queryOf<T>(path: string): Query<T> {
  const known = queries.get(path);
  if (known !== undefined) return known as Query<T>;
  const state = signal<Loaded<T>>(NOT_LOADED);
  const load = async (): Promise<void> => {
    if (state.peek().isLoading) return;
    state.value = { ...state.peek(), isLoading: true };
    const answer = await call<T>(path);
    state.value = afterAnswer(state.peek(), answer, Date.now());
  };
  const query: Query<T> = { state, load };
  queries.set(path, query as Query<unknown>);
  return query;
}

/** After a write: what hangs on it is read again, whoever shows it. */
export async function reload(...prefixes: readonly string[]): Promise<void> {
  const wanted = [...queries].filter(([path]) => prefixes.some((prefix) => path.startsWith(prefix)));
  await Promise.all(wanted.map(([, query]) => query.load()));
}

/** When a session is over, by log-out or by itself: the next person must not see what the last one read. */
export function forgetAnswers(): void {
  queries.clear();
}

/** `everySeconds`: with news of a fleet it is read again, at most so often; `null`: only when the page is entered. */
export function useAnswer<T>(path: string | null, everySeconds: number | null = null): Reading<T> {
  const query = path === null ? null : queryOf<T>(path);
  useEffect(() => {
    if (query === null) return;
    void query.load();
    if (everySeconds === null) return;
    let late: ReturnType<typeof setTimeout> | undefined;
    const stop = pulse.subscribe(() => {
      const waitMs = untilNextMs(query.state.peek(), everySeconds, Date.now());
      if (waitMs === null || late !== undefined) return;
      late = setTimeout(() => {
        late = undefined;
        void query.load();
      }, waitMs);
    });
    return () => {
      stop();
      clearTimeout(late);
    };
  }, [query, everySeconds]);
  const state: Loaded<T> = query?.state.value ?? NOT_LOADED;
  return { ...state, reload: () => void query?.load() };
}
