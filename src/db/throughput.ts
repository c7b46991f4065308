// Queries on `throughput`: what each instance gave in each hour, and the rates that follow.

import { and, eq, gt, gte, lt, sql } from "drizzle-orm";
import type { FleetGames } from "../fleet/daily-facts.ts";
import type { HourlyThroughput } from "../fleet/event.ts";
import { throughput } from "./schema.ts";
import { connect, type Connection, groupsOf, replacedColumns, type Statement } from "./statements.ts";

/** Observed games/s; a machine or GPU type without a measured report is not in it. */
export interface ObservedRates {
  readonly byMachine: Record<number, number>;
  readonly byGpu: Record<string, number>;
}

export interface RatesQuery {
  readonly weightsName: string;
  /** Hours that begin at or after this instant count. */
  readonly sinceMs: number;
}

/** The sums of an hour are replaced, never added: the outbox may deliver a row twice. */
export function throughputUpsert(connection: Connection, rows: readonly HourlyThroughput[]): Statement[] {
  return groupsOf(throughput, rows).map((group) =>
    connection
      .insert(throughput)
      .values(group)
      .onConflictDoUpdate({
        target: [throughput.hourAtMs, throughput.instanceId],
        set: replacedColumns(throughput),
      }),
  );
}

/** The rates seen with these weights, in one round trip. */
export async function throughputByMachine(db: D1Database, query: RatesQuery): Promise<ObservedRates> {
  // One pass over the rows for both groupings.
  const measured = await connect(db)
    .select({
      machineId: throughput.machineId,
      gpu: throughput.gpu,
      total: sql<number>`sum(${throughput.gamesPerSecondSum})`,
      samples: sql<number>`sum(${throughput.samples})`,
    })
    .from(throughput)
    .where(
      and(
        eq(throughput.weightsName, query.weightsName),
        gte(throughput.hourAtMs, query.sinceMs),
        gt(throughput.samples, 0),
      ),
    )
    .groupBy(throughput.machineId, throughput.gpu);
  const ofMachines = measured.flatMap((row) => (row.machineId === null ? [] : [{ ...row, key: row.machineId }]));
  return { byMachine: ratesOf(ofMachines), byGpu: ratesOf(measured.map((row) => ({ ...row, key: row.gpu }))) };
}

/** Every report weighs the same. */
function ratesOf<Key extends string | number>(
  sums: readonly { readonly key: Key; readonly total: number; readonly samples: number }[],
): Record<Key, number> {
  const byKey = new Map<Key, { total: number; samples: number }>();
  for (const { key, total, samples } of sums) {
    const known = byKey.get(key);
    byKey.set(key, { total: (known?.total ?? 0) + total, samples: (known?.samples ?? 0) + samples });
  }
  return Object.fromEntries([...byKey].map(([key, { total, samples }]) => [key, total / samples])) as Record<
    Key,
    number
  >;
}

/** Games that each fleet played in the hours that begin in the window. */
export async function throughputSumGames(
  db: D1Database,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<FleetGames[]> {
  return connect(db)
    .select({ fleet: throughput.fleet, games: sql<number>`sum(${throughput.games})` })
    .from(throughput)
    .where(and(gte(throughput.hourAtMs, fromMs), lt(throughput.hourAtMs, toMs)))
    .groupBy(throughput.fleet)
    .orderBy(throughput.fleet);
}
