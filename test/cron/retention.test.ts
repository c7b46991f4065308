import { env } from "cloudflare:workers";
import { beforeEach, expect, it, vi } from "vitest";
import { pruneWhenDue } from "../../src/cron/retention.ts";
import { type OutboxRow, writeOutbox } from "../../src/db/outbox-writer.ts";
import { brokenD1 } from "../routes/fakes.ts";
import { anEvent, DAY } from "../db/builders.ts";
import { cronTick, MINUTE, SECOND } from "../support/world.ts";

const DUE = Date.parse("2031-05-01T03:17:00Z");
let said: string[] = [];

beforeEach(async () => {
  said = [];
  for (const method of ["log", "error"] as const)
    vi.spyOn(console, method).mockImplementation((line: unknown) => void said.push(String(line)));
  await env.DB.prepare("DELETE FROM events").run();
});

async function oldEvents(count: number): Promise<void> {
  const rows = Array.from({ length: count }, (_, index): OutboxRow => {
    return { kind: "event", row: anEvent({ id: `${index}`, atMs: DUE - 91 * DAY - index }) };
  });
  for (let from = 0; from < count; from += 1_000) await writeOutbox(env.DB, rows.slice(from, from + 1_000));
}

function left(): Promise<number | null> {
  return env.DB.prepare("SELECT count(*) AS n FROM events").first<number>("n");
}

it.each([
  ["the minute before", DUE - MINUTE, 3],
  ["its first minute", DUE, 0],
  ["the end of its last minute", DUE + 30 * MINUTE - SECOND, 0],
  ["the minute after", DUE + 30 * MINUTE, 3],
])("old history goes in half an hour of each day: %s", async (_words, scheduledAtMs, expected) => {
  await oldEvents(3);
  await cronTick(scheduledAtMs);
  expect(await left()).toBe(expected);
});

it("a run takes no more than its share of a long backlog; the next minute takes the rest", async () => {
  await oldEvents(11_000);
  await pruneWhenDue(env, DUE);
  expect(await left()).toBe(1_000);
  expect(said.find((line) => line.includes("retention.done"))).toContain('"isFinished":false');
  await pruneWhenDue(env, DUE + MINUTE);
  expect(await left()).toBe(0);
  expect(said.findLast((line) => line.includes("retention.done"))).toContain('"isFinished":true');
  const lines = said.length;
  await pruneWhenDue(env, DUE + 2 * MINUTE);
  expect(said).toHaveLength(lines);
});

it("stays under the free plan's 50 queries of an invocation", async () => {
  await oldEvents(11_000);
  let queries = 0;
  const counting = new Proxy(env.DB, {
    get(db, name: keyof D1Database) {
      if (name === "batch")
        return (statements: D1PreparedStatement[]) => {
          queries += statements.length;
          return db.batch(statements);
        };
      return db[name].bind(db);
    },
  });
  await pruneWhenDue({ ...env, DB: counting }, DUE);
  expect(queries).toBe(30);
});

it("a database that fails costs a line of the log and nothing else", async () => {
  await pruneWhenDue({ ...env, DB: brokenD1() }, DUE);
  expect(said.join()).toContain('"outcome":"failed"');
});
