// What a month of the keeper costs, from counts of one hour. Prices: Cloudflare's of November 2026 (platform reference §2).

import { idlePauseMs } from "../src/durable/sweep-rhythm.ts";

export interface HourCounts {
  /** Ticks of cron; one serves all fleets of a deployment. */
  readonly ticks: number;
  readonly fleetRequests: number;
  readonly accountRequests: number;
  readonly pollerCalls: number;
  /** Requests that objects wait for, the list's pages not among them. */
  readonly objectFetches: number;
  /** Boxes in the list, deployment by deployment. */
  readonly boxes: readonly number[];
  readonly d1Rows: number;
  readonly objectRows: number;
  /** Rows read. */
  readonly d1Read: number;
  readonly objectsRead: number;
  /** Of the objects' rows, those of the account's. */
  readonly accountRows: number;
  readonly accountRead: number;
}

export interface MonthlyCost {
  readonly requestsUsd: number;
  readonly cpuUsd: number;
  readonly secondsUsd: number;
  readonly rowsUsd: number;
  /** With the plan's $5 and what it includes taken off. */
  readonly totalUsd: number;
  /** Share of the free plan's daily allowance, the largest of requests, object seconds, rows written and rows read. */
  readonly freePlanShare: number;
}

const HOURS_PER_DAY = 24;
const DAYS = 30;
const PLAN_USD = 5;
/** An object is billed while it waits for an answer; a page of the market's list takes this long (Vast API reference §8). */
const FETCH_SECONDS = 1;
const BOXES_PER_PAGE = 25;
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
  rowsRead: { included: 25_000 * MILLION, perMillion: 0.001 },
} as const;
const FREE_PER_DAY = { requests: 100_000, gbSeconds: 13_000, rowsWritten: 100_000, rowsRead: 5 * MILLION } as const;

export function monthlyCost(hour: HourCounts): MonthlyCost {
  const hours = HOURS_PER_DAY * DAYS;
  const objectRequests = hour.fleetRequests + hour.accountRequests;
  const waitSeconds =
    hour.objectFetches * FETCH_SECONDS + hour.boxes.reduce((sum, boxes) => sum + listSeconds(boxes), 0);
  const gbSeconds = (waitSeconds + objectRequests * REQUEST_SECONDS) * OBJECT_GB;
  const cpuMs = hour.pollerCalls * POLLER_CPU_MS + hour.ticks * TICK_CPU_MS;
  const requestsUsd =
    priced(hour.ticks * hours, PRICES.workerRequests) + priced(objectRequests * hours, PRICES.objectRequests);
  const cpuUsd = priced(cpuMs * hours, PRICES.cpuMs);
  const secondsUsd = priced(gbSeconds * hours, PRICES.gbSeconds);
  // Two products with an allowance each.
  const rowsUsd =
    priced(hour.d1Rows * hours, PRICES.rowsWritten) +
    priced(hour.objectRows * hours, PRICES.rowsWritten) +
    priced(hour.d1Read * hours, PRICES.rowsRead) +
    priced(hour.objectsRead * hours, PRICES.rowsRead);
  const perDay = [
    [objectRequests, FREE_PER_DAY.requests],
    [gbSeconds, FREE_PER_DAY.gbSeconds],
    [hour.d1Rows, FREE_PER_DAY.rowsWritten],
    [hour.objectRows, FREE_PER_DAY.rowsWritten],
    [hour.d1Read, FREE_PER_DAY.rowsRead],
    [hour.objectsRead, FREE_PER_DAY.rowsRead],
  ] as const;
  return {
    requestsUsd,
    cpuUsd,
    secondsUsd,
    rowsUsd,
    totalUsd: PLAN_USD + requestsUsd + cpuUsd + secondsUsd + rowsUsd,
    freePlanShare: Math.max(...perDay.map(([count, allowed]) => (count * HOURS_PER_DAY) / allowed)),
  };
}

/** What an hour of sweeps of so many boxes takes while all is quiet; for a long list no CHECK waits (decision 0065). */
function listSeconds(boxes: number): number {
  const sweepSeconds = Math.ceil(boxes / BOXES_PER_PAGE) * FETCH_SECONDS;
  return (3600 / (idlePauseMs(sweepSeconds * 1000) / 1000 + sweepSeconds)) * sweepSeconds;
}

/** So many of the same under one bill: a fleet's counts times their number, cron's and the account's once per deployment. */
export function times(hour: HourCounts, fleets: number, deployments: number): HourCounts {
  return {
    ticks: hour.ticks * deployments,
    fleetRequests: hour.fleetRequests * fleets,
    accountRequests: hour.accountRequests * deployments,
    pollerCalls: hour.pollerCalls * fleets,
    // The account's, like the list: fleets of a deployment share its readings of the account and of the Hub.
    objectFetches: hour.objectFetches * deployments,
    boxes: Array.from({ length: deployments }, () => (hour.boxes[0] ?? 0) * (fleets / deployments)),
    d1Rows: hour.d1Rows * fleets,
    objectRows: (hour.objectRows - hour.accountRows) * fleets + hour.accountRows * deployments,
    d1Read: hour.d1Read * fleets,
    // What it reads grows with the boxes in its list, like its pages.
    objectsRead: hour.objectsRead * fleets,
    accountRows: hour.accountRows * deployments,
    accountRead: hour.accountRead * deployments,
  };
}

function priced(count: number, { included, perMillion }: { included: number; perMillion: number }): number {
  return (Math.max(0, count - included) / MILLION) * perMillion;
}
