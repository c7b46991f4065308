// Queries on `throughput`: what each instance gave in each hour, and the rates that follow.

import { and, eq, gt, gte, isNotNull, lt, type SQL, sql, sum } from "drizzle-orm";
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

/** The rates seen with these weights, every measured report weighing the same, in one round trip. */
export async function throughputByMachine(db: D1Database, query: RatesQuery): Promise<ObservedRates> {
  const connection = connect(db);
  const rate: SQL<number> = sql`${sum(throughput.gamesPerSecondSum)} / ${sum(throughput.samples)}`;
  const isMeasured = and(
    eq(throughput.weightsName, query.weightsName),
    gte(throughput.hourAtMs, query.sinceMs),
    gt(throughput.samples, 0),
  );
  const [machines, gpus] = await connection.batch([
    connection
      .select({ machineId: throughput.machineId, rate })
      .from(throughput)
      .where(and(isMeasured, isNotNull(throughput.machineId)))
      .groupBy(throughput.machineId),
    connection.select({ gpu: throughput.gpu, rate }).from(throughput).where(isMeasured).groupBy(throughput.gpu),
  ]);
  return {
    byMachine: Object.fromEntries(machines.map((row) => [row.machineId, row.rate])),
    byGpu: Object.fromEntries(gpus.map((row) => [row.gpu, row.rate])),
  };
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
