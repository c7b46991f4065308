// Instants in the viewer's zone. `zone` and `now` are arguments so that a test can stand anywhere.

import { duration } from "./format.ts";

export interface Place {
  readonly nowMs: number;
  /** IANA name; left out: the browser's. */
  readonly zone?: string | undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string | undefined, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone ?? ""} ${name}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

function dayOf(atMs: number, zone: string | undefined): string {
  return format(zone, "day", { year: "numeric", month: "2-digit", day: "2-digit" }).format(atMs);
}

/** `14:05:09` today, `yesterday 14:05`, else `21 Nov 14:05`. */
export function clockTime(atMs: number, { nowMs, zone }: Place): string {
  const day = dayOf(atMs, zone);
  if (day === dayOf(nowMs, zone)) {
    return format(zone, "seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(atMs);
  }
  const time = format(zone, "minutes", { hour: "2-digit", minute: "2-digit" }).format(atMs);
  if (day === dayOf(nowMs - 86_400_000, zone)) return `yesterday ${time}`;
  const isThisYear = day.slice(-4) === dayOf(nowMs, zone).slice(-4);
  const date = format(zone, isThisYear ? "date" : "date-year", {
    day: "numeric",
    month: "short",
    ...(isThisYear ? {} : { year: "numeric" }),
  }).format(atMs);
  return `${date} ${time}`;
}

/** To the second with the zone, and the same in UTC: what a hover shows. */
export function exactTime(atMs: number, zone?: string): string {
  const local = format(zone, "exact", { dateStyle: "full", timeStyle: "long" }).format(atMs);
  return `${local} · ${new Date(atMs).toISOString()}`;
}

/** `12 s ago`, `in 3 min`, `now`. */
export function relative(atMs: number, nowMs: number): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  if (Math.abs(seconds) < 2) return "now";
  return seconds < 0 ? `${duration(-seconds)} ago` : `in ${duration(seconds)}`;
}
