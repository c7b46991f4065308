// What the fleets have spent, from the ledger in `instances`: price × time of every instance, of one that lives until now.

import { type SQL, sql } from "drizzle-orm";
import { instances } from "./schema.ts";
import { connect } from "./statements.ts";

const HOUR_MS = 3_600_000;

export interface FleetSpending {
  readonly fleet: string;
  readonly todayUsd: number;
  readonly last7DaysUsd: number;
  readonly totalUsd: number;
}

export interface SpendingQuery {
  readonly nowMs: number;
  /** Midnight UTC of today. */
  readonly dayAtMs: number;
  readonly weekAtMs: number;
}

/** Every fleet that ever had an instance, deleted ones too, by name. An instance without a known price counts nothing. */
export async function spendingByFleet(
  db: D1Database,
  { nowMs, dayAtMs, weekAtMs }: SpendingQuery,
): Promise<FleetSpending[]> {
  const since = (fromMs: number): SQL<number> => {
    const endMs = sql`min(coalesce(${instances.endedAtMs}, ${nowMs}), ${nowMs})`;
    const ms = sql`max(0, ${endMs} - max(${instances.startedAtMs}, ${fromMs}))`;
    return sql`coalesce(sum(${instances.usdPerHour} * ${ms}), 0) / ${HOUR_MS}`;
  };
  return connect(db)
    .select({ fleet: instances.fleet, todayUsd: since(dayAtMs), last7DaysUsd: since(weekAtMs), totalUsd: since(0) })
    .from(instances)
    .groupBy(instances.fleet)
    .orderBy(instances.fleet);
}
