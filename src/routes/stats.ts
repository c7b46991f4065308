// GET /api/stats/gpus: what GPU types and machines give and cost, beside what the runbook measured.

import { Hono } from "hono";
import { z } from "zod";
import { throughputGroups } from "../db/gpu-stats.ts";
import { type RankedGroup, rankGroups } from "../fleet/gpu-stats.ts";
import {
  type GpuReference,
  gpuReference,
  gpuReferenceWeights,
  type SessionBenchmark,
  sessionBenchmarks,
} from "../fleet/reference-tables.ts";
import { both, describe } from "./describe.ts";
import type { DoorEnv } from "./door.ts";
import { DAY_MS, fromHistory, INSTANT_WORDS, instant, iso, wholeNumber } from "./history.ts";
import { answer } from "./present.ts";
import { statsSchema } from "./schemas/stats.ts";
import { type Column, tableLines, textOf } from "./table.ts";
import { formatQuery, query } from "./validate.ts";

const SINCE_DAYS = 7;
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;
const HOUR_MS = 3_600_000;

const statsQuery = formatQuery.extend({
  since: instant.optional().meta(INSTANT_WORDS),
  /** `workload:weights` for any workload but zeb. */
  weightsName: z
    .string()
    .min(1)
    .max(140)
    .optional()
    .meta({ description: "Of these weights; `workload:weights` for any workload but zeb" }),
  /** Left out: both. */
  by: z.enum(["gpu", "machine"]).optional().meta({ description: "Left out: both" }),
  limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_DEFAULT),
});

export interface StatsDocument {
  readonly since: string;
  /** Left out where only machines were asked for, and the other way round. */
  readonly gpus?: readonly Omit<RankedGroup, "machineId">[];
  readonly machines?: readonly RankedGroup[];
  readonly reference: {
    readonly weightsName: string;
    readonly gpus: readonly GpuReference[];
    readonly sessions: readonly SessionBenchmark[];
  };
}

const measured: readonly Column[] = [
  { head: "Rank", width: 4, align: "right" },
  { head: "GPU", width: 15 },
  { head: "Weights", width: 12 },
  { head: "games/s", width: 7, align: "right" },
  { head: "min-max", width: 9, align: "right" },
  { head: "$/hr", width: 6, align: "right" },
  { head: "min-max", width: 11, align: "right" },
  { head: "$/game/s", width: 8, align: "right" },
  { head: "Samples", width: 7, align: "right" },
  { head: "Games", width: 8, align: "right" },
  { head: "Boxes", width: 5, align: "right" },
];
const byMachine: readonly Column[] = [{ head: "Machine", width: 8, align: "right" }, ...measured];
const reference: readonly Column[] = [
  { head: "GPU", width: 15 },
  { head: "games/s", width: 9, align: "right" },
  { head: "$/hr", width: 11, align: "right" },
  { head: "$/game/s", width: 11, align: "right" },
  { head: "Note", width: 20 },
];

const words = describe("readGpuStats", {
  chapter: "History",
  summary: "What GPU types and machines give and cost",
  description: "Without `since`: the last 7 days. Whole hours: the one that `since` falls into counts.",
  answers: { 200: both(statsSchema) },
  refusals: ["history-unreachable"],
});

/** Without `since`: the last 7 days. Whole hours: the one that `since` falls into counts. */
export const stats = new Hono<DoorEnv>().get("/gpus", words, query(statsQuery), async (c) => {
  const { since = Date.now() - SINCE_DAYS * DAY_MS, weightsName, by, limit } = c.req.valid("query");
  const sinceMs = Math.floor(since / HOUR_MS) * HOUR_MS;
  const found = await fromHistory(() =>
    Promise.all(
      (["gpu", "machine"] as const).map(async (kind) => {
        if (by !== undefined && by !== kind) return null;
        return rankGroups(await throughputGroups(c.env.DB, { sinceMs, weightsName, by: kind })).slice(0, limit);
      }),
    ),
  );
  if (found instanceof Response) return found;
  const [gpus = null, machines = null] = found;
  const body: StatsDocument = {
    since: iso(sinceMs),
    ...(gpus === null ? {} : { gpus: gpus.map(({ machineId: _, ...row }) => row) }),
    ...(machines === null ? {} : { machines }),
    reference: { weightsName: gpuReferenceWeights, gpus: gpuReference, sessions: sessionBenchmarks },
  };
  return answer(c, body, () => statsText(gpus, machines));
});

function statsText(gpus: readonly RankedGroup[] | null, machines: readonly RankedGroup[] | null): string {
  const sessions = sessionBenchmarks.map(({ workers, gpus: types, usdPerHour, gamesPerSecond, note }) => {
    const rate = gamesPerSecond === null ? "" : `, ${gamesPerSecond} games/s`;
    return `  ${workers} x ${types.join(", ")}: $${usdPerHour.toFixed(2)}/hr${rate} (${note})`;
  });
  return textOf([
    ...(gpus === null ? [] : ["By GPU type", ...tableLines(measured, gpus.map(measuredCells)), ""]),
    ...(machines === null ? [] : ["By machine", ...tableLines(byMachine, machines.map(machineCells)), ""]),
    `Runbook, February 2026, weights ${gpuReferenceWeights}`,
    ...tableLines(reference, gpuReference.map(referenceCells)),
    "Sessions of the runbook",
    ...sessions,
  ]);
}

function machineCells(group: RankedGroup): string[] {
  return [String(group.machineId), ...measuredCells(group)];
}

function measuredCells(group: RankedGroup): string[] {
  const { usdPerHourMin, usdPerHourMax } = group;
  return [
    String(group.rank),
    group.gpu,
    group.weightsName,
    group.gamesPerSecond.toFixed(1),
    range([group.gamesPerSecondMin, group.gamesPerSecondMax], 1),
    group.usdPerHour?.toFixed(3) ?? "-",
    usdPerHourMin === null || usdPerHourMax === null ? "-" : range([usdPerHourMin, usdPerHourMax], 3),
    group.usdPerGamePerSecond?.toFixed(3) ?? "-",
    String(group.samples),
    String(group.games),
    String(group.instances),
  ];
}

function referenceCells({ gpu, gamesPerSecond, usdPerHour, usdPerGamePerSecond, note }: (typeof gpuReference)[number]) {
  return [gpu, range(gamesPerSecond, 1), range(usdPerHour, 3), range(usdPerGamePerSecond, 3), note];
}

function range([from, to]: readonly [number, number], digits: number): string {
  const [low, high] = [from.toFixed(digits), to.toFixed(digits)];
  return low === high ? low : `${low}-${high}`;
}
