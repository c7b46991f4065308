// How rows become statements that D1 takes: a connection, rows cut into statements, and "replace with the new row".

import { getTableColumns, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";

/** A statement with more bound parameters is refused (platform reference §1: 101 fail). */
const PARAMETERS_MAX = 100;

export type Connection = DrizzleD1Database<Record<string, never>> & { readonly $client: D1Database };
export type Statement = BatchItem<"sqlite">;

export function connect(db: D1Database): Connection {
  return drizzle(db);
}

/** The rows in groups that one INSERT of this table can carry, in their order. No rows: no group. */
export function groupsOf<Row>(table: SQLiteTable, rows: readonly Row[]): Row[][] {
  const size = Math.floor(PARAMETERS_MAX / Object.keys(getTableColumns(table)).length);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, group) =>
    rows.slice(group * size, (group + 1) * size),
  );
}

/** For ON CONFLICT DO UPDATE: every column beside the key takes the value of the row that was to be inserted. */
export function replacedColumns(table: SQLiteTable): Record<string, SQL> {
  const columns = Object.entries(getTableColumns(table)).filter(([, column]) => !column.primary);
  return Object.fromEntries(columns.map(([field, column]) => [field, sql`excluded.${sql.identifier(column.name)}`]));
}

/** Sends the statements in one round trip, all or none. None: nothing is sent. */
export async function runTogether(connection: Connection, statements: readonly Statement[]): Promise<void> {
  const [first, ...rest] = statements;
  if (first !== undefined) await connection.batch([first, ...rest]);
}
