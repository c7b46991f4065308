// How long history is kept, and what removes it. `fleets`, `hosts` and `workloads` are state and stay; `idempotency`
// removes its own rows. The ledger (`instances`) stays for good: it is what was paid, sums over all time are made from
// it, and a row per rent is little (100 rents a day are 10 MB a year).

import { and, asc, inArray, lt, sql } from "drizzle-orm";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";
import { checks, dailyReports, events, fleets, lastLogs, strikeRefunds, strikes, throughput } from "./schema.ts";
import { connect } from "./statements.ts";

const DAY_MS = 86_400_000;

export const KEEP_DAYS = {
  /** A quarter: what happened to a fleet over a whole experiment. */
  events: 90,
  /** The bulk of the rows, up to 1,440 a day and fleet; older ones say nothing that events do not. */
  checks: 30,
  /** The largest rows. Who wonders about a lost worker does so within days. */
  lastLogs: 30,
  /** After their expiry, taken back or not: a year, so that a machine's past can be looked up when it comes back. */
  strikes: 400,
  /** More than a year, so that a season can be compared with the one before. */
  throughput: 400,
  /** As throughput, which they summarise. */
  dailyReports: 400,
} as const;

/** What one round removed at most of each table, and what it cost. */
export interface PruneRound {
  /** Rows removed; refunds go with their strikes. */
  readonly removed: Readonly<Record<keyof typeof KEEP_DAYS | "strikeRefunds", number>>;
  /** As D1 bills them. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}

/**
 * Removes up to `rowsMax` of the oldest rows of each table, in one round trip of seven statements, all or none. Each finds
 * its rows by an index over time, so that it reads what it removes and little else.
 */
export async function historyPrune(db: D1Database, nowMs: number, rowsMax: number): Promise<PruneRound> {
  const connection = connect(db);
  const before = (days: number): number => nowMs - days * DAY_MS;
  const oldest = (table: SQLiteTable, at: SQLiteColumn, limit: number | string) =>
    inArray(
      sql`rowid`,
      connection
        .select({ rowid: sql`rowid` })
        .from(table)
        .where(lt(at, limit))
        .orderBy(asc(at))
        .limit(rowsMax),
    );
  // Of every fleet that there ever was, by the key: CHECKs have no index by time alone.
  const oldChecks = connection
    .select({ rowid: sql`rowid` })
    .from(checks)
    .where(
      and(
        inArray(checks.fleet, connection.select({ name: fleets.name }).from(fleets)),
        lt(checks.atMs, before(KEEP_DAYS.checks)),
      ),
    )
    .limit(rowsMax);
  const oldStrikes = connection
    .select({ id: strikes.id })
    .from(strikes)
    .where(lt(strikes.expiresAtMs, before(KEEP_DAYS.strikes)))
    .orderBy(asc(strikes.expiresAtMs), asc(strikes.id))
    .limit(rowsMax);
  const firstDay = new Date(before(KEEP_DAYS.dailyReports)).toISOString().slice(0, 10);
  const results = await connection.batch([
    connection.delete(events).where(oldest(events, events.atMs, before(KEEP_DAYS.events))),
    connection.delete(checks).where(inArray(sql`rowid`, oldChecks)),
    connection.delete(lastLogs).where(oldest(lastLogs, lastLogs.atMs, before(KEEP_DAYS.lastLogs))),
    connection.delete(strikeRefunds).where(inArray(strikeRefunds.strikeId, oldStrikes)),
    connection.delete(strikes).where(inArray(strikes.id, oldStrikes)),
    connection.delete(throughput).where(oldest(throughput, throughput.hourAtMs, before(KEEP_DAYS.throughput))),
    connection.delete(dailyReports).where(oldest(dailyReports, dailyReports.day, firstDay)),
  ]);
  const [ofEvents, ofChecks, ofLogs, ofRefunds, ofStrikes, ofThroughput, ofReports] = results;
  return {
    removed: {
      events: ofEvents.meta.changes,
      checks: ofChecks.meta.changes,
      lastLogs: ofLogs.meta.changes,
      strikeRefunds: ofRefunds.meta.changes,
      strikes: ofStrikes.meta.changes,
      throughput: ofThroughput.meta.changes,
      dailyReports: ofReports.meta.changes,
    },
    rowsRead: results.reduce((sum, { meta }) => sum + meta.rows_read, 0),
    rowsWritten: results.reduce((sum, { meta }) => sum + meta.rows_written, 0),
  };
}
