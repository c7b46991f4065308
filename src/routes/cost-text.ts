// GET /api/cost for a terminal.

import { cents, dollars } from "../fleet/budget.ts";
import type { Rates } from "../fleet/estimate.ts";
import type { CostDocument, FleetCost } from "./cost.ts";
import { type Column, tableLines, textOf } from "./table.ts";

const spentColumns: readonly Column[] = [
  { head: "Fleet", width: 21 },
  { head: "$/hr", width: 7, align: "right" },
  { head: "Today", width: 9, align: "right" },
  { head: "7 days", width: 9, align: "right" },
  { head: "Total", width: 9, align: "right" },
];

const ruleColumns: readonly Column[] = [
  { head: "Workers", width: 7, align: "right" },
  { head: "Typical GPU", width: 14 },
  { head: "$/hr", width: 7, align: "right" },
  { head: "$/day", width: 7, align: "right" },
  { head: "$/week", width: 7, align: "right" },
  { head: "", width: 0 },
];

export function formatCost(cost: CostDocument): string {
  const total: FleetCost = { name: "Total", usdPerHour: cost.usdPerHour, ...cost.spent };
  return textOf([
    `Now: ${ratesText(cost)}`,
    creditLine(cost),
    `Billing: ${cost.billingUrl}`,
    "",
    ...tableLines(spentColumns, [...cost.fleets, total].map(spentCells)),
    ...(cost.estimate === null ? [] : ["", ...estimateLines(cost.estimate)]),
    "",
    "Rules of thumb (Feb 2026 pricing)",
    ...tableLines(ruleColumns, cost.rulesOfThumb.map(ruleCells)),
    ...cost.notes,
  ]);
}

function ratesText({ usdPerHour, usdPerDay, usdPerWeek }: Rates): string {
  return `$${usdPerHour.toFixed(3)}/hr, $${usdPerDay.toFixed(2)}/day, $${usdPerWeek.toFixed(2)}/week`;
}

function creditLine({ creditUsd, hoursLeft, accountUsdPerHour, creditWait }: CostDocument): string {
  if (creditUsd === null) return "Credit: not known";
  const lasts =
    hoursLeft === null ? "" : `, ${hoursLeft.toFixed(1)} h at the account's $${(accountUsdPerHour ?? 0).toFixed(3)}/hr`;
  const wait = creditWait === null ? "" : `; waiting for credit (${creditWait})`;
  return `Credit: ${cents(creditUsd)}${lasts}${wait}`;
}

function spentCells({ name, usdPerHour, todayUsd, last7DaysUsd, totalUsd }: FleetCost): string[] {
  const week = last7DaysUsd === null ? "-" : dollars(last7DaysUsd);
  return [name, usdPerHour.toFixed(3), dollars(todayUsd), week, dollars(totalUsd)];
}

function estimateLines(estimate: NonNullable<CostDocument["estimate"]>): string[] {
  const { workers, gpu, found, offers } = estimate;
  const [first] = offers;
  const last = offers.at(-1);
  const prices =
    first === undefined || last === undefined
      ? "no offer"
      : `${found} offers, $${first.usdPerHour.toFixed(3)} to $${last.usdPerHour.toFixed(3)} each, best value first`;
  const type = gpu ?? "any GPU of the default list";
  if (found === 0) return [`No estimate: the market offers no ${type} now`];
  const many = found < workers ? `${found} of ${workers} workers` : `${workers} workers`;
  return [`Estimate for ${many} on ${type}: ${ratesText(estimate)}`, `  from ${prices}`];
}

function ruleCells({
  workers,
  gpu,
  usdPerHour,
  usdPerDay,
  usdPerWeek,
  fits,
}: CostDocument["rulesOfThumb"][number]): string[] {
  return [
    String(workers),
    gpu,
    `$${usdPerHour.toFixed(2)}`,
    `$${usdPerDay.toFixed(2)}`,
    `$${usdPerWeek}`,
    fits ? "<- fits" : "",
  ];
}
