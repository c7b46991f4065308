// Queries on `instances`: the ledger.

import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { FleetSpend } from "../fleet/daily-facts.ts";
import type { LedgerEntry } from "../fleet/event.ts";
import { isOnPage, type Page } from "./pages.ts";
import { fleets, instances } from "./schema.ts";
import { connect, type Connection, groupsOf, replacedColumns, type Statement } from "./statements.ts";

export interface InstancesQuery extends Page {
  /** Left out: of all fleets. */
  readonly fleet?: string | undefined;
  /** `true`: those that have ended, by the time of their end. Else by the time of their start: `false`, those that live. */
  readonly isEnded?: boolean | undefined;
}

/** The newer entry of an instance replaces the one before. */
export function instancesUpsert(connection: Connection, rows: readonly LedgerEntry[]): Statement[] {
  return groupsOf(instances, rows).map((group) =>
    connection
      .insert(instances)
      .values(group)
      .onConflictDoUpdate({ target: instances.instanceId, set: replacedColumns(instances) }),
  );
}

/** Newest first. Each form of the question has an index: by fleet and start, or by end. */
export async function instancesList(
  db: D1Database,
  { fleet, isEnded, ...page }: InstancesQuery,
): Promise<LedgerEntry[]> {
  const connection = connect(db);
  const everyFleet = connection.select({ name: fleets.name }).from(fleets);
  const at = isEnded === true ? instances.endedAtMs : instances.startedAtMs;
  const ofFleet = isEnded === undefined ? inArray(instances.fleet, everyFleet) : undefined;
  const byEnd = { true: isNotNull(instances.endedAtMs), false: isNull(instances.endedAtMs) };
  return connection
    .select()
    .from(instances)
    .where(
      and(
        fleet === undefined ? ofFleet : eq(instances.fleet, fleet),
        isEnded === undefined ? undefined : byEnd[`${isEnded}`],
        isOnPage(at, instances.instanceId, page),
      ),
    )
    .orderBy(desc(at), desc(instances.instanceId))
    .limit(page.limit);
}

/** `null`: no fleet ever had it. */
export async function instancesFind(db: D1Database, instanceId: number): Promise<LedgerEntry | null> {
  const rows = await connect(db).select().from(instances).where(eq(instances.instanceId, instanceId));
  return rows[0] ?? null;
}

/**
 * What each fleet's instances cost within the window: of an ended one the share of its cost, of a living one its price
 * times the time. An instance without a price is counted and not summed.
 */
export async function instancesSumSpend(
  db: D1Database,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<FleetSpend[]> {
  const { costUsd, endedAtMs, fleet, startedAtMs, usdPerHour } = instances;
  const usdPerMs = sql`case when ${costUsd} is not null and ${endedAtMs} > ${startedAtMs}
    then ${costUsd} / (${endedAtMs} - ${startedAtMs}) else ${usdPerHour} / 3600000.0 end`;
  const paidMs = sql`max(0, min(coalesce(${endedAtMs}, ${toMs}), ${toMs}) - max(${startedAtMs}, ${fromMs}))`;
  return (
    connect(db)
      .select({
        fleet,
        usd: sql<number>`coalesce(sum(${usdPerMs} * ${paidMs}), 0)`,
        unpriced: sql<number>`sum(${usdPerHour} is null)`,
      })
      .from(instances)
      .where(and(lt(startedAtMs, toMs), or(isNull(endedAtMs), gt(endedAtMs, fromMs))))
      // By the bare column SQLite would walk the whole ledger by its index on the fleet.
      .groupBy(sql`+${fleet}`)
      .orderBy(fleet)
  );
}
