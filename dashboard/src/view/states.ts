// A fleet's state in words that a person at breakfast understands, and how much it should worry them.

import type { FleetDocument } from "../../../src/fleet/document.ts";
import { count, usd, usdPerHour } from "./format.ts";
import { relative } from "./time.ts";

export type Tone = "ok" | "busy" | "warn" | "bad" | "idle";

export interface StateView {
  readonly tone: Tone;
  /** Two or three words for a badge. */
  readonly word: string;
  /** The whole state: what, how far, until when. */
  readonly sentence: string;
  /** Why it is so, where the keeper says; `null`: nothing to add. */
  readonly reason: string | null;
}

export type StateFacts = Pick<
  FleetDocument,
  "state" | "mode" | "spec" | "totals" | "workers" | "intents" | "debts" | "breaker" | "lookAgainAt" | "notes" | "spend"
>;

/** A fleet that is down keeps its spec, and wants nothing of it. */
export function targetOf({ mode, spec }: Pick<FleetDocument, "mode" | "spec">): number {
  return mode === "down" ? 0 : spec.target;
}

const severities: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2, ok: 2, idle: 3 };
const tones: Readonly<Record<FleetDocument["state"], Tone>> = {
  "no-credentials": "bad",
  blind: "bad",
  "credit-wait": "bad",
  "breaker-open": "bad",
  "over-budget": "warn",
  "waiting-for-weights": "warn",
  "no-offers": "warn",
  draining: "warn",
  ramping: "busy",
  steady: "ok",
  paused: "idle",
  down: "idle",
};

export function stateTone(state: FleetDocument["state"]): Tone {
  return tones[state];
}

/** Smaller: look here first. */
export function severityOf(state: FleetDocument["state"]): number {
  return severities[tones[state]];
}

export function stateView(fleet: StateFacts, nowMs: number): StateView {
  return { tone: tones[fleet.state], ...words(fleet, nowMs) };
}

function words(fleet: StateFacts, nowMs: number): Omit<StateView, "tone"> {
  const reason = fleet.notes[0] ?? null;
  const target = targetOf(fleet);
  const next = fleet.lookAgainAt === null ? "" : `: next look ${relative(Date.parse(fleet.lookAgainAt), nowMs)}`;
  switch (fleet.state) {
    case "steady":
      return { word: "steady", sentence: `steady, ${fleet.totals.producing} of ${target} producing`, reason };
    case "ramping":
      return { word: "ramping", sentence: `ramping, ${fleet.totals.producing} of ${target}`, reason };
    case "paused":
      return { word: "paused", sentence: "paused: it looks, and rents or replaces nothing", reason: null };
    case "draining": {
      const left = fleet.workers.length + fleet.debts.length;
      const what = left === 0 ? "the last proof is awaited" : `${count(left, "instance")} still there`;
      return { word: "draining", sentence: `going down, ${what}`, reason: null };
    }
    case "down":
      return { word: "down", sentence: "down: nothing runs, nothing is billed", reason: null };
    case "blind":
      return { word: "blind", sentence: "blind: the market's list cannot be trusted, nothing is touched", reason };
    case "credit-wait":
      return { word: "no credit", sentence: `waiting for credit${next.replace("next look", "next try")}`, reason };
    case "no-credentials":
      return { word: "no access", sentence: "a key or token is missing or refused", reason };
    case "over-budget":
      return { word: "over budget", sentence: budgetWords(fleet), reason };
    case "waiting-for-weights":
      return { word: "no weights", sentence: `waiting for the weights ${fleet.spec.weightsName}`, reason };
    case "breaker-open":
      return {
        word: "breaker open",
        sentence: breakerWords(fleet.breaker, nowMs),
        reason: fleet.breaker?.reason.replace(MACHINES, "") ?? reason,
      };
    case "no-offers": {
      const { maxPriceUsdPerHour: cap } = fleet.spec;
      const terms = cap === null ? "that fits" : `under ${usdPerHour(cap)}`;
      return { word: "no offers", sentence: `no offer ${terms}${next.replace("look", "search")}`, reason };
    }
  }
}

/** How the keeper's reason begins; the sentence says it already. */
const MACHINES = /^(\d+ machines), same error: /;

function breakerWords(breaker: StateFacts["breaker"], nowMs: number): string {
  const machines = MACHINES.exec(breaker?.reason ?? "")?.[1] ?? "several machines";
  const next = breaker === null ? "" : `; one is tried again ${relative(Date.parse(breaker.nextCanaryAt), nowMs)}`;
  return `paused by the breaker: the same error on ${machines}${next}`;
}

function budgetWords({ spec, spend }: Pick<StateFacts, "spec" | "spend">): string {
  const { budgetUsdPerDay: day, budgetUsdTotal: total } = spec;
  if (day !== null && spend.todayUsd >= day) return `the day's budget is spent: ${usd(spend.todayUsd)} of ${usd(day)}`;
  if (total !== null && spend.totalUsd >= total) return `the budget is spent: ${usd(spend.totalUsd)} of ${usd(total)}`;
  return "past the budget or the end that was set: nothing is rented";
}

/** Whether somebody should look: the word beside the fleet's name is not enough then. */
export function needsAttention(tone: Tone): boolean {
  return tone === "bad" || tone === "warn";
}
