// GET /api/series and GET /api/fleets/{fleet}/series: how many workers there were, what they gave and cost, over the last
// hours. From D1 alone: a page that draws curves wakes no fleet.

import { Hono } from "hono";
import { type SeriesFleet, type SeriesRow, seriesOf } from "../db/series.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { fromHistory, iso, wholeNumber } from "./history.ts";
import { answer } from "./present.ts";
import { fleetNotFound } from "./problem.ts";
import { fleetSeriesSchema, seriesSchema } from "./schemas/series.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { fleetName, formatQuery, query } from "./validate.ts";

const HOURS_DEFAULT = 24;
const HOURS_MAX = 168;
/** A picture of one fleet is a few hundred pixels wide, the small one of an overview a hundred. */
const POINTS_MAX = 300;
const SMALL_POINTS_MAX = 100;
const STEPS_SECONDS = [15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200] as const;
const HOUR_MS = 3_600_000;

const seriesQuery = formatQuery.extend({ hours: wholeNumber(1, HOURS_MAX).default(HOURS_DEFAULT) });

export interface SeriesPoint {
  /** The beginning of the step that the means are of. */
  readonly at: string;
  readonly live: number;
  readonly producing: number;
  readonly gamesPerSecond: number;
  readonly usdPerHour: number;
}

export interface FleetSeries {
  readonly fleet: string;
  /** As of the last CHECK that was published; a target of earlier times is not kept. */
  readonly state: string;
  readonly target: number;
  /** Oldest first. A step without a CHECK has no point: what was before it still holds. */
  readonly points: readonly SeriesPoint[];
}

interface Span {
  readonly since: string;
  readonly until: string;
  readonly stepSeconds: number;
}

export interface SeriesDocument extends Span {
  readonly fleets: readonly FleetSeries[];
}

export type OneSeriesDocument = Span & FleetSeries;

const words = {
  all: describe("listSeries", {
    chapter: "History",
    summary: "How all fleets went over the last hours",
    answers: { 200: both(seriesSchema) },
    refusals: ["history-unreachable"],
  }),
  one: describe("readSeries", {
    chapter: "History",
    summary: "How one fleet went over the last hours",
    answers: { 200: both(fleetSeriesSchema) },
    refusals: ["fleet-not-found", "history-unreachable"],
  }),
};

/** All fleets that exist, coarser; also how an overview hears of new fleets. */
export const series = new Hono<DoorEnv>().get("/", words.all, query(seriesQuery), async (c) => {
  const { terms, span } = termsOf(c.req.valid("query").hours, SMALL_POINTS_MAX);
  const found = await fromHistory(() => seriesOf(c.env.DB, terms));
  if (found instanceof Response) return found;
  const rows = Map.groupBy(found.rows, ({ fleet }) => fleet);
  const list = found.fleets.map((fleet) => fleetSeries(fleet, rows.get(fleet.name) ?? []));
  const document: SeriesDocument = { ...span, fleets: list };
  return answer(c, document, () => textOf(tableLines(allColumns, list.flatMap(newestCells))));
});

export const fleetSeriesDoor = new Hono<DoorEnv>().get(
  "/:fleet/series",
  words.one,
  fleetName,
  query(seriesQuery),
  async (c) => {
    const name = c.req.param("fleet");
    const { terms, span } = termsOf(c.req.valid("query").hours, POINTS_MAX);
    const found = await fromHistory(() => seriesOf(c.env.DB, { ...terms, fleet: name }));
    if (found instanceof Response) return found;
    const [fleet] = found.fleets;
    if (fleet === undefined || fleet.isDeleted) return fleetNotFound(name);
    const document: OneSeriesDocument = { ...fleetSeries(fleet, found.rows), ...span };
    return answer(c, document, () => textOf(tableLines(columns, document.points.map(pointCells))));
  },
);

/** Steps begin at whole multiples, so that two answers draw the same points; the first one may have begun before `since`. */
function termsOf(hours: number, pointsMax: number) {
  const untilMs = Date.now();
  const seconds = hours * 3600;
  const stepSeconds = STEPS_SECONDS.find((step) => seconds / step <= pointsMax) ?? 7200;
  const stepMs = stepSeconds * 1000;
  const sinceMs = Math.floor((untilMs - hours * HOUR_MS) / stepMs) * stepMs;
  return { terms: { sinceMs, untilMs, stepMs }, span: { since: iso(sinceMs), until: iso(untilMs), stepSeconds } };
}

function fleetSeries({ name, state, target }: SeriesFleet, rows: readonly SeriesRow[]): FleetSeries {
  const points = rows.map(({ atMs, live, producing, gamesPerSecond, usdPerHour }) => ({
    at: iso(atMs),
    live: rounded(live, 2),
    producing: rounded(producing, 2),
    gamesPerSecond: rounded(gamesPerSecond, 3),
    usdPerHour: rounded(usdPerHour, 5),
  }));
  return { fleet: name, state, target, points };
}

/** A mean has no end of digits, and nobody sees them. */
function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

const columns: readonly Column[] = [
  { head: "At", width: 17 },
  { head: "Live", width: 5, align: "right" },
  { head: "OK", width: 5, align: "right" },
  { head: "games/s", width: 7, align: "right" },
  { head: "$/hr", width: 6, align: "right" },
];
const allColumns: readonly Column[] = [
  { head: "Fleet", width: 21 },
  { head: "State", width: 19 },
  { head: "Target", width: 6, align: "right" },
  ...columns,
];

function pointCells({ at, live, producing, gamesPerSecond, usdPerHour }: SeriesPoint): string[] {
  return [`${at.slice(0, 16)}Z`, String(live), String(producing), gamesPerSecond.toFixed(1), usdPerHour.toFixed(3)];
}

/** A terminal shows where each fleet stands; the curves are for programs. */
function newestCells({ fleet, state, target, points }: FleetSeries): string[][] {
  const newest = points.at(-1);
  const cells = newest === undefined ? ["-", "-", "-", "-", "-"] : pointCells(newest);
  return [[fleet, state, String(target), ...cells]];
}
