// Takes a fleet's outbox into D1: all rows in one batch, all or none. Every row may be delivered twice (the answer to a
// batch may be lost) and is stored once.

import type { CheckSummary, FleetEvent, HourlyThroughput, LastLog, LedgerEntry } from "../fleet/event.ts";
import { checksInsert } from "./checks.ts";
import { eventsInsert } from "./events.ts";
import { type FleetCopy, fleetsMarkRemoved, type FleetRemoved, fleetsUpsert } from "./fleets.ts";
import { instancesUpsert } from "./instances.ts";
import { lastLogsUpsert } from "./last-logs.ts";
import { connect, runTogether } from "./statements.ts";
import { type StrikeRefund, strikeRefundsInsert, type StrikeRow, strikesInsert } from "./strikes.ts";
import { throughputUpsert } from "./throughput.ts";

interface RowByKind {
  readonly event: FleetEvent;
  readonly check: CheckSummary;
  readonly ledger: LedgerEntry;
  readonly strike: StrikeRow;
  readonly refund: StrikeRefund;
  readonly throughput: HourlyThroughput;
  readonly "last-log": LastLog;
  readonly fleet: FleetCopy;
  readonly "fleet-removed": FleetRemoved;
}

type Entry<Kind extends keyof RowByKind> = { readonly kind: Kind; readonly row: RowByKind[Kind] };
export type OutboxRow = { [Kind in keyof RowByKind]: Entry<Kind> }[keyof RowByKind];

/**
 * The most rows that one call should carry, so that a backlog after an outage of D1 stays inside the 50 queries that the
 * free plan allows an invocation: the widest table takes 7 rows a statement.
 */
export const OUTBOX_ROWS_MAX = 200;

/** Rows of one table keep their order. No rows: nothing is sent. Rejects when D1 does not take them; none is stored then. */
export async function writeOutbox(db: D1Database, rows: readonly OutboxRow[]): Promise<void> {
  const connection = connect(db);
  await runTogether(connection, [
    ...eventsInsert(connection, rowsOf(rows, "event")),
    ...checksInsert(connection, rowsOf(rows, "check")),
    ...instancesUpsert(connection, rowsOf(rows, "ledger")),
    ...strikesInsert(connection, rowsOf(rows, "strike")),
    ...strikeRefundsInsert(connection, rowsOf(rows, "refund")),
    ...throughputUpsert(connection, rowsOf(rows, "throughput")),
    ...lastLogsUpsert(connection, rowsOf(rows, "last-log")),
    ...fleetsUpsert(connection, rowsOf(rows, "fleet")),
    ...rowsOf(rows, "fleet-removed").map((row) => fleetsMarkRemoved(connection, row)),
  ]);
}

function rowsOf<Kind extends keyof RowByKind>(rows: readonly OutboxRow[], kind: Kind): RowByKind[Kind][] {
  return rows.flatMap((entry) => (isOf(entry, kind) ? [entry.row] : []));
}

function isOf<Kind extends keyof RowByKind>(entry: OutboxRow, kind: Kind): entry is OutboxRow & Entry<Kind> {
  return entry.kind === kind;
}
