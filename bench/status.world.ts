// How long `GET /api/status` takes for ten fleets of twelve workers, as a page, a terminal and a monitoring system ask it.
// Promise: at most 50 ms, and no call of the market.

import { expect, it } from "vitest";
import { door, putFleet } from "../test/support/doors.ts";
import { truth } from "../test/support/market.ts";
import { beginWorld, MINUTE, passUntil, silenceCron } from "../test/support/world.ts";
import { milliseconds, printFigure } from "./print.ts";

const LIMIT_MS = 50;
const FLEETS = 10;
const WORKERS = 12;
const LOOKS = 51;

interface Status {
  readonly fleets: readonly { readonly totals: { readonly producing: number } }[];
}

async function callsOfMarket(): Promise<number> {
  return Object.values((await truth()).calls).reduce((sum, { total }) => sum + total, 0);
}

async function medianMs(path: string): Promise<number> {
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    const startedAt = performance.now();
    const { status } = await door("GET", path);
    times.push(performance.now() - startedAt);
    expect(status).toBe(200);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? Number.NaN;
}

it("GET /api/status of ten fleets of twelve", async () => {
  const hosts = { count: 2 * FLEETS * WORKERS + 40, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
  await beginWorld({ credit: 1_000_000, hosts });
  const names = Array.from({ length: FLEETS }, (_, index) => `zeb-${index}`);
  // So many workers on one repository of examples upload rarely enough only with one of their own each.
  for (const name of names)
    await putFleet(name, {
      target: WORKERS,
      maxPriceUsdPerHour: 5,
      proveFirst: false,
      launchBatch: 16,
      examplesRepo: `bench/${name}`,
    });
  const isThere = async (): Promise<boolean> => {
    const { fleets } = (await door<Status>("GET", "/api/status")).body;
    return fleets.length === FLEETS && fleets.every(({ totals }) => totals.producing === WORKERS);
  };
  await passUntil(isThere, { limitMs: 60 * MINUTE, stepMs: MINUTE });
  silenceCron();
  const before = await callsOfMarket();
  for (const [what, path] of [
    ["JSON", "/api/status"],
    ["a table", "/api/status?format=text"],
  ] as const) {
    const ms = await medianMs(path);
    printFigure(`GET /api/status, 10 fleets of 12, as ${what}`, milliseconds(ms), `≤ ${LIMIT_MS} ms`, ms <= LIMIT_MS);
    expect(ms).toBeLessThanOrEqual(LIMIT_MS);
  }
  const calls = (await callsOfMarket()) - before;
  printFigure("calls of the market meanwhile", String(calls), "0", calls === 0);
  expect(calls).toBe(0);
});
