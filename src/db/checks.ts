// Queries on `checks`: every CHECK in numbers.

import { and, desc, eq, inArray } from "drizzle-orm";
import type { CheckSummary } from "../fleet/event.ts";
import { isOnPage, type Page } from "./pages.ts";
import { checks, fleets } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface ChecksQuery extends Page {
  /** Left out: of all fleets. */
  readonly fleet?: string | undefined;
}

/** A CHECK that is there already stays as it is. */
export function checksInsert(connection: Connection, rows: readonly CheckSummary[]): Statement[] {
  return groupsOf(checks, rows).map((group) => connection.insert(checks).values(group).onConflictDoNothing());
}

/** Newest first. Over all fleets the key is read once per fleet, deleted ones too, so that no index by time alone is kept. */
export async function checksList(db: D1Database, { fleet, ...page }: ChecksQuery): Promise<CheckSummary[]> {
  const connection = connect(db);
  const everyFleet = connection.select({ name: fleets.name }).from(fleets);
  return connection
    .select()
    .from(checks)
    .where(
      and(
        fleet === undefined ? inArray(checks.fleet, everyFleet) : eq(checks.fleet, fleet),
        isOnPage(checks.atMs, checks.fleet, page),
      ),
    )
    .orderBy(desc(checks.atMs), desc(checks.fleet))
    .limit(page.limit);
}
