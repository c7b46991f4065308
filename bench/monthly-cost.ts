// What a month of the keeper costs, from counts of one hour. Prices: Cloudflare's of November 2026 (platform reference §2).

export interface HourCounts {
  /** Ticks of cron; one serves all fleets of a deployment. */
  readonly ticks: number;
  readonly objectRequests: number;
  readonly pollerCalls: number;
  readonly objectFetches: number;
  readonly rowsWritten: number;
}

export interface MonthlyCost {
  readonly requestsUsd: number;
  readonly cpuUsd: number;
  readonly secondsUsd: number;
  readonly rowsUsd: number;
  /** With the plan's $5 and what it includes taken off. */
  readonly totalUsd: number;
  /** Share of the free plan's daily allowance, the largest of requests, object seconds and rows. */
  readonly freePlanShare: number;
}

const HOURS_PER_DAY = 24;
const DAYS = 30;
const PLAN_USD = 5;
/** An object is billed while it waits for an answer; the market's and the Hub's take this long (fleet behaviour §4: 0.3 to 1 s). */
const FETCH_SECONDS = 0.7;
/** The work of one request to an object, besides what it waits for: a CHECK of 100 workers takes 32 ms, a report a few. */
const REQUEST_SECONDS = 0.02;
/** Flat: 128 MB are billed for whatever is used. */
const OBJECT_GB = 0.125;
/** One batch of five logs, measured in workerd (platform reference §2). */
const POLLER_CPU_MS = 8;
const TICK_CPU_MS = 5;

const MILLION = 1_000_000;
const PRICES = {
  workerRequests: { included: 10 * MILLION, perMillion: 0.3 },
  cpuMs: { included: 30 * MILLION, perMillion: 0.02 },
  objectRequests: { included: MILLION, perMillion: 0.15 },
  gbSeconds: { included: 400_000, perMillion: 12.5 },
  rowsWritten: { included: 50 * MILLION, perMillion: 1 },
} as const;
const FREE_PER_DAY = { requests: 100_000, gbSeconds: 13_000, rowsWritten: 100_000 } as const;

export function monthlyCost(hour: HourCounts): MonthlyCost {
  const hours = HOURS_PER_DAY * DAYS;
  const gbSeconds = (hour.objectFetches * FETCH_SECONDS + hour.objectRequests * REQUEST_SECONDS) * OBJECT_GB;
  const cpuMs = hour.pollerCalls * POLLER_CPU_MS + hour.ticks * TICK_CPU_MS;
  const requestsUsd =
    priced(hour.ticks * hours, PRICES.workerRequests) + priced(hour.objectRequests * hours, PRICES.objectRequests);
  const cpuUsd = priced(cpuMs * hours, PRICES.cpuMs);
  const secondsUsd = priced(gbSeconds * hours, PRICES.gbSeconds);
  const rowsUsd = priced(hour.rowsWritten * hours, PRICES.rowsWritten);
  return {
    requestsUsd,
    cpuUsd,
    secondsUsd,
    rowsUsd,
    totalUsd: PLAN_USD + requestsUsd + cpuUsd + secondsUsd + rowsUsd,
    freePlanShare: Math.max(
      (hour.objectRequests * HOURS_PER_DAY) / FREE_PER_DAY.requests,
      (gbSeconds * HOURS_PER_DAY) / FREE_PER_DAY.gbSeconds,
      (hour.rowsWritten * HOURS_PER_DAY) / FREE_PER_DAY.rowsWritten,
    ),
  };
}

/** So many of the same under one bill: a fleet's counts times their number; cron's ticks once per deployment. */
export function times(hour: HourCounts, fleets: number, deployments: number): HourCounts {
  return {
    ticks: hour.ticks * deployments,
    objectRequests: hour.objectRequests * fleets,
    pollerCalls: hour.pollerCalls * fleets,
    objectFetches: hour.objectFetches * fleets,
    rowsWritten: hour.rowsWritten * fleets,
  };
}

function priced(count: number, { included, perMillion }: { included: number; perMillion: number }): number {
  return (Math.max(0, count - included) / MILLION) * perMillion;
}
