// Rows read are billed, and a fortnight of twelve workers is four thousand of them: a CHECK that compares nothing asks for
// none, and those that do share one reading.

import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { patchFleet, putFleet } from "../support/doors.ts";
import { aFortnight, FORTNIGHT_HOURS } from "../support/fortnight.ts";
import { boxOfSlot, fault } from "../support/market.ts";
import { beginWorld, figure, MINUTE, NOW, pass } from "../support/world.ts";

const WORKERS = 12;

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Counts the rows that D1 looks at from here on. */
function countRowsRead(): () => number {
  let rows = 0;
  const count = (results: unknown): void => {
    for (const { meta } of [results].flat() as D1Result[]) rows += meta.rows_read ?? 0;
  };
  const database = Object.getPrototypeOf(env.DB) as Record<"batch", Method>;
  const statement = Object.getPrototypeOf(env.DB.prepare("SELECT 1")) as Record<"raw" | "all", Method>;
  const [batch, raw, all] = [database.batch, statement.raw, statement.all];
  vi.spyOn(database, "batch").mockImplementation(async function (this: unknown, ...args) {
    const results = await Reflect.apply(batch, this, args);
    count(results);
    return results;
  });
  // This way of reading says nothing of itself: the same statement is asked in another way first.
  vi.spyOn(statement, "raw").mockImplementation(async function (this: unknown, ...args) {
    count(await Reflect.apply(all, this, []));
    return Reflect.apply(raw, this, args);
  });
  return () => rows;
}

it("are read by no CHECK that compares nothing, and once for all that do within half an hour", async () => {
  await beginWorld();
  await putFleet("zeb", { target: 3 });
  await pass(2 * MINUTE);
  await aFortnight(WORKERS, NOW);
  const rowsRead = countRowsRead();
  await pass(10 * MINUTE);
  const steady = rowsRead();
  figure(`D1 rows read in ten minutes of a steady fleet, a fortnight of ${WORKERS} workers on record: ${steady}`);
  expect(steady).toBeGreaterThan(0);
  expect(steady).toBeLessThan(FORTNIGHT_HOURS * WORKERS);

  await pass(21 * MINUTE);
  const before = rowsRead();
  for (const slot of [0, 1]) {
    await fault("box-vanish", { match: { instance: String((await boxOfSlot("zeb", slot)).id) } });
    await pass(2 * MINUTE);
  }
  await patchFleet("zeb", { target: 2 });
  await pass(MINUTE);
  const compared = rowsRead() - before;
  figure(`and in five with two replacements and a box too many: ${compared}`);
  expect(compared).toBeGreaterThan(FORTNIGHT_HOURS * WORKERS);
  expect(compared).toBeLessThan(2 * FORTNIGHT_HOURS * WORKERS + 1000);
});
