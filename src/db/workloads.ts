// Queries on `workloads`: the records that people put. The built-in ones are code and have no row.

import { asc, eq } from "drizzle-orm";
import { type Workload, workloadSchema } from "../fleet/workload.ts";
import { workloads } from "./schema.ts";
import { connect } from "./statements.ts";

export interface StoredWorkload {
  readonly workload: Workload;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** A row that an earlier version wrote gets the defaults of new fields; one that is no workload any more rejects. */
function readRow({ name, record, updatedAtMs, updatedBy }: typeof workloads.$inferSelect): StoredWorkload {
  const parsed = workloadSchema.safeParse(record);
  if (!parsed.success) throw new Error(`the stored workload ${name} is not valid: ${parsed.error.message}`);
  return { workload: parsed.data, updatedAtMs, updatedBy };
}

/** `null`: nobody has put a workload of this name. */
export async function workloadsRead(db: D1Database, name: string): Promise<StoredWorkload | null> {
  const rows = await connect(db).select().from(workloads).where(eq(workloads.name, name));
  return rows[0] === undefined ? null : readRow(rows[0]);
}

/** In order of name. */
export async function workloadsList(db: D1Database): Promise<StoredWorkload[]> {
  return (await connect(db).select().from(workloads).orderBy(asc(workloads.name))).map(readRow);
}

export async function workloadsListNames(db: D1Database): Promise<string[]> {
  const rows = await connect(db).select({ name: workloads.name }).from(workloads).orderBy(asc(workloads.name));
  return rows.map(({ name }) => name);
}

/** Puts a record in the place of the one of its name. */
export async function workloadsUpsert(db: D1Database, { workload, ...stamp }: StoredWorkload): Promise<void> {
  const row = { name: workload.name, record: workload, ...stamp };
  await connect(db).insert(workloads).values(row).onConflictDoUpdate({ target: workloads.name, set: row });
}

/** False where there was none. */
export async function workloadsRemove(db: D1Database, name: string): Promise<boolean> {
  const removed = await connect(db)
    .delete(workloads)
    .where(eq(workloads.name, name))
    .returning({ name: workloads.name });
  return removed.length > 0;
}
