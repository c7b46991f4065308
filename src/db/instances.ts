// Queries on `instances`: the ledger.

import { and, desc, eq, inArray, isNotNull, isNull } from "drizzle-orm";
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
