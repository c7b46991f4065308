// Queries on `fleets`: the copy that lists are made from.

import { and, asc, eq, isNull, lte, max, sql } from "drizzle-orm";
import type { FleetMode, FleetState, Totals } from "../fleet/plan.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import { fleets } from "./schema.ts";
import { connect, type Connection, groupsOf, replacedColumns, type Statement } from "./statements.ts";

/** A fleet as its object publishes it after a change or a CHECK. */
export interface FleetCopy {
  readonly name: string;
  readonly mode: FleetMode;
  readonly state: FleetState;
  readonly spec: FleetSpec;
  readonly target: number;
  readonly specVersion: number;
  readonly totals: Totals;
  readonly lastCheckAtMs: number | null;
  readonly updatedAtMs: number;
}

export interface FleetRemoved {
  readonly name: string;
  readonly atMs: number;
}

/** What the upload interval needs to know of a fleet that may be producing. */
export interface ActiveFleet {
  readonly name: string;
  readonly target: number;
  readonly examplesRepo: string;
}

/** A copy replaces an older one; a copy as old as a removal does not bring the fleet back. */
export function fleetsUpsert(connection: Connection, rows: readonly FleetCopy[]): Statement[] {
  const isNewer = sql`excluded.updated_at_ms > ${fleets.updatedAtMs}
    or (excluded.updated_at_ms = ${fleets.updatedAtMs} and ${fleets.deletedAtMs} is null)`;
  return groupsOf(fleets, rows).map((group) =>
    connection
      .insert(fleets)
      .values(group.map((row) => ({ ...row, deletedAtMs: null })))
      .onConflictDoUpdate({ target: fleets.name, set: replacedColumns(fleets), setWhere: isNewer }),
  );
}

/** A removal that arrives after a younger fleet of the same name changes nothing. */
export function fleetsMarkRemoved(connection: Connection, { name, atMs }: FleetRemoved): Statement {
  return connection
    .update(fleets)
    .set({ deletedAtMs: atMs, updatedAtMs: atMs })
    .where(and(eq(fleets.name, name), lte(fleets.updatedAtMs, atMs)));
}

/** Names of the fleets that exist, in any mode, in order. */
export async function fleetsListNames(db: D1Database): Promise<string[]> {
  const rows = await connect(db)
    .select({ name: fleets.name })
    .from(fleets)
    .where(isNull(fleets.deletedAtMs))
    .orderBy(asc(fleets.name));
  return rows.map(({ name }) => name);
}

/** The fleets in mode `active`, in order of name. */
export async function fleetsListActive(db: D1Database): Promise<ActiveFleet[]> {
  const rows = await connect(db)
    .select({ name: fleets.name, target: fleets.target, spec: fleets.spec })
    .from(fleets)
    .where(and(isNull(fleets.deletedAtMs), eq(fleets.mode, "active")))
    .orderBy(asc(fleets.name));
  return rows.map(({ name, target, spec }) => ({ name, target, examplesRepo: spec.examplesRepo }));
}

/** When a CHECK of any fleet was last published; `null`: never. */
export async function fleetsReadLastCheckAtMs(db: D1Database): Promise<number | null> {
  const rows = await connect(db)
    .select({ atMs: max(fleets.lastCheckAtMs) })
    .from(fleets)
    .where(isNull(fleets.deletedAtMs));
  return rows[0]?.atMs ?? null;
}
