// How long a CHECK takes by the clock on the wall: the market answers within the same process, so most of it is deciding and
// writing down. Promise (design §8): decide + record at most 2 s at 12, 100 and 1,000 workers, log calls hung or not.

import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { fleetStub } from "../src/durable/stubs.ts";
import { fleetOf, putFleet } from "../test/support/doors.ts";
import { fault, paidBoxes } from "../test/support/market.ts";
import { beginWorld, MINUTE, moveTo, pass, passUntil, SECOND, silenceCron } from "../test/support/world.ts";
import { milliseconds, printFigure } from "./print.ts";

const LIMIT_MS = 2000;
const CHECKS = 9;
const NEVER_SECONDS = 31_536_000;

async function aFleet(target: number, spec: Record<string, unknown>, isThere: () => Promise<boolean>): Promise<void> {
  const hosts = { count: 2 * target + 40, dudShare: 0, slowShare: 0, crashShare: 0, flakyShare: 0 };
  await beginWorld({ credit: 1_000_000, hosts });
  await putFleet("zeb", { target, maxPriceUsdPerHour: 5, proveFirst: false, launchBatch: 16, ...spec });
  await passUntil(isThere, { limitMs: 120 * MINUTE, stepMs: MINUTE });
}

/** Each on a list read anew; nothing else runs meanwhile. */
async function medianCheckMs(): Promise<number> {
  silenceCron();
  const times: number[] = [];
  for (let run = 0; run < CHECKS; run++) {
    await moveTo(Date.now() + MINUTE);
    const startedAt = performance.now();
    const checked = await fleetStub(env, "zeb").check({ name: "bench" });
    times.push(performance.now() - startedAt);
    expect(checked.ok).toBe(true);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(CHECKS / 2)] ?? Number.NaN;
}

function printCheck(what: string, ms: number): void {
  printFigure(what, milliseconds(ms), `≤ ${LIMIT_MS} ms`, ms <= LIMIT_MS);
}

it.each([12, 100])("a CHECK of %d workers", async (workers) => {
  await aFleet(workers, {}, async () => (await fleetOf("zeb")).totals.producing === workers);
  const ms = await medianCheckMs();
  printCheck(`a CHECK of ${workers} producing workers, the market included`, ms);
  expect(ms).toBeLessThanOrEqual(LIMIT_MS);
});

it.each([12, 100])("a CHECK of %d workers while every log call hangs", async (workers) => {
  await aFleet(workers, {}, async () => (await fleetOf("zeb")).totals.producing === workers);
  await fault("log-hangs", { value: "request" });
  await pass(20 * SECOND);
  const ms = await medianCheckMs();
  printCheck(`a CHECK of ${workers} workers, every log call hung`, ms);
  expect(ms).toBeLessThanOrEqual(LIMIT_MS);
});

it("a CHECK of 1,000 workers", async () => {
  const timeoutsSeconds = { boot: NEVER_SECONDS, setup: NEVER_SECONDS, wait: NEVER_SECONDS };
  const cadenceSeconds = { ramp: 10, rampFor: 30, steady: 30, logPoll: NEVER_SECONDS, logPollSteady: NEVER_SECONDS };
  await aFleet(1000, { timeoutsSeconds, cadenceSeconds }, async () => (await paidBoxes("zeb")).length === 1000);
  const ms = await medianCheckMs();
  printCheck("a CHECK of 1,000 workers, 40 pages of the list included", ms);
  expect(ms).toBeLessThanOrEqual(LIMIT_MS);
});
