// Queries on `instances`: the ledger.

import { desc, eq } from "drizzle-orm";
import type { LedgerEntry } from "../fleet/event.ts";
import { instances } from "./schema.ts";
import { connect, type Connection, groupsOf, replacedColumns, type Statement } from "./statements.ts";

/** The newer entry of an instance replaces the one before. */
export function instancesUpsert(connection: Connection, rows: readonly LedgerEntry[]): Statement[] {
  return groupsOf(instances, rows).map((group) =>
    connection
      .insert(instances)
      .values(group)
      .onConflictDoUpdate({ target: instances.instanceId, set: replacedColumns(instances) }),
  );
}

/** The instances of one fleet, the newest start first. */
export async function instancesList(db: D1Database, query: { fleet: string; limit: number }): Promise<LedgerEntry[]> {
  return connect(db)
    .select()
    .from(instances)
    .where(eq(instances.fleet, query.fleet))
    .orderBy(desc(instances.startedAtMs), desc(instances.instanceId))
    .limit(query.limit);
}
