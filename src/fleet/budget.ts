// When a fleet has spent enough (design rule 22): its budget of the UTC day, its budget in total, and its stop time. What
// it has spent it counts itself (`charges.ts`), so that no limit depends on D1.

import { formatMinute, parseInstant } from "./instant.ts";
import type { FleetSpec } from "./spec.ts";
import { nextUtcDay, type Spend } from "./spend.ts";

const HOUR_MS = 3_600_000;
/** Sums of products are a hair off: what is this close to a budget has reached it. */
const CENT_SHARE = 1e-9;
/** From here on a note says how far it is. */
const TOLD_FROM = 0.5;

export interface ReachedBudget {
  /** In words, with figures. */
  readonly what: string;
  /** When the fleet goes on by itself; `null`: when its spec is changed. */
  readonly goesOnAtMs: number | null;
}

type Terms = Pick<FleetSpec, "budgetUsdPerDay" | "budgetUsdTotal" | "stopAt" | "onBudget">;

/** The limit that holds longest of those that are reached; `null`: none is. */
export function reachedBudget(spec: Terms, spend: Spend, nowMs: number): ReachedBudget | null {
  const { budgetUsdPerDay, budgetUsdTotal, stopAt } = spec;
  if (stopAt !== null && nowMs >= parseInstant(stopAt))
    return { what: `stopAt ${stopAt} has passed`, goesOnAtMs: null };
  if (budgetUsdTotal !== null && isReached(spend.totalUsd, budgetUsdTotal)) {
    return { what: `budget reached: ${share(spend.totalUsd, budgetUsdTotal)} in total`, goesOnAtMs: null };
  }
  if (budgetUsdPerDay === null || !isReached(spend.dayUsd, budgetUsdPerDay)) return null;
  const goesOnAtMs = nextUtcDay(spend.dayAtMs);
  return { what: `budget reached: ${share(spend.dayUsd, budgetUsdPerDay)} today (UTC)`, goesOnAtMs };
}

function isReached(spentUsd: number, budgetUsd: number): boolean {
  return spentUsd >= budgetUsd - CENT_SHARE;
}

/** When a limit is reached at the present burn, or a reached one is over; each asks for a CHECK of its own. */
export function budgetDeadlines(spec: Terms, spend: Spend, usdPerHour: number, nowMs: number): readonly number[] {
  const reached = reachedBudget(spec, spend, nowMs);
  if (reached !== null) return reached.goesOnAtMs === null ? [] : [reached.goesOnAtMs];
  const { budgetUsdPerDay, budgetUsdTotal, stopAt } = spec;
  return [
    ...(stopAt === null ? [] : [parseInstant(stopAt)]),
    ...(budgetUsdTotal === null ? [] : [nowMs + timeTo(budgetUsdTotal - spend.totalUsd, usdPerHour)]),
    ...(budgetUsdPerDay === null ? [] : [dayEnd(budgetUsdPerDay, spend, usdPerHour, nowMs)]),
  ].filter(Number.isFinite);
}

/** Today, or tomorrow if that comes first: the sum begins anew then. */
function dayEnd(budgetUsd: number, spend: Spend, usdPerHour: number, nowMs: number): number {
  const todayMs = nowMs + timeTo(budgetUsd - spend.dayUsd, usdPerHour);
  const tomorrowMs = nextUtcDay(spend.dayAtMs);
  return todayMs < tomorrowMs ? todayMs : tomorrowMs + timeTo(budgetUsd, usdPerHour);
}

function timeTo(usd: number, usdPerHour: number): number {
  return usdPerHour > 0 ? Math.ceil((Math.max(0, usd) / usdPerHour) * HOUR_MS) : Number.POSITIVE_INFINITY;
}

/** What a reached limit does to the fleet. A wait for credit kills nothing, for no budget either (design rule 19). */
export function reachedNote(
  { what, goesOnAtMs }: ReachedBudget,
  { onBudget }: Terms,
  isHeldForCredit: boolean,
): string {
  const until =
    goesOnAtMs === null ? "until the spec allows more" : `until ${formatMinute(goesOnAtMs)} or a higher budget`;
  const down = `the boxes are destroyed${isHeldForCredit ? " after the wait for credit" : ""} (onBudget down)`;
  const boxes = onBudget === "down" ? down : "the boxes stay (onBudget hold)";
  return `${what}: nothing is rented ${until}, ${boxes}`;
}

/** How far it is to the budgets of which more than half is spent. */
export function projectionNotes(spec: Terms, spend: Spend, usdPerHour: number, nowMs: number): readonly string[] {
  const { budgetUsdPerDay, budgetUsdTotal } = spec;
  const toMidnightMs = nextUtcDay(spend.dayAtMs) - nowMs;
  return [
    ...projection(budgetUsdPerDay, spend.dayUsd, "today", usdPerHour, toMidnightMs),
    ...projection(budgetUsdTotal, spend.totalUsd, "in total", usdPerHour, Number.POSITIVE_INFINITY),
  ];
}

function projection(
  budgetUsd: number | null,
  spentUsd: number,
  of: string,
  usdPerHour: number,
  endsInMs: number,
): readonly string[] {
  if (budgetUsd === null || spentUsd <= budgetUsd * TOLD_FROM || isReached(spentUsd, budgetUsd)) return [];
  const inMs = timeTo(budgetUsd - spentUsd, usdPerHour);
  const when = inMs < endsInMs && Number.isFinite(inMs) ? `reached in ${(inMs / HOUR_MS).toFixed(1)} h` : "not reached";
  return [`budget: ${share(spentUsd, budgetUsd)} ${of}, ${when} at $${usdPerHour.toFixed(3)}/hr`];
}

function share(spentUsd: number, budgetUsd: number): string {
  return `${dollars(spentUsd)} of ${dollars(budgetUsd)}`;
}

/** Cents; under a dollar hundredths of a cent, so that a small budget does not read as nothing. */
export function dollars(usd: number): string {
  return signed(usd, Math.abs(usd) < 1 ? 4 : 2);
}

/** A balance: cents. Below nothing it reads "-$0.43", and a hair below nothing "$0.00". */
export function cents(usd: number): string {
  return signed(usd, 2);
}

function signed(usd: number, digits: number): string {
  const text = Math.abs(usd).toFixed(digits);
  return `${usd < 0 && Number(text) !== 0 ? "-" : ""}$${text}`;
}
