// Queries on `last_logs`: the last lines of boxes that are gone.

import { eq } from "drizzle-orm";
import type { LastLog } from "../fleet/event.ts";
import { lastLogs } from "./schema.ts";
import { connect, type Connection, groupsOf, replacedColumns, type Statement } from "./statements.ts";

/** The newer row of an instance replaces the one before: a box that came back goes twice. */
export function lastLogsUpsert(connection: Connection, rows: readonly LastLog[]): Statement[] {
  return groupsOf(lastLogs, rows).map((group) =>
    connection
      .insert(lastLogs)
      .values(group)
      .onConflictDoUpdate({ target: lastLogs.instanceId, set: replacedColumns(lastLogs) }),
  );
}

/** `null`: nothing was kept of this instance. */
export async function lastLogsFind(db: D1Database, instanceId: number): Promise<LastLog | null> {
  const [row] = await connect(db).select().from(lastLogs).where(eq(lastLogs.instanceId, instanceId));
  return row ?? null;
}
