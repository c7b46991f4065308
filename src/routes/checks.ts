// GET /api/checks: every CHECK in numbers and in the runbook's line, newest first.

import { Hono } from "hono";
import { checksList } from "../db/checks.ts";
import type { CheckSummary } from "../fleet/event.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { DAY_MS, fromHistory, historyQuery, iso, moreLine, pageOf, shortTime } from "./history.ts";
import { answer } from "./present.ts";
import { checksSchema } from "./schemas/history.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { query } from "./validate.ts";

const columns: readonly Column[] = [
  { head: "At", width: 20 },
  { head: "Fleet", width: 12 },
  { head: "Acts", width: 4, align: "right" },
  { head: "API s", width: 5, align: "right" },
  { head: "CHECK", width: 40 },
];

const words = describe("listChecks", {
  chapter: "History",
  summary: "Every CHECK in numbers, newest first",
  description: "Without `since`: the last 24 hours.",
  answers: { 200: both(checksSchema) },
  refusals: ["history-unreachable"],
});

/** Without `since`: the last 24 hours. */
export const checks = new Hono<DoorEnv>().get("/", words, query(historyQuery), async (c) => {
  const { fleet, since = Date.now() - DAY_MS, before, limit } = c.req.valid("query");
  const rows = await fromHistory(() => checksList(c.env.DB, { fleet, sinceMs: since, before, limit: limit + 1 }));
  if (rows instanceof Response) return rows;
  const { page, nextBefore } = pageOf(rows, limit, (check) => ({ atMs: check.atMs, key: check.fleet }));
  const documents = page.map(checkDocument);
  return answer(c, { checks: documents, since: iso(since), nextBefore }, () =>
    textOf([...tableLines(columns, documents.map(cells)), ...moreLine(nextBefore)]),
  );
});

export type CheckDocument = ReturnType<typeof checkDocument>;

function checkDocument({ fleet, number, atMs, ...facts }: CheckSummary) {
  return { fleet, number, at: iso(atMs), ...facts };
}

function cells({ at, fleet, actions, apiMs, line }: CheckDocument): string[] {
  return [shortTime(at), fleet, String(actions), (apiMs / 1000).toFixed(1), line];
}
