// Queries on `daily_reports`: the report of each day, as it was when the day ended.

import { desc, eq } from "drizzle-orm";
import { dailyReports } from "./schema.ts";
import { connect } from "./statements.ts";

export interface StoredReport {
  /** The UTC day, "2026-11-22". */
  readonly day: string;
  readonly atMs: number;
  /** As it was written, perhaps by an earlier version. */
  readonly report: object;
}

/** A report that is there already stays as it is. */
export async function dailyReportsInsert(db: D1Database, row: StoredReport): Promise<void> {
  await connect(db).insert(dailyReports).values(row).onConflictDoNothing();
}

/** `null`: none is stored for the day. */
export async function dailyReportsRead(db: D1Database, day: string): Promise<StoredReport | null> {
  const rows = await connect(db).select().from(dailyReports).where(eq(dailyReports.day, day));
  return rows[0] ?? null;
}

/** The stored days, newest first. */
export async function dailyReportsListDays(db: D1Database, limit: number): Promise<string[]> {
  const rows = await connect(db)
    .select({ day: dailyReports.day })
    .from(dailyReports)
    .orderBy(desc(dailyReports.day))
    .limit(limit);
  return rows.map(({ day }) => day);
}

/** The newest day's report; `null`: there is none. */
export async function dailyReportsReadLatest(db: D1Database): Promise<StoredReport | null> {
  const rows = await connect(db).select().from(dailyReports).orderBy(desc(dailyReports.day)).limit(1);
  return rows[0] ?? null;
}
