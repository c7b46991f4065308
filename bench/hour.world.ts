// One hour of steady workers, as deployed: cron each minute, a CHECK every ten, logs every 150 s, a market that lives in real
// time. Promises (design §8): at most 420 calls of the market's API for 12 workers, logs included; the free plan holds them;
// at most $25 a month for 100 fleets of 100 workers.

import { expect, it } from "vitest";
import { cadenceDefaults, timeoutDefaults } from "../src/fleet/spec.ts";
import { fleetOf, putFleet } from "../test/support/doors.ts";
import { aFortnight, FORTNIGHT_HOURS } from "../test/support/fortnight.ts";
import { truth } from "../test/support/market.ts";
import {
  accountObject,
  beginWorld,
  fleetObject,
  inStorage,
  MINUTE,
  pass,
  passUntil,
  tickEvery,
} from "../test/support/world.ts";
import { type HourCounts, monthlyCost, times } from "./monthly-cost.ts";
import { countPlatformCalls, platformCalls } from "./platform-calls.ts";
import { printFigure } from "./print.ts";
import { countD1Rows, countObjectRows, type Rows, rows, rowsSince, tellAccountApart } from "./rows-billed.ts";

const CALLS_MAX = 420;
const ROWS_PER_DAY_MAX = 100_000;
const HOURS_PER_DAY = 24;
/** The index and the row of one worker's hour (`test/durable/shared-rates.test.ts` counts them). */
const ROWS_OF_AN_HOUR = 2;
const COST_MAX_USD = 25;
/** One account's list stops near 1,000 boxes (design §8), so 100 fleets of 100 are ten deployments of ten. */
const BIG = { workers: 100, fleets: 100, deployments: 10 } as const;

type Calls = Readonly<Record<string, number>>;

async function callsSoFar(): Promise<Calls> {
  const { calls } = await truth();
  return Object.fromEntries(Object.entries(calls).map(([route, { total }]) => [route, total]));
}

/** The market's own API: neither its log store nor the Hub counts against its limits. */
function isMarketRoute(route: string): boolean {
  return /\/api\/v[01]\//.test(route);
}

interface Hour {
  readonly calls: readonly (readonly [string, number])[];
  readonly rows: Rows;
  readonly counts: HourCounts;
}

let isCounting = false;

async function steadyHour(workers: number, ofDeployment = workers): Promise<Hour> {
  await beginWorld({
    speed: 1,
    credit: 10_000,
    hosts: { count: 2 * workers + 40, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 },
  });
  tickEvery(MINUTE);
  await putFleet("zeb", {
    target: workers,
    maxPriceUsdPerHour: 5,
    proveFirst: false,
    launchBatch: workers > 12 ? 16 : 4,
    cadenceSeconds: cadenceDefaults,
    timeoutsSeconds: timeoutDefaults,
  });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady", { limitMs: 120 * MINUTE, stepMs: MINUTE });
  await aFortnight(ofDeployment, Date.now());
  await pass(45 * MINUTE);
  if (!isCounting) {
    countD1Rows();
    await inStorage(fleetObject("zeb"), countObjectRows);
    countPlatformCalls();
    isCounting = true;
  }
  await inStorage(accountObject(), tellAccountApart);
  const before = { calls: await callsSoFar(), rows: { ...rows }, platform: { ...platformCalls } };
  await pass(60 * MINUTE);
  const after = await callsSoFar();
  const fleet = await fleetOf("zeb");
  expect([fleet.state, fleet.totals.producing]).toEqual(["steady", workers]);
  const billed = rowsSince(before.rows);
  return {
    calls: Object.entries(after)
      .map(([route, total]) => [route, total - (before.calls[route] ?? 0)] as const)
      .filter(([, count]) => count > 0)
      .toSorted(([, a], [, b]) => b - a),
    rows: billed,
    counts: {
      ticks: 60,
      fleetRequests: platformCalls.fleetRequests - before.platform.fleetRequests,
      accountRequests: platformCalls.accountRequests - before.platform.accountRequests,
      pollerCalls: platformCalls.pollerCalls - before.platform.pollerCalls,
      objectFetches: platformCalls.objectFetches - before.platform.objectFetches,
      boxes: [workers],
      d1Rows: billed.d1Written,
      objectRows: objectRows(billed),
      d1Read: billed.d1Read,
      objectsRead: billed.objectsRead,
      accountRows: billed.accountWritten,
      accountRead: billed.accountRead,
    },
  };
}

it("counts calls, rows and cost of a steady hour of 12 workers", async () => {
  const { calls: routes, rows: billed, counts } = await steadyHour(12);
  const calls = routes.filter(([route]) => isMarketRoute(route)).reduce((sum, [, count]) => sum + count, 0);
  printFigure("12 steady workers, one hour: calls of the market", String(calls), `≤ ${CALLS_MAX}`, calls <= CALLS_MAX);
  for (const [route, count] of routes) printFigure(`  ${route}`, String(count));
  printRows("D1", billed.d1Written);
  printRows("objects", objectRows(billed));
  printFigure(
    "  of these in tables, by key, for alarms",
    `${billed.tablesWritten}, ${billed.keysWritten}, ${billed.alarms}`,
  );
  printRead(billed);
  printCounts(counts);
  const { freePlanShare, totalUsd } = monthlyCost(counts);
  const share = `${(freePlanShare * 100).toFixed(0)} %`;
  printFigure("  of the free plan's day", share, "the free plan", freePlanShare <= 1);
  printFigure("  a month on the paid plan", `$${totalUsd.toFixed(2)}`);
  expect(calls).toBeLessThanOrEqual(CALLS_MAX);
});

it("counts rows and cost of a steady hour of 100 workers", async () => {
  const inDeployment = (BIG.workers * BIG.fleets) / BIG.deployments;
  const { counts, rows: billed } = await steadyHour(BIG.workers, inDeployment);
  printFigure(
    `${BIG.workers} steady workers, one hour: rows in D1, in the objects`,
    `${counts.d1Rows}, ${counts.objectRows}`,
  );
  printRead(billed);
  printCounts(counts);
  // A steady hour reads no rates. Where boxes are replaced all the time, each deployment reads them every half an hour.
  const ratesRead = 2 * ROWS_OF_AN_HOUR * FORTNIGHT_HOURS * inDeployment * BIG.deployments;
  const steady = times(counts, BIG.fleets, BIG.deployments);
  const cost = monthlyCost({ ...steady, d1Read: steady.d1Read + ratesRead });
  const parts = `requests ${usd(cost.requestsUsd)}, processor ${usd(cost.cpuUsd)}, object seconds ${usd(cost.secondsUsd)}, rows ${usd(cost.rowsUsd)}`;
  printFigure(
    `a month of ${BIG.fleets} fleets × ${BIG.workers} in ${BIG.deployments} deployments`,
    usd(cost.totalUsd),
    `≤ $${COST_MAX_USD} (${parts}, plan $5)`,
    cost.totalUsd <= COST_MAX_USD,
  );
  expect(cost.totalUsd).toBeLessThanOrEqual(COST_MAX_USD);
});

function objectRows({ tablesWritten, keysWritten, alarms }: Rows): number {
  return tablesWritten + keysWritten + alarms;
}

function printRead({ d1Read, objectsRead, accountWritten, accountRead }: Rows): void {
  printFigure("  rows read in D1, in the objects", `${d1Read}, ${objectsRead}`);
  printFigure("  of the objects' rows the account's, written and read", `${accountWritten}, ${accountRead}`);
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

function printCounts({ fleetRequests, accountRequests, pollerCalls, objectFetches }: HourCounts): void {
  printFigure("  requests to objects, of the fleet and of cron", `${fleetRequests}, ${accountRequests}`);
  printFigure("  invocations of the log poller", String(pollerCalls));
  printFigure("  requests that objects wait for", String(objectFetches));
}

function printRows(where: string, hourly: number): void {
  const daily = hourly * HOURS_PER_DAY;
  const promise = `a day of ${daily} ≤ ${ROWS_PER_DAY_MAX}`;
  printFigure(`  rows written in ${where}`, String(hourly), promise, daily <= ROWS_PER_DAY_MAX);
}
