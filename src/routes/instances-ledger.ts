// GET /api/instances: the ledger. What was rented, what it cost and gave, and why it ended.

import { Hono } from "hono";
import { z } from "zod";
import { instancesList } from "../db/instances.ts";
import type { LedgerEntry } from "../fleet/event.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import {
  CURSOR,
  DAY_MS,
  fromHistory,
  historyQuery,
  iso,
  isoOrNull,
  moreLine,
  pageOf,
  position,
  shortTime,
} from "./history.ts";
import { answer } from "./present.ts";
import { ledgerPageSchema } from "./schemas/history.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { query } from "./validate.ts";

const HOUR_MS = 3_600_000;
const SINCE_DAYS = 7;

/**
 * `ended=true`: those that ended since, by their end; else by their start. Without `since`: the last 7 days, and all that
 * live where those are asked for.
 */
const ledgerQuery = historyQuery.extend({
  ended: z.enum(["true", "false"]).optional().meta({ description: "`true`: those that have ended, by their end" }),
  before: position((key) => (/^\d{1,15}$/.test(key) ? Number(key) : null))
    .optional()
    .meta({ description: CURSOR }),
});

const columns: readonly Column[] = [
  { head: "Label", width: 21 },
  { head: "GPU", width: 15 },
  { head: "Started", width: 20 },
  { head: "Ended", width: 20 },
  { head: "Hours", width: 6, align: "right" },
  { head: "$/hr", width: 6, align: "right" },
  { head: "$", width: 7, align: "right" },
  { head: "Games", width: 7, align: "right" },
  { head: "Machine", width: 8, align: "right" },
  { head: "ID", width: 9, align: "right" },
  { head: "Why", width: 20 },
];

const words = describe("listInstances", {
  chapter: "History",
  summary: "The ledger: what was rented, what it cost and gave, and why it ended",
  description: "Without `since`: the last 7 days, and all that live where those are asked for.",
  answers: { 200: both(ledgerPageSchema) },
  refusals: ["history-unreachable"],
});

export const instancesLedger = new Hono<DoorEnv>().get("/", words, query(ledgerQuery), async (c) => {
  const { fleet, since, ended, before, limit } = c.req.valid("query");
  const nowMs = Date.now();
  const sinceMs = since ?? (ended === "false" ? undefined : nowMs - SINCE_DAYS * DAY_MS);
  const isEnded = ended === undefined ? undefined : ended === "true";
  const rows = await fromHistory(() => instancesList(c.env.DB, { fleet, isEnded, sinceMs, before, limit: limit + 1 }));
  if (rows instanceof Response) return rows;
  const { page, nextBefore } = pageOf(rows, limit, ({ startedAtMs, endedAtMs, instanceId }) => ({
    atMs: isEnded === true ? (endedAtMs ?? startedAtMs) : startedAtMs,
    key: instanceId,
  }));
  const instances = page.map((entry) => ledgerDocument(entry, nowMs));
  return answer(c, { instances, since: isoOrNull(sinceMs ?? null), nextBefore }, () =>
    textOf([...tableLines(columns, instances.map(cells)), ...moreLine(nextBefore)]),
  );
});

export type LedgerDocument = ReturnType<typeof ledgerDocument>;

/** The cost of an instance that lives is what it has cost so far; `games` are counted when it ends. */
function ledgerDocument({ startedAtMs, endedAtMs, ...facts }: LedgerEntry, nowMs: number) {
  const hours = Math.max(0, (endedAtMs ?? nowMs) - startedAtMs) / HOUR_MS;
  const soFarUsd = facts.usdPerHour === null ? null : facts.usdPerHour * hours;
  return {
    ...facts,
    startedAt: iso(startedAtMs),
    endedAt: isoOrNull(endedAtMs),
    hours,
    costUsd: endedAtMs === null ? soFarUsd : facts.costUsd,
  };
}

function cells(entry: LedgerDocument): string[] {
  const why = [entry.endCause, entry.endReason].filter((part) => part !== null);
  return [
    entry.label,
    entry.gpu ?? "-",
    shortTime(entry.startedAt),
    entry.endedAt === null ? "lives" : shortTime(entry.endedAt),
    entry.hours.toFixed(1),
    entry.usdPerHour?.toFixed(3) ?? "-",
    entry.costUsd?.toFixed(3) ?? "-",
    entry.games === null ? "-" : String(entry.games),
    String(entry.machineId ?? "-"),
    String(entry.instanceId),
    why.length === 0 ? "-" : why.join(": "),
  ];
}
