// Queries on `strikes` and `strike_refunds`: recorded faults of hosts, and those taken back.

import { desc, eq, sql } from "drizzle-orm";
import type { ImportedStrike } from "../fleet/bad-hosts.ts";
import type { FleetEvent } from "../fleet/event.ts";
import type { Strike } from "../fleet/memory.ts";
import { eventsInsert } from "./events.ts";
import { strikeRefunds, strikes } from "./schema.ts";
import { connect, type Connection, groupsOf, type Statement } from "./statements.ts";

export interface StrikeRow extends Strike {
  /** `null`, like the instance: taken over from an old list of bad hosts. */
  readonly fleet: string | null;
  readonly instanceId: number | null;
  /** The first instant at which it no longer counts. */
  readonly expiresAtMs: number;
}

export interface StrikeRefund {
  readonly strikeId: string;
  readonly atMs: number;
  readonly reason: string;
}

export interface StrikeRecord extends StrikeRow {
  /** `null`: it has not been taken back. */
  readonly refundedAtMs: number | null;
  readonly refundReason: string | null;
}

/** A strike that is there already stays as it is: one instance strikes its host once. */
export function strikesInsert(connection: Connection, rows: readonly StrikeRow[]): Statement[] {
  return groupsOf(strikes, rows).map((group) => connection.insert(strikes).values(group).onConflictDoNothing());
}

/** A strike is taken back once; the first reason stays. */
export function strikeRefundsInsert(connection: Connection, rows: readonly StrikeRefund[]): Statement[] {
  return groupsOf(strikeRefunds, rows).map((group) =>
    connection.insert(strikeRefunds).values(group).onConflictDoNothing(),
  );
}

/** Every strike of one machine, expired and refunded ones too, newest first. */
export async function strikesListByMachine(db: D1Database, machineId: number): Promise<StrikeRecord[]> {
  const rows = await connect(db)
    .select({ strike: strikes, refundedAtMs: strikeRefunds.atMs, refundReason: strikeRefunds.reason })
    .from(strikes)
    .leftJoin(strikeRefunds, eq(strikeRefunds.strikeId, strikes.id))
    .where(eq(strikes.machineId, machineId))
    .orderBy(desc(strikes.atMs), desc(strikes.id));
  return rows.map(({ strike, ...refund }) => ({ ...strike, ...refund }));
}

export interface StrikeImport {
  readonly strikes: readonly ImportedStrike[];
  readonly atMs: number;
  readonly expiresAtMs: number;
  readonly reason: string;
}

/**
 * Takes over strikes of an old list, all or none and with the event; those that are there already stay as they are,
 * expired and refunded ones too. Answers how many are new. One statement and one parameter, however long the list is.
 */
export async function strikesImport(db: D1Database, list: StrikeImport, event: FleetEvent): Promise<number> {
  const connection = connect(db);
  const rows = JSON.stringify(list.strikes.map(({ id, machineId }) => [id, machineId]));
  // "where true" parts the join from the conflict clause (SQLite's grammar); the columns are those of the table, in order.
  const taken = sql`select value ->> 0, value ->> 1, null, null, ${list.atMs}, ${list.reason}, 'host', ${list.expiresAtMs}
    from json_each(${rows}) where true`;
  const [added] = await connection.batch([
    connection.insert(strikes).select(taken).onConflictDoNothing().returning({ id: strikes.id }),
    ...eventsInsert(connection, [event]),
  ]);
  return added.length;
}
