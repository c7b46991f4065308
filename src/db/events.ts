// Queries on `events`: what happened.

import { and, desc, eq, gte } from "drizzle-orm";
import type { FleetEvent } from "../fleet/event.ts";
import { events } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface EventsQuery {
  /** Left out: of all fleets. */
  readonly fleet?: string;
  /** Events at this instant are included. */
  readonly sinceMs: number;
  readonly limit: number;
}

/** An event that is there already stays as it is. */
export function eventsInsert(connection: Connection, rows: readonly FleetEvent[]): Statement[] {
  return groupsOf(events, rows).map((group) => connection.insert(events).values(group).onConflictDoNothing());
}

/** Newest first. */
export async function eventsList(db: D1Database, { fleet, sinceMs, limit }: EventsQuery): Promise<FleetEvent[]> {
  return connect(db)
    .select()
    .from(events)
    .where(and(gte(events.atMs, sinceMs), fleet === undefined ? undefined : eq(events.fleet, fleet)))
    .orderBy(desc(events.atMs), desc(events.id))
    .limit(limit);
}
