// The morning list as answers show it.

import { z } from "zod";
import type { CostLine, CostPart } from "../../fleet/daily-cost.ts";
import type { ExamplesLine, SilentWorker } from "../../fleet/daily-examples.ts";
import type { LearnerLine } from "../../fleet/daily-learners.ts";
import type { LossLine, RunLine } from "../../fleet/daily-run.ts";
import type { DailyReport, EndedLine, EndedPart, EventLine, FleetLine, HostsPart } from "../../fleet/daily-report.ts";
import { eventKinds } from "../../fleet/event.ts";
import { mode, state } from "./fleet.ts";
import { instantText, partOf, schemaOf } from "./schema-of.ts";
import { workerSchema } from "./worker.ts";

const measured = { description: "`null`: not measured, see `notMeasured`" };
const amount = z.number().nullable();
const costLine = { spentUsd: amount, games: amount, usdPerMillionGames: amount, usdPerHour: amount };

const fleetLine = partOf<FleetLine>()({
  name: z.string(),
  mode,
  state,
  target: z.int(),
  live: z.int(),
  producing: z.int(),
  isWhole: z.boolean().meta({ description: "As many produce as the target says" }),
  note: z.string().nullable(),
  notProducing: z.array(workerSchema.pick({ slot: true, instanceId: true, verdict: true, detail: true })),
});

const ended = partOf<EndedPart>()({
  total: z.int(),
  died: z.int(),
  byCause: z.record(z.string(), z.int()),
  instances: z.array(
    partOf<EndedLine>()({
      fleet: z.string(),
      slot: z.int(),
      instanceId: z.int(),
      machineId: z.int().nullable(),
      gpu: z.string().nullable(),
      costUsd: amount,
      games: amount,
      endedAt: instantText,
      cause: z.string(),
      reason: z.string(),
      isOrdered: z.boolean().meta({ description: "A person or a smaller target asked for it" }),
    }),
  ),
});

const examples = partOf<ExamplesLine>()({
  repo: z.string(),
  namespace: z.string(),
  files: z.int(),
  newestAt: instantText.nullable(),
  newestAgeSeconds: amount,
  hasNewFiles: z.boolean(),
  workers: z.array(
    partOf<ExamplesLine["workers"][number]>()({ workerId: z.string(), newestAt: instantText, files: z.int() }),
  ),
  silent: z.array(
    partOf<SilentWorker>()({ workerId: z.string(), uploadIntervalSeconds: z.number(), ageSeconds: amount }),
  ),
});

const learner = partOf<LearnerLine>()({
  repo: z.string(),
  weightsName: z.string(),
  step: z.number(),
  totalGames: z.number(),
  pushedAt: instantText.nullable(),
  pushAgeSeconds: amount,
  since: instantText.nullable(),
  stepsGained: amount,
  gamesGained: amount,
  isMoving: z.boolean().nullable(),
  wandbRunId: z.string().nullable(),
  wandb: partOf<RunLine>()({
    url: z.string(),
    state: z.string().nullable().meta({ description: "W&B's word; `null`: not asked, or no answer" }),
    losses: z
      .array(partOf<LossLine>()({ name: z.string(), now: z.number(), before: amount }))
      .nullable()
      .meta({
        description: "Means over the last and the first quarter of the window; `null`: not asked, or no answer",
      }),
  })
    .nullable()
    .exactOptional(),
});

export const reportSchema = schemaOf<DailyReport>()(
  "DailyReport",
  {
    day: z.string().nullable().meta({ description: "A UTC day; `null`: the last 24 hours" }),
    from: instantText,
    to: instantText,
    takenAt: instantText,
    isAllRunning: z.boolean().nullable(),
    fleets: z.array(fleetLine).nullable().meta(measured),
    ended: ended.nullable().meta(measured),
    launches: partOf<NonNullable<DailyReport["launches"]>>()({
      launched: z.int(),
      refused: z.int(),
      unknown: z.int(),
    })
      .nullable()
      .meta(measured),
    hosts: partOf<HostsPart>()({ strikes: z.int(), refunds: z.int(), newlyBlocked: z.array(z.int()) })
      .nullable()
      .meta(measured),
    events: z
      .array(
        partOf<EventLine>()({
          fleet: z.string(),
          kind: z.enum(eventKinds),
          machineId: z.int().nullable(),
          message: z.string(),
          at: instantText,
        }),
      )
      .nullable()
      .meta(measured),
    examples: z.array(examples),
    learners: z.array(learner),
    cost: partOf<CostPart>()({
      ...costLine,
      fleets: z.array(partOf<CostLine>()({ fleet: z.string(), ...costLine })),
      unpriced: z.int(),
      creditUsd: amount,
      creditReadAt: instantText.nullable(),
      creditHoursLeft: amount,
    }),
    notMeasured: z.array(z.string()).meta({ description: "Each part that is missing above, and why" }),
  },
  {
    about: "The morning list: who died and why, whether work arrives, what it cost",
    example: {
      day: "2026-11-22",
      from: "2026-11-22T00:00:00.000Z",
      to: "2026-11-23T00:00:00.000Z",
      takenAt: "2026-11-23T00:05:00.000Z",
      isAllRunning: true,
      fleets: [],
      ended: { total: 0, died: 0, byCause: {}, instances: [] },
      launches: { launched: 0, refused: 0, unknown: 0 },
      hosts: { strikes: 0, refunds: 0, newlyBlocked: [] },
      events: [],
      examples: [],
      learners: [],
      cost: {
        spentUsd: 13.9,
        games: 1_676_160,
        usdPerMillionGames: 8.29,
        usdPerHour: 0.58,
        fleets: [],
        unpriced: 0,
        creditUsd: 42.1,
        creditReadAt: "2026-11-23T00:04:40.000Z",
        creditHoursLeft: 72.6,
      },
      notMeasured: [],
    },
  },
);
