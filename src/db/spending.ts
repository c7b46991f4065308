// What the fleets have spent, from the ledger in `instances`: price × time of every instance, of one that lives until now.
// Only the days that are asked for are read; what was spent before them stands summed in `spending_before`.

import { and, gt, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { instances, spendingBefore } from "./schema.ts";
import { connect } from "./statements.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Rows of the ledger may reach D1 so late, after an outage of it: days younger than this are summed anew each time. */
const SETTLED_AFTER_MS = 2 * DAY_MS;

export interface FleetSpending {
  readonly fleet: string;
  readonly todayUsd: number;
  readonly last7DaysUsd: number;
  readonly totalUsd: number;
}

export interface SpendingQuery {
  readonly nowMs: number;
  /** Midnight UTC of today. */
  readonly dayAtMs: number;
  readonly weekAtMs: number;
}

export interface DaySpending {
  readonly fleet: string;
  /** Midnight UTC at which the day begins. */
  readonly dayAtMs: number;
  readonly usd: number;
}

/** How long each instance was paid for within a window, in ms. */
function paidMs(from: SQL | number, to: SQL | number): SQL {
  const { startedAtMs, endedAtMs } = instances;
  return sql`max(0, min(coalesce(${endedAtMs}, ${to}), ${to}) - max(${startedAtMs}, ${from}))`;
}

function usdWithin(from: SQL | number, to: SQL | number): SQL<number> {
  return sql`coalesce(sum(${instances.usdPerHour} * ${paidMs(from, to)}), 0) / ${HOUR_MS}`;
}

/** Instances that were paid for at some time of the window: two ranges of the index by end. */
function touches(from: SQL | number, to: SQL | number): SQL | undefined {
  return and(lt(instances.startedAtMs, to), or(isNull(instances.endedAtMs), gt(instances.endedAtMs, from)));
}

/** Grouped by the bare column, SQLite would walk the whole ledger by its index on the fleet. */
const byFleet: SQL = sql`+${instances.fleet}`;

const settledUntil: SQL = sql`(select coalesce(max(${spendingBefore.untilMs}), 0) from ${spendingBefore})`;

/** Every fleet that ever had an instance, deleted ones too, by name. An instance without a known price counts nothing. */
export async function spendingByFleet(
  db: D1Database,
  { nowMs, dayAtMs, weekAtMs }: SpendingQuery,
): Promise<FleetSpending[]> {
  const connection = connect(db);
  const [before, since] = await connection.batch([
    connection.select().from(spendingBefore),
    connection
      .select({
        fleet: instances.fleet,
        // In a batch D1 tells columns apart by their names.
        todayUsd: usdWithin(dayAtMs, nowMs).as("today_usd"),
        last7DaysUsd: usdWithin(weekAtMs, nowMs).as("week_usd"),
        unsettledUsd: usdWithin(settledUntil, nowMs).as("unsettled_usd"),
      })
      .from(instances)
      .where(touches(sql`min(${weekAtMs}, ${settledUntil})`, Number.MAX_SAFE_INTEGER))
      .groupBy(byFleet),
  ]);
  const settled = new Map(before.map(({ fleet, usd }) => [fleet, usd]));
  const recent = new Map(since.map((row) => [row.fleet, row]));
  return [...new Set([...settled.keys(), ...recent.keys()])].toSorted().map((fleet) => {
    const { todayUsd = 0, last7DaysUsd = 0, unsettledUsd = 0 } = recent.get(fleet) ?? {};
    return { fleet, todayUsd, last7DaysUsd, totalUsd: (settled.get(fleet) ?? 0) + unsettledUsd };
  });
}

/** What each fleet spent on each day of the window, which begins with a day; a day without an instance has no row. */
export async function spendingByDay(
  db: D1Database,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<DaySpending[]> {
  const { fleet, startedAtMs, endedAtMs } = instances;
  const begin = sql`days.begin_ms`;
  const end = sql`min(days.begin_ms + ${DAY_MS}, ${toMs})`;
  return connect(db).all<DaySpending>(sql`
    with recursive days(begin_ms) as (
      select ${fromMs} union all select begin_ms + ${DAY_MS} from days where begin_ms + ${DAY_MS} < ${toMs}
    )
    select ${fleet} as fleet, cast(days.begin_ms as integer) as dayAtMs, ${usdWithin(begin, end)} as usd
    from ${instances} cross join days
    where ${touches(fromMs, toMs)} and ${startedAtMs} < ${end} and coalesce(${endedAtMs}, ${toMs}) > ${begin}
    group by ${byFleet}, days.begin_ms
    order by days.begin_ms, ${fleet}`);
}

/**
 * Takes the days that have settled since the last time into `spending_before`. Run twice, the second time changes nothing;
 * missed, the next time takes more days.
 */
export async function spendingSettle(db: D1Database, nowMs: number): Promise<void> {
  const connection = connect(db);
  const untilMs = Math.floor((nowMs - SETTLED_AFTER_MS) / DAY_MS) * DAY_MS;
  const settled = connection
    .select({
      fleet: instances.fleet,
      untilMs: sql<number>`${untilMs}`.as("until_ms"),
      usd: usdWithin(settledUntil, untilMs).as("usd"),
    })
    .from(instances)
    .where(touches(settledUntil, untilMs))
    .groupBy(byFleet);
  await connection.batch([
    connection
      .insert(spendingBefore)
      .select(settled)
      .onConflictDoUpdate({
        target: spendingBefore.fleet,
        set: { usd: sql`${spendingBefore.usd} + excluded.usd`, untilMs },
        setWhere: lt(spendingBefore.untilMs, untilMs),
      }),
    connection.update(spendingBefore).set({ untilMs }).where(lt(spendingBefore.untilMs, untilMs)),
  ]);
}
