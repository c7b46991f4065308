// Queries on `events`: what happened.

import { and, desc, eq, inArray } from "drizzle-orm";
import type { EventKind, FleetEvent } from "../fleet/event.ts";
import { isOnPage, type Page } from "./pages.ts";
import { events } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface EventsQuery extends Page {
  /** Left out: of all fleets, and those that belong to none. */
  readonly fleet?: string | undefined;
  /** Left out: of every kind. */
  readonly kinds?: readonly EventKind[] | undefined;
}

/** An event that is there already stays as it is. */
export function eventsInsert(connection: Connection, rows: readonly FleetEvent[]): Statement[] {
  return groupsOf(events, rows).map((group) => connection.insert(events).values(group).onConflictDoNothing());
}

/** Newest first. */
export async function eventsList(db: D1Database, { fleet, kinds, ...page }: EventsQuery): Promise<FleetEvent[]> {
  return connect(db)
    .select()
    .from(events)
    .where(
      and(
        isOnPage(events.atMs, events.id, page),
        fleet === undefined ? undefined : eq(events.fleet, fleet),
        kinds === undefined ? undefined : inArray(events.kind, [...kinds]),
      ),
    )
    .orderBy(desc(events.atMs), desc(events.id))
    .limit(page.limit);
}
