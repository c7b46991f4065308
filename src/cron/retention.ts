// Once a day, in a quiet half hour: sums up what was spent (`src/db/spending.ts`), and removes history that is older than it is
// kept for (`src/db/retention.ts`). Each minute
// of it takes a bounded share and the first that finds nothing ends it in effect. Missed, the next minute or the next day
// removes more; run twice, the second run finds nothing. Fleets do not wait for it and do not notice it.

import { historyPrune } from "../db/retention.ts";
import { spendingSettle } from "../db/spending.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";

/** 03:17 to 03:46 UTC. */
const FIRST_MINUTE_OF_DAY = 3 * 60 + 17;
const MINUTES = 30;
/** The sums are made by the first minute; a later one makes up for it. */
const SETTLE_EVERY_MINUTES = 10;
/**
 * Rows of each table that a statement removes, and rounds of seven statements: with the sums and the tick's own query 31 of the
 * 50 queries that the free plan allows an invocation. 300,000 rows of a table in the half hour are more than the hours of
 * throughput of 10,000 workers a day.
 */
const ROWS_PER_STATEMENT = 2_500;
const ROUNDS_MAX = 4;

export async function pruneWhenDue(env: Env, scheduledAtMs: number): Promise<void> {
  const minute = (Math.floor(scheduledAtMs / 60_000) % 1440) - FIRST_MINUTE_OF_DAY;
  if (minute < 0 || minute >= MINUTES) return;
  try {
    if (minute % SETTLE_EVERY_MINUTES === 0) await spendingSettle(env.DB, scheduledAtMs);
    await prune(env.DB, scheduledAtMs);
  } catch (error) {
    logEvent({ event: "retention.done", outcome: "failed", error });
  }
}

/** Says what it removed; nothing where there was nothing. */
async function prune(db: D1Database, nowMs: number): Promise<void> {
  const removed: Record<string, number> = {};
  let [rowsRead, rowsWritten, rounds] = [0, 0, 0];
  let isMore = true;
  while (isMore && rounds < ROUNDS_MAX) {
    const round = await historyPrune(db, nowMs, ROWS_PER_STATEMENT);
    for (const [table, count] of Object.entries(round.removed)) removed[table] = (removed[table] ?? 0) + count;
    rowsRead += round.rowsRead;
    rowsWritten += round.rowsWritten;
    rounds += 1;
    isMore = Object.values(round.removed).some((count) => count >= ROWS_PER_STATEMENT);
  }
  if (Object.values(removed).every((count) => count === 0)) return;
  logEvent({ event: "retention.done", removed, rounds, rowsRead, rowsWritten, isFinished: !isMore });
}
