// Pages of history: newest first, each going on where the one before it ended. A position is a time and the key of the
// row there, because rows of one instant may stand on two pages.

import { and, gte, lt, lte, type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

/** The last row of the page before. */
export interface PagePosition {
  readonly atMs: number;
  readonly key: string | number;
}

export interface Page {
  /** Rows at this instant are included. Left out: from the beginning. */
  readonly sinceMs?: number | undefined;
  /** Rows at this instant are not included. Left out: to the end. */
  readonly untilMs?: number | undefined;
  readonly before?: PagePosition | undefined;
  readonly limit: number;
}

/** Rows of the page, by their time and their key; to be ordered by both, falling. The bounds on the time use its index. */
export function isOnPage(at: SQLiteColumn, key: SQLiteColumn, { sinceMs, untilMs, before }: Page): SQL | undefined {
  return and(
    sinceMs === undefined ? undefined : gte(at, sinceMs),
    untilMs === undefined ? undefined : lt(at, untilMs),
    before === undefined
      ? undefined
      : and(lte(at, before.atMs), sql`(${at}, ${key}) < (${before.atMs}, ${before.key})`),
  );
}
