// What of a fleet's or an account's facts people are told of. Each condition is so, is not so, or cannot be told now.

import type { Condition, Occasion } from "./alert.ts";
import type { FleetMemory, Verdict } from "./memory.ts";
import type { FleetMode, FleetState, StrikeAction } from "./plan.ts";

/** Fewer than 12 hours of credit are told, and said to be over an hour above it, so that a burn that wavers is one story. */
const CREDIT_HOURS_LOW = 12;
const CREDIT_HOURS_GOOD = 13;

export interface FleetFacts {
  readonly mode: FleetMode;
  readonly state: FleetState;
  readonly target: number;
  readonly memory: Pick<FleetMemory, "workers" | "intents" | "debts" | "breaker" | "blindSinceMs" | "delivery">;
  readonly notes: readonly string[];
}

/** Started and not yet at work, or no longer. What nothing has measured is not held against a fleet. */
const IDLE: ReadonlySet<Verdict> = new Set<Verdict>(["booting", "setting-up", "waiting", "stalled", "failed", "gone"]);

/** What has an alert of its own, or a person has ordered, is no shortage; what cannot be seen is not measured. */
const SHORTAGE_UNTOLD: ReadonlySet<FleetState> = new Set<FleetState>(["blind", "credit-wait", "breaker-open"]);
const SHORTAGE_WANTED: ReadonlySet<FleetState> = new Set<FleetState>(["down", "draining", "paused", "over-budget"]);

export function fleetConditions(facts: FleetFacts): readonly Condition[] {
  return [breakerCondition(facts), blindCondition(facts), shortageCondition(facts), deliveryCondition(facts)].filter(
    (condition) => condition !== null,
  );
}

function breakerCondition({ mode, memory: { breaker } }: FleetFacts): Condition | null {
  if (breaker === null || mode === "down") return null;
  const { openedAtMs, reason } = breaker;
  return {
    key: "breaker-open",
    kind: "breaker-open",
    isMeasured: true,
    sinceMs: openedAtMs,
    summary: `breaker open, nothing is replaced: ${reason}`,
  };
}

function blindCondition({ mode, memory, notes }: FleetFacts): Condition | null {
  const { workers, intents, debts, blindSinceMs } = memory;
  const isEmpty = workers.length + intents.length + debts.length === 0;
  if (blindSinceMs === null || (mode !== "active" && isEmpty)) return null;
  return {
    key: "blind",
    kind: "blind",
    isMeasured: true,
    sinceMs: blindSinceMs,
    summary: withReason("the account's instances cannot be seen: nothing is rented or destroyed", notes),
  };
}

function shortageCondition({ state, target, memory, notes }: FleetFacts): Condition | null {
  if (SHORTAGE_WANTED.has(state)) return null;
  const up = memory.workers.length;
  const atWork = memory.workers.filter(({ verdict }) => !IDLE.has(verdict)).length;
  const isMeasured = !SHORTAGE_UNTOLD.has(state);
  // A large fleet always has one that is starting; short is one that lacks boxes, or of which most do not work.
  if (isMeasured && up >= target && atWork * 2 >= target) return null;
  return {
    key: "below-target",
    kind: "below-target",
    isMeasured,
    sinceMs: null,
    summary: withReason(`${up} of ${target} workers up, ${atWork} at work (${state})`, notes),
  };
}

/** All play and nothing arrives: only a person can mend a token, a quota or the Hub (design rule 10). */
function deliveryCondition({ mode, memory: { delivery } }: FleetFacts): Condition | null {
  if (delivery.alert === null || mode === "down") return null;
  const { sinceMs, why } = delivery.alert;
  return { key: "undelivered", kind: "undelivered", isMeasured: true, sinceMs, summary: why };
}

function withReason(text: string, [note]: readonly string[]): string {
  return note === undefined ? text : `${text}: ${note}`;
}

/** The strike that has blocked its machine for all fleets. */
export function hostBlocked({ machineId, reason }: Pick<StrikeAction, "machineId" | "reason">): Occasion {
  return {
    key: `host:${machineId}`,
    kind: "host-blocked",
    summary: `machine ${machineId} is blocked for all fleets: ${reason}`,
  };
}

export interface AccountFactsForAlerts {
  readonly creditWait: { readonly cause: string; readonly sinceMs: number; readonly why: string } | null;
  readonly hoursLeft: number | null;
  readonly creditUsd: number | null;
  readonly usdPerHour: number;
  /** Boxes of no fleet that nobody has said to ignore. */
  readonly strays: readonly {
    readonly instanceId: number;
    readonly label: string | null;
    readonly usdPerHour: number | null;
    readonly why: string;
  }[];
}

export function accountConditions(facts: AccountFactsForAlerts): readonly Condition[] {
  return [
    ...creditWaitCondition(facts),
    ...creditHoursCondition(facts),
    ...facts.strays.filter(({ usdPerHour }) => usdPerHour !== 0).map(strayCondition),
  ];
}

function creditWaitCondition({ creditWait }: AccountFactsForAlerts): readonly Condition[] {
  if (creditWait === null) return [];
  const { cause, sinceMs, why } = creditWait;
  const what = cause === "spend-limit" ? "the market refuses to spend so fast" : "out of credit";
  const summary = `${what}, no fleet rents or replaces: ${why}`;
  return [{ key: "out-of-credit", kind: "out-of-credit", isMeasured: true, sinceMs, summary }];
}

/** While the credit is said to be gone, how long it lasts is not said too. */
function creditHoursCondition({ creditWait, hoursLeft, creditUsd, usdPerHour }: AccountFactsForAlerts): Condition[] {
  const isGood = hoursLeft === null || hoursLeft >= CREDIT_HOURS_GOOD;
  if (creditWait === null && isGood) return [];
  const isMeasured = creditWait === null && hoursLeft !== null && hoursLeft < CREDIT_HOURS_LOW;
  const money = `$${Math.max(0, creditUsd ?? 0).toFixed(2)} at $${usdPerHour.toFixed(3)}/hr`;
  const summary = `credit for ${(hoursLeft ?? 0).toFixed(1)} h left (${money})`;
  return [{ key: "credit-hours", kind: "credit-hours", isMeasured, sinceMs: null, summary }];
}

function strayCondition(stray: AccountFactsForAlerts["strays"][number]): Condition {
  const { instanceId, label, usdPerHour, why } = stray;
  const price = usdPerHour === null ? "at an unknown price" : `$${usdPerHour.toFixed(3)}/hr`;
  const summary = `stray instance ${instanceId} (${label ?? "no label"}) bills ${price}: ${why}`;
  return { key: `stray:${instanceId}`, kind: "strays", isMeasured: true, sinceMs: null, summary };
}
