// Queries on `events`: what happened.

import { and, count, desc, eq, gte, inArray, lt } from "drizzle-orm";
import type { EventKind, FleetEvent } from "../fleet/event.ts";
import { isOnPage, type Page } from "./pages.ts";
import { events } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface EventsQuery extends Page {
  /** Left out: of all fleets, and those that belong to none. */
  readonly fleet?: string | undefined;
  /** Each left out: of any. */
  readonly slot?: number | undefined;
  readonly instanceId?: number | undefined;
  readonly machineId?: number | undefined;
  /** Left out: of every kind. */
  readonly kinds?: readonly EventKind[] | undefined;
}

export interface EventCountsQuery {
  readonly kinds: readonly EventKind[];
  /** An event at this instant is included. */
  readonly sinceMs: number;
  /** An event at this instant is not. */
  readonly untilMs: number;
}

/** An event that is there already stays as it is. */
export function eventsInsert(connection: Connection, rows: readonly FleetEvent[]): Statement[] {
  return groupsOf(events, rows).map((group) => connection.insert(events).values(group).onConflictDoNothing());
}

/** Newest first. */
export async function eventsList(
  db: D1Database,
  { fleet, slot, instanceId, machineId, kinds, ...page }: EventsQuery,
): Promise<FleetEvent[]> {
  return connect(db)
    .select()
    .from(events)
    .where(
      and(
        isOnPage(events.atMs, events.id, page),
        fleet === undefined ? undefined : eq(events.fleet, fleet),
        slot === undefined ? undefined : eq(events.slot, slot),
        instanceId === undefined ? undefined : eq(events.instanceId, instanceId),
        machineId === undefined ? undefined : eq(events.machineId, machineId),
        kinds === undefined ? undefined : inArray(events.kind, [...kinds]),
      ),
    )
    .orderBy(desc(events.atMs), desc(events.id))
    .limit(page.limit);
}

/** How many events of each kind there were over all fleets; a kind without one is not in it. */
export async function eventsCountByKind(
  db: D1Database,
  { kinds, sinceMs, untilMs }: EventCountsQuery,
): Promise<Partial<Record<EventKind, number>>> {
  const rows = await connect(db)
    .select({ kind: events.kind, events: count() })
    .from(events)
    .where(and(gte(events.atMs, sinceMs), lt(events.atMs, untilMs), inArray(events.kind, [...kinds])))
    .groupBy(events.kind);
  return Object.fromEntries(rows.map((row) => [row.kind, row.events]));
}
