// Queries on `checks`: every CHECK in numbers.

import { and, desc, eq, gte } from "drizzle-orm";
import type { CheckSummary } from "../fleet/event.ts";
import { checks } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface ChecksQuery {
  readonly fleet: string;
  /** A CHECK at this instant is included. */
  readonly sinceMs: number;
  readonly limit: number;
}

/** A CHECK that is there already stays as it is. */
export function checksInsert(connection: Connection, rows: readonly CheckSummary[]): Statement[] {
  return groupsOf(checks, rows).map((group) => connection.insert(checks).values(group).onConflictDoNothing());
}

/** The CHECKs of one fleet, newest first. */
export async function checksList(db: D1Database, { fleet, sinceMs, limit }: ChecksQuery): Promise<CheckSummary[]> {
  return connect(db)
    .select()
    .from(checks)
    .where(and(eq(checks.fleet, fleet), gte(checks.atMs, sinceMs)))
    .orderBy(desc(checks.atMs))
    .limit(limit);
}
