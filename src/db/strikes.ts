// Queries on `strikes` and `strike_refunds`: recorded faults of hosts, and those taken back.

import { desc, eq } from "drizzle-orm";
import type { Strike } from "../fleet/memory.ts";
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
