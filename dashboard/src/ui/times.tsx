// Times that go on by themselves. Each is a text node bound to the clock: a tick draws no component again.

import { useComputed } from "@preact/signals";
import { nowMs } from "../data/clock.ts";
import { duration } from "../view/format.ts";
import { clockTime, exactTime, relative } from "../view/time.ts";

/** `12 s ago`, with the exact instant on hover. */
export function Ago({ at }: { readonly at: string | number }) {
  const atMs = typeof at === "number" ? at : Date.parse(at);
  const text = useComputed(() => relative(atMs, nowMs.value));
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactTime(atMs)}>
      {text}
    </time>
  );
}

/** `14:05:09`, in the viewer's zone. */
export function At({ at }: { readonly at: string | number }) {
  const atMs = typeof at === "number" ? at : Date.parse(at);
  return (
    <time dateTime={new Date(atMs).toISOString()} title={exactTime(atMs)}>
      {clockTime(atMs, { nowMs: nowMs.peek() })}
    </time>
  );
}

/** How long since, growing. */
export function Since({ at }: { readonly at: string }) {
  const startMs = Date.parse(at);
  const text = useComputed(() => duration((nowMs.value - startMs) / 1000));
  return (
    <time dateTime={at} title={`since ${exactTime(startMs)}`}>
      {text}
    </time>
  );
}
