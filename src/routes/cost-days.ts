// GET /api/cost/days: what each fleet spent on each of the last days, beside its budget, and when budget and credit run out at
// the present burn.

import { Hono } from "hono";
import { type DaySpending, spendingByDay } from "../db/spending.ts";
import { accountStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import { budgetDeadlines, cents, dollars, reachedBudget } from "../fleet/budget.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { utcDay } from "../fleet/spend.ts";
import { logEvent } from "../log.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { readFleets } from "./fleet-list.ts";
import { DAY_MS, fromHistory, iso, isoOrNull, shortTime, wholeNumber } from "./history.ts";
import { answer } from "./present.ts";
import { costDaysSchema } from "./schemas/cost-days.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

const DAYS_DEFAULT = 14;
const DAYS_MAX = 90;
const HOUR_MS = 3_600_000;

const daysQuery = formatQuery.extend({ days: wholeNumber(1, DAYS_MAX).default(DAYS_DEFAULT) });

export interface CostDay {
  /** A UTC day; the last one is today, until now. */
  readonly day: string;
  readonly usd: number;
  /** Fleets that spent something, by name; deleted ones too. */
  readonly fleets: readonly { readonly fleet: string; readonly usd: number }[];
}

export interface BudgetOutlook {
  readonly fleet: string;
  readonly usdPerHour: number;
  /** By the fleet's own count, as its budgets are. */
  readonly todayUsd: number;
  readonly totalUsd: number;
  readonly budgetUsdPerDay: number | null;
  readonly budgetUsdTotal: number | null;
  readonly stopAt: string | null;
  readonly onBudget: "hold" | "down";
  /** The limit that is reached, in words; `null`: none. */
  readonly reached: string | null;
  /** When the next limit is reached at the present burn, or the reached one is over; `null`: never. */
  readonly nextLimitAt: string | null;
}

export interface CostDaysDocument {
  /** Midnight UTC of the first day. */
  readonly since: string;
  readonly until: string;
  /** Oldest first, without a gap. */
  readonly days: readonly CostDay[];
  readonly fleets: readonly BudgetOutlook[];
  /** As last read, less the burn since; `null`: not known. */
  readonly creditUsd: number | null;
  readonly accountUsdPerHour: number | null;
  readonly hoursLeft: number | null;
  /** When the credit is gone at the present burn of the whole account; `null`: not known, or never. */
  readonly creditEndsAt: string | null;
  readonly notes: readonly string[];
}

const words = describe("listCostDays", {
  chapter: "Market",
  summary: "What each fleet spent by day, and when budget and credit run out",
  answers: { 200: both(costDaysSchema) },
  refusals: ["history-unreachable"],
});

export const costDays = new Hono<DoorEnv>().get("/", words, query(daysQuery), async (c) => {
  const { days } = c.req.valid("query");
  const nowMs = Date.now();
  const fromMs = utcDay(nowMs) - (days - 1) * DAY_MS;
  const [spent, list, credit] = await Promise.all([
    fromHistory(() => spendingByDay(c.env.DB, { fromMs, toMs: nowMs })),
    readFleets(c.env, null),
    readCredit(c.env),
  ]);
  if (spent instanceof Response) return spent;
  const hoursLeft = credit?.hoursLeft ?? null;
  const document: CostDaysDocument = {
    since: iso(fromMs),
    until: iso(nowMs),
    days: daysOf(spent, fromMs, days),
    fleets: list.fleets.map((fleet) => outlookOf(fleet, nowMs)),
    creditUsd: credit?.creditUsd ?? null,
    accountUsdPerHour: credit?.usdPerHour ?? null,
    hoursLeft,
    creditEndsAt: isoOrNull(hoursLeft === null ? null : Math.round(nowMs + hoursLeft * HOUR_MS)),
    notes: [
      ...list.notes,
      ...(credit === null ? ["the account's keeper does not answer: the credit is not known"] : []),
    ],
  };
  return answer(c, document, () => formatCostDays(document));
});

async function readCredit(env: Env) {
  try {
    return await accountStub(env).credit();
  } catch (error) {
    logEvent({ event: "cost.credit", outcome: "failed", detail: String(error) });
    return null;
  }
}

function daysOf(spent: readonly DaySpending[], fromMs: number, count: number): CostDay[] {
  const byDay = Map.groupBy(spent, ({ dayAtMs }) => dayAtMs);
  return Array.from({ length: count }, (_, index) => {
    const dayAtMs = fromMs + index * DAY_MS;
    const fleets = (byDay.get(dayAtMs) ?? []).filter(({ usd }) => usd > 0).map(({ fleet, usd }) => ({ fleet, usd }));
    return { day: iso(dayAtMs).slice(0, 10), usd: fleets.reduce((sum, { usd }) => sum + usd, 0), fleets };
  });
}

function outlookOf({ name, mode, spec, spend, totals }: FleetDocument, nowMs: number): BudgetOutlook {
  const { budgetUsdPerDay, budgetUsdTotal, stopAt, onBudget } = spec;
  const sums = { dayAtMs: utcDay(nowMs), dayUsd: spend.todayUsd, totalUsd: spend.totalUsd, atMs: nowMs };
  // A fleet that is down rents nothing, whatever its limits say.
  const deadlines = mode === "down" ? [] : budgetDeadlines(spec, sums, totals.usdPerHour, nowMs);
  return {
    fleet: name,
    usdPerHour: totals.usdPerHour,
    todayUsd: spend.todayUsd,
    totalUsd: spend.totalUsd,
    budgetUsdPerDay,
    budgetUsdTotal,
    stopAt,
    onBudget,
    reached: mode === "down" ? null : (reachedBudget(spec, sums, nowMs)?.what ?? null),
    nextLimitAt: isoOrNull(deadlines.length === 0 ? null : Math.min(...deadlines)),
  };
}

const dayColumns: readonly Column[] = [
  { head: "Day (UTC)", width: 10 },
  { head: "$", width: 9, align: "right" },
  { head: "By fleet", width: 40 },
];
const budgetColumns: readonly Column[] = [
  { head: "Fleet", width: 21 },
  { head: "$/hr", width: 7, align: "right" },
  { head: "Today", width: 9, align: "right" },
  { head: "of", width: 9, align: "right" },
  { head: "Total", width: 9, align: "right" },
  { head: "of", width: 9, align: "right" },
  { head: "Next limit", width: 20 },
];

function formatCostDays({ days, fleets, creditUsd, hoursLeft, creditEndsAt, notes }: CostDaysDocument): string {
  const lasts = hoursLeft === null ? "" : `, ${hoursLeft.toFixed(1)} h, until ${shortTime(creditEndsAt)}`;
  return textOf([
    ...tableLines(dayColumns, days.map(dayCells)),
    "",
    ...tableLines(budgetColumns, fleets.map(budgetCells)),
    creditUsd === null ? "Credit: not known" : `Credit: ${cents(creditUsd)}${lasts}`,
    ...notes,
  ]);
}

function dayCells({ day, usd, fleets }: CostDay): string[] {
  return [day, dollars(usd), fleets.map((one) => `${one.fleet} ${dollars(one.usd)}`).join(", ")];
}

function budgetCells(outlook: BudgetOutlook): string[] {
  const { fleet, usdPerHour, todayUsd, totalUsd, budgetUsdPerDay, budgetUsdTotal, reached, nextLimitAt } = outlook;
  const limit = reached ?? shortTime(nextLimitAt);
  const budget = (usd: number | null): string => (usd === null ? "-" : dollars(usd));
  return [
    fleet,
    usdPerHour.toFixed(3),
    dollars(todayUsd),
    budget(budgetUsdPerDay),
    dollars(totalUsd),
    budget(budgetUsdTotal),
    limit,
  ];
}
