// Money by day as answers show it.

import { z } from "zod";
import type { BudgetOutlook, CostDay, CostDaysDocument } from "../cost-days.ts";
import { instantText, notes, oneOf, partOf, schemaOf } from "./schema-of.ts";

const day = partOf<CostDay>()({
  day: z.iso.date().meta({ description: "A UTC day; the last one is today, until now" }),
  usd: z.number(),
  fleets: z.array(partOf<CostDay["fleets"][number]>()({ fleet: z.string(), usd: z.number() })),
});

const outlook = partOf<BudgetOutlook>()({
  fleet: z.string(),
  usdPerHour: z.number(),
  todayUsd: z.number(),
  totalUsd: z.number(),
  budgetUsdPerDay: z.number().nullable(),
  budgetUsdTotal: z.number().nullable(),
  stopAt: z.string().nullable(),
  onBudget: oneOf<BudgetOutlook["onBudget"]>()("hold", "down"),
  reached: z.string().nullable().meta({ description: "The limit that is reached, in words" }),
  nextLimitAt: instantText.nullable().meta({ description: "At the present burn; `null`: never" }),
});

export const costDaysSchema = schemaOf<CostDaysDocument>()(
  "CostDays",
  {
    since: instantText,
    until: instantText,
    days: z.array(day).meta({ description: "Oldest first, without a gap" }),
    fleets: z.array(outlook),
    creditUsd: z.number().nullable(),
    accountUsdPerHour: z.number().nullable(),
    hoursLeft: z.number().nullable(),
    creditEndsAt: instantText.nullable(),
    notes,
  },
  {
    about: "What each fleet spent on each of the last days, and when budget and credit run out",
    example: {
      since: "2026-11-23T00:00:00.000Z",
      until: "2026-11-23T18:05:00.000Z",
      days: [{ day: "2026-11-23", usd: 10.4, fleets: [{ fleet: "zeb-large", usd: 10.4 }] }],
      fleets: [
        {
          fleet: "zeb-large",
          usdPerHour: 0.58,
          todayUsd: 10.4,
          totalUsd: 312.5,
          budgetUsdPerDay: 15,
          budgetUsdTotal: null,
          stopAt: null,
          onBudget: "hold",
          reached: null,
          nextLimitAt: "2026-11-24T02:01:00.000Z",
        },
      ],
      creditUsd: 21.3,
      accountUsdPerHour: 0.58,
      hoursLeft: 36.7,
      creditEndsAt: "2026-11-25T06:47:00.000Z",
      notes: [],
    },
  },
);
