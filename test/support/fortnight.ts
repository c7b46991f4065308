// A history that is worth reading: what ranks offers looks at every hour of every worker of the last fortnight.

import { env } from "cloudflare:workers";

export const FORTNIGHT_HOURS = 14 * 24;

/** What so many boxes gave in each hour of the fortnight before this instant, with the weights of the default preset. */
export async function aFortnight(workers: number, nowMs: number): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE hours (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM hours WHERE n < ?1),
      boxes (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM boxes WHERE id < ?2)
    INSERT INTO throughput (hour_at_ms, fleet, instance_id, machine_id, gpu, weights_name, samples,
      games_per_second_sum, usd_per_hour, games)
    SELECT ?3 - n * 3600000, 'zeb', id, 900000 + id, 'RTX 3060', 'zeb-557k-1m', 24, 60, 0.07, 9000 FROM hours, boxes`,
  )
    .bind(FORTNIGHT_HOURS, workers, nowMs)
    .run();
}
