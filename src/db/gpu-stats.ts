// What GPU types and machines gave and cost, from `throughput`.

import { and, eq, gt, gte, isNotNull, max, min, sql, sum } from "drizzle-orm";
import type { RateGroup } from "../fleet/gpu-stats.ts";
import { throughput } from "./schema.ts";
import { connect } from "./statements.ts";

export interface RateGroupsQuery {
  /** Hours that begin at or after this instant count. */
  readonly sinceMs: number;
  /** Left out: all, each by itself: rates of different weights cannot be compared. */
  readonly weightsName?: string | undefined;
  /** `machine`: machines nobody could name are left out. */
  readonly by: "gpu" | "machine";
}

/** Every measured report weighs the same, in the rate and in the price. */
export async function throughputGroups(
  db: D1Database,
  { sinceMs, weightsName, by }: RateGroupsQuery,
): Promise<RateGroup[]> {
  const { samples, gamesPerSecondSum, gamesPerSecondMin, gamesPerSecondMax, gpu, machineId } = throughput;
  // Rows from before the extremes were kept have their mean; a price of 0 is one that nobody knew.
  const mean = sql`${gamesPerSecondSum} / ${samples}`;
  const price = sql`nullif(${throughput.usdPerHour}, 0)`;
  const pricedSamples = sql`case when ${throughput.usdPerHour} > 0 then ${samples} end`;
  return connect(db)
    .select({
      weightsName: throughput.weightsName,
      gpu,
      machineId: by === "machine" ? sql<number | null>`${machineId}` : sql<number | null>`null`,
      samples: sql<number>`${sum(samples)}`,
      games: sql<number>`${sum(throughput.games)}`,
      instances: sql<number>`count(distinct ${throughput.instanceId})`,
      gamesPerSecond: sql<number>`${sum(gamesPerSecondSum)} / ${sum(samples)}`,
      gamesPerSecondMin: sql<number>`${min(sql`coalesce(${gamesPerSecondMin}, ${mean})`)}`,
      gamesPerSecondMax: sql<number>`${max(sql`coalesce(${gamesPerSecondMax}, ${mean})`)}`,
      usdPerHour: sql<number | null>`sum(${price} * ${samples}) / sum(${pricedSamples})`,
      usdPerHourMin: sql<number | null>`${min(price)}`,
      usdPerHourMax: sql<number | null>`${max(price)}`,
    })
    .from(throughput)
    .where(
      and(
        weightsName === undefined ? undefined : eq(throughput.weightsName, weightsName),
        gte(throughput.hourAtMs, sinceMs),
        gt(samples, 0),
        by === "machine" ? isNotNull(machineId) : undefined,
      ),
    )
    .groupBy(throughput.weightsName, gpu, ...(by === "machine" ? [machineId] : []));
}
