// What the doors of history share: since when, how many, which page; and what is said while D1 is silent.

import { z } from "zod";
import type { PagePosition } from "../db/pages.ts";
import { withDeadline } from "../deadline.ts";
import { fleetNameProblem } from "../fleet/label.ts";
import { logEvent } from "../log.ts";
import { problem, type ProblemResponse } from "./problem.ts";
import { formatQuery } from "./validate.ts";

const LIMIT_DEFAULT = 100;
/** 500 rows with their evidence are some 300 KB. */
const LIMIT_MAX = 500;

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export const DAY_MS = UNIT_MS.d;
const INSTANT = 'an instant such as "2026-11-23T18:00:00Z", a day such as "2026-11-23", or "24h", "7d", "90m" ago';
export const INSTANT_WORDS = { description: INSTANT, examples: ["24h"] };
export const CURSOR = "the nextBefore of an earlier answer";

/** An instant in ms: ISO with a zone, a UTC day, or so long ago. */
export const instant = z.string().transform((text, context): number => {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const atMs = ago === null ? readIso(text) : Date.now() - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS];
  if (!Number.isNaN(atMs)) return atMs;
  context.addIssue({ code: "custom", message: INSTANT, input: text });
  return z.NEVER;
});

export function wholeNumber(from: number, to: number) {
  const words = `a whole number from ${from} to ${to}`;
  return z
    .string()
    .regex(/^\d{1,10}$/, words)
    .transform(Number)
    .refine((count) => count >= from && count <= to, words)
    .meta({ description: `${words[0]?.toUpperCase()}${words.slice(1)}`, examples: [String(from)] });
}

export const knownFleet = z
  .string()
  .refine((name) => fleetNameProblem(name) === null, { error: ({ input }) => fleetNameProblem(String(input)) ?? "" });

/** Where a page begins. `key` is the kind of key that the rows have. */
export function position<Key extends string | number>(readKey: (text: string) => Key | null) {
  return z.string().transform((text, context): { readonly atMs: number; readonly key: Key } => {
    const [, at = "", rest = ""] = /^([^~]{1,40})~(.{1,100})$/.exec(text) ?? [];
    const atMs = readIso(at);
    const key = readKey(rest);
    if (!Number.isNaN(atMs) && key !== null) return { atMs, key };
    context.addIssue({ code: "custom", message: CURSOR, input: text });
    return z.NEVER;
  });
}

/** Query of a door that answers a page of history. */
export const historyQuery = formatQuery.extend({
  fleet: knownFleet.optional().meta({ description: "The name of a fleet" }),
  since: instant.optional().meta(INSTANT_WORDS),
  limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_DEFAULT),
  before: position((key) => key)
    .optional()
    .meta({ description: CURSOR }),
});

/** The rows of a page, and what asks for the next one; `null`: there is none. The query must ask for one row more. */
export function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => PagePosition,
): { readonly page: readonly Row[]; readonly nextBefore: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || last === undefined) return { page, nextBefore: null };
  const { atMs, key } = positionOf(last);
  return { page, nextBefore: `${iso(atMs)}~${key}` };
}

/** What D1 answers, or the refusal for the caller when it does not. */
export async function fromHistory<T>(read: () => Promise<T>): Promise<T | ProblemResponse> {
  try {
    return await withDeadline(read());
  } catch (error) {
    logEvent({ event: "history.silent", outcome: "failed", error });
    return problem({
      code: "history-unreachable",
      detail: "the database of history and blacklist (D1) does not answer",
      hint: "ask again in a minute, a write too: it counts once. The fleets go on without it: GET /api/status",
      headers: { "Retry-After": "60" },
    });
  }
}

export function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

export function isoOrNull(atMs: number | null): string | null {
  return atMs === null ? null : iso(atMs);
}

/** To the second, for tables. */
export function shortTime(at: string | null): string {
  return at === null ? "-" : `${at.slice(0, 19)}Z`;
}

/** The line below a table whose next page begins elsewhere. */
export function moreLine(nextBefore: string | null): string[] {
  return nextBefore === null ? [] : [`more: &before=${nextBefore}`];
}

/** NaN for what is not an instant with a zone, or a UTC day. */
function readIso(text: string): number {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  return isIso ? Date.parse(text) : Number.NaN;
}
