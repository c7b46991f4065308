// One hour of twelve steady workers, as deployed: cron each minute, a CHECK every ten, logs every 150 s, a market that lives
// in real time. Promises (design §8): at most 420 calls of the market's API, logs included; the free plan holds it (100,000
// rows written a day in D1, and 100,000 in the objects).

import { expect, it } from "vitest";
import { fleetOf, putFleet } from "../test/support/doors.ts";
import { truth } from "../test/support/market.ts";
import { beginWorld, fleetObject, inStorage, MINUTE, pass, passUntil, tickEvery } from "../test/support/world.ts";
import { cadenceDefaults, timeoutDefaults } from "../src/fleet/spec.ts";
import { printFigure } from "./print.ts";
import { countD1Rows, countObjectRows, rowsWritten } from "./rows-written.ts";

const WORKERS = 12;
const CALLS_MAX = 420;
const ROWS_PER_DAY_MAX = 100_000;
const HOURS_PER_DAY = 24;

type Calls = Readonly<Record<string, number>>;

async function callsSoFar(): Promise<Calls> {
  const { calls } = await truth();
  return Object.fromEntries(Object.entries(calls).map(([route, { total }]) => [route, total]));
}

/** The market's own API: neither its log store nor the Hub counts against its limits. */
function isMarketRoute(route: string): boolean {
  return /\/api\/v[01]\//.test(route);
}

it("counts calls and rows of a steady hour", async () => {
  await beginWorld({ speed: 1 });
  tickEvery(MINUTE);
  await putFleet("zeb", {
    target: WORKERS,
    maxPriceUsdPerHour: 0.5,
    proveFirst: false,
    cadenceSeconds: cadenceDefaults,
    timeoutsSeconds: timeoutDefaults,
  });
  await passUntil(async () => (await fleetOf("zeb")).state === "steady", { limitMs: 30 * MINUTE, stepMs: MINUTE });
  await pass(45 * MINUTE);
  countD1Rows();
  await inStorage(fleetObject("zeb"), countObjectRows);
  const before = await callsSoFar();
  const rowsBefore = { ...rowsWritten };

  await pass(60 * MINUTE);
  const after = await callsSoFar();
  const fleet = await fleetOf("zeb");
  expect([fleet.state, fleet.totals.producing]).toEqual(["steady", WORKERS]);

  const hour = Object.entries(after)
    .map(([route, total]) => [route, total - (before[route] ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .toSorted(([, a], [, b]) => b - a);
  const calls = hour.filter(([route]) => isMarketRoute(route)).reduce((sum, [, count]) => sum + count, 0);
  printFigure(
    `${WORKERS} steady workers, one hour: calls of the market`,
    String(calls),
    `≤ ${CALLS_MAX}`,
    calls <= CALLS_MAX,
  );
  for (const [route, count] of hour) printFigure(`  ${route}`, String(count));
  const { d1, objectTables, objectKeys, alarms } = rowsWritten;
  const rows = {
    d1: d1 - rowsBefore.d1,
    tables: objectTables - rowsBefore.objectTables,
    keys: objectKeys - rowsBefore.objectKeys,
    alarms: alarms - rowsBefore.alarms,
  };
  printRows("D1", rows.d1);
  printRows("objects", rows.tables + rows.keys + rows.alarms);
  printFigure("  of these in tables, by key, for alarms", `${rows.tables}, ${rows.keys}, ${rows.alarms}`);
  expect(calls).toBeLessThanOrEqual(CALLS_MAX);
});

function printRows(where: string, hourly: number): void {
  const daily = hourly * HOURS_PER_DAY;
  const promise = `a day of ${daily} ≤ ${ROWS_PER_DAY_MAX}`;
  printFigure(`  rows written in ${where}`, String(hourly), promise, daily <= ROWS_PER_DAY_MAX);
}
