// A fleet over time, from its CHECKs: means over steps of equal length, so that a page draws a few hundred points whatever
// the cadence was.

import { and, asc, avg, eq, gte, inArray, isNull, lt, sql } from "drizzle-orm";
import type { FleetState } from "../fleet/plan.ts";
import { checks, fleets } from "./schema.ts";
import { connect } from "./statements.ts";

export interface SeriesQuery {
  /** Left out: of all fleets that exist. */
  readonly fleet?: string | undefined;
  readonly sinceMs: number;
  /** A CHECK at this instant is not in it. */
  readonly untilMs: number;
  readonly stepMs: number;
}

export interface SeriesRow {
  readonly fleet: string;
  /** The beginning of the step; steps are counted from 1970. */
  readonly atMs: number;
  readonly live: number;
  readonly producing: number;
  readonly gamesPerSecond: number;
  readonly usdPerHour: number;
}

export interface SeriesFleet {
  readonly name: string;
  readonly state: FleetState;
  readonly target: number;
  readonly isDeleted: boolean;
}

export interface SeriesRows {
  /** By name. */
  readonly fleets: readonly SeriesFleet[];
  /** By fleet, then oldest first; a step without a CHECK has no row. */
  readonly rows: readonly SeriesRow[];
}

/** One round trip. Of each fleet the key's range of time is read, and nothing else. */
export async function seriesOf(db: D1Database, { fleet, sinceMs, untilMs, stepMs }: SeriesQuery): Promise<SeriesRows> {
  const connection = connect(db);
  const existing = connection.select({ name: fleets.name }).from(fleets).where(isNull(fleets.deletedAtMs));
  // D1 binds numbers as reals, whose division would not be whole.
  const step = sql<number>`cast(${checks.atMs} / ${stepMs} as integer)`;
  const mean = (column: Parameters<typeof avg>[0]) => sql<number>`${avg(column)}`;
  const [known, rows] = await connection.batch([
    connection
      .select({
        name: fleets.name,
        state: fleets.state,
        target: fleets.target,
        deletedAtMs: fleets.deletedAtMs,
      })
      .from(fleets)
      .where(fleet === undefined ? isNull(fleets.deletedAtMs) : eq(fleets.name, fleet))
      .orderBy(asc(fleets.name)),
    connection
      .select({
        fleet: checks.fleet,
        step: step.as("step"),
        live: mean(checks.live),
        producing: mean(checks.producing),
        gamesPerSecond: mean(checks.gamesPerSecond),
        usdPerHour: mean(checks.usdPerHour),
      })
      .from(checks)
      .where(
        and(
          fleet === undefined ? inArray(checks.fleet, existing) : eq(checks.fleet, fleet),
          gte(checks.atMs, sinceMs),
          lt(checks.atMs, untilMs),
        ),
      )
      .groupBy(checks.fleet, sql`step`)
      .orderBy(asc(checks.fleet), sql`step`),
  ]);
  return {
    fleets: known.map(({ deletedAtMs, ...one }) => ({ ...one, isDeleted: deletedAtMs !== null })),
    rows: rows.map(({ step: index, ...row }) => ({ ...row, atMs: index * stepMs })),
  };
}
