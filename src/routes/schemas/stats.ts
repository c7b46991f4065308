// Throughput by GPU type and machine, as answers show it.

import { z } from "zod";
import type { RankedGroup } from "../../fleet/gpu-stats.ts";
import type { GpuReference, SessionBenchmark } from "../../fleet/reference-tables.ts";
import type { StatsDocument } from "../stats.ts";
import { instantText, partOf, schemaOf } from "./schema-of.ts";

const usd = z.number().nullable();
const range = z.tuple([z.number(), z.number()]).meta({ description: "The lower and the upper end" });

const fields = {
  weightsName: z.string(),
  gpu: z.string(),
  samples: z.int(),
  games: z.number(),
  instances: z.int(),
  gamesPerSecond: z.number(),
  gamesPerSecondMin: z.number(),
  gamesPerSecondMax: z.number(),
  usdPerHour: usd,
  usdPerHourMin: usd,
  usdPerHourMax: usd,
  rank: z.int().meta({ description: "From 1, within its weights name" }),
  usdPerGamePerSecond: usd,
};

const typeExample: Omit<RankedGroup, "machineId"> = {
  weightsName: "large",
  gpu: "RTX 4070 Ti",
  samples: 96,
  games: 58_000,
  instances: 3,
  gamesPerSecond: 4.1,
  gamesPerSecondMin: 3.8,
  gamesPerSecondMax: 4.2,
  usdPerHour: 0.088,
  usdPerHourMin: 0.079,
  usdPerHourMax: 0.09,
  rank: 1,
  usdPerGamePerSecond: 0.0215,
};

export const statsSchema = schemaOf<StatsDocument>()(
  "GpuStats",
  {
    since: instantText,
    gpus: z.array(partOf<Omit<RankedGroup, "machineId">>()(fields)).exactOptional(),
    machines: z.array(partOf<RankedGroup>()({ ...fields, machineId: z.int().nullable() })).exactOptional(),
    reference: partOf<StatsDocument["reference"]>()({
      weightsName: z.string(),
      gpus: z.array(
        partOf<GpuReference>()({
          gpu: z.string(),
          gamesPerSecond: range,
          usdPerHour: range,
          usdPerGamePerSecond: range,
          note: z.string(),
        }),
      ),
      sessions: z.array(
        partOf<SessionBenchmark>()({
          workers: z.int(),
          gpus: z.array(z.string()),
          usdPerHour: z.number(),
          gamesPerSecond: z.number().nullable(),
          note: z.string(),
        }),
      ),
    }),
  },
  {
    about: "What GPU types and machines give and cost, beside what the runbook measured",
    example: {
      since: "2026-11-16T18:00:00.000Z",
      gpus: [typeExample],
      machines: [{ ...typeExample, machineId: 4411 }],
      reference: { weightsName: "large-belief", gpus: [], sessions: [] },
    },
  },
);
