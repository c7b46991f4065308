// Events and their evidence in words. The keeper's message begins with the runbook's word in capitals.

import { NONE, duration, usd } from "./format.ts";
import type { Tone } from "./states.ts";
import type { Shape } from "./verdicts.ts";

export interface EventView {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly lead: string;
  readonly rest: string;
}

const marks: Readonly<Record<string, readonly [Tone, Shape]>> = {
  launch: ["busy", "up"],
  adopt: ["ok", "disc"],
  gone: ["warn", "dash"],
  destroy: ["warn", "cross"],
  "destroy-failed": ["bad", "triangle"],
  "launch-refused": ["warn", "triangle"],
  "launch-unknown": ["warn", "question"],
  "debt-settled": ["idle", "dash"],
  "intent-settled": ["idle", "dash"],
  strike: ["bad", "cross"],
  blacklist: ["bad", "cross"],
  refund: ["idle", "ring"],
  breaker: ["bad", "triangle"],
  blind: ["bad", "question"],
  credit: ["warn", "triangle"],
  alert: ["bad", "triangle"],
  error: ["bad", "cross"],
  stray: ["warn", "question"],
  state: ["idle", "half"],
  spec: ["idle", "ring"],
  mode: ["idle", "ring"],
  order: ["idle", "ring"],
  host: ["idle", "ring"],
  "roll-out": ["busy", "half"],
};

export function eventView({ kind, message }: { readonly kind: string; readonly message: string }): EventView {
  const [tone, shape] = marks[kind] ?? (["idle", "ring"] as const);
  const [, lead = "", rest = message] = /^([A-Z][A-Z -]{1,24}):? (.*)$/su.exec(message) ?? [];
  const isSteady = kind === "state" && /→ steady\b/.test(message);
  return { tone: isSteady ? "ok" : tone, shape: isSteady ? "disc" : shape, lead, rest };
}

/** `usdPerHour` → `usd per hour`: names are the keeper's own, written so that one can read them. */
export function nameText(name: string): string {
  return name
    .replace(/^sinceMs$/, "since")
    .replace(/Seconds$/, "")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
}

export function evidenceText(name: string, value: string | number | boolean | null): string {
  if (value === null) return NONE;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value;
  if (/^usd/i.test(name)) return usd(value, 3);
  if (name.endsWith("Seconds")) return duration(value);
  if (name.endsWith("Ms") && value > 1e12) return new Date(value).toISOString();
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
}

export const ABOUT_ONE_DAYS = 7;
const ABOUT_ONE_LIMIT = 100;

/** What happened to one instance. With its fleet, by which events are found; the fleet's own may be thousands. */
export function instanceEventsPath(fleet: string, instanceId: number): string {
  return `/api/events?fleet=${fleet}&instance=${instanceId}&since=${ABOUT_ONE_DAYS}d&limit=${ABOUT_ONE_LIMIT}`;
}

/** Kinds as a person would filter them. */
export const eventGroups: readonly (readonly [value: string, label: string])[] = [
  ["", "Everything"],
  ["alert,breaker,blind,credit,error", "Trouble"],
  ["launch,launch-refused,launch-unknown,adopt", "Launches"],
  ["destroy,destroy-failed,gone,debt-settled", "Ends"],
  ["strike,refund,blacklist,host", "Hosts"],
  ["state", "States"],
  ["spec,mode,order,roll-out", "By hand"],
  ["stray", "Strays"],
];
