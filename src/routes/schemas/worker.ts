// Workers as answers show them.

import { z } from "zod";
import type { WorkerDocument } from "../../fleet/document.ts";
import type { Verdict } from "../../fleet/memory.ts";
import { instantText, oneOf, schemaOf } from "./schema-of.ts";

const verdict = oneOf<Verdict>()(
  "booting",
  "setting-up",
  "waiting",
  "producing",
  "uploading",
  "undelivered",
  "stalled",
  "failed",
  "gone",
  "unknown",
);

export const workerExample: WorkerDocument = {
  slot: 0,
  label: "zeb-large-worker-vast-0",
  instanceId: 87_654_321,
  machineId: 4411,
  gpu: "RTX 3070",
  status: "running",
  verdict: "producing",
  detail: "batch 31",
  batch: 31,
  gamesPerSecond: 2.4,
  usdPerHour: 0.072,
  ageSeconds: 7260,
  ssh: "ssh -p 12345 root@ssh5.vast.ai",
  uploadIntervalSeconds: 288,
  startedAt: "2026-11-23T15:59:00.000Z",
  verdictSince: "2026-11-23T16:08:10.000Z",
  machineStrikes: 0,
  recentGamesPerSecond: [2.3, 2.4, 2.4],
};

export const workerSchema = schemaOf<WorkerDocument>()(
  "Worker",
  {
    slot: z.int(),
    label: z.string(),
    instanceId: z.int(),
    machineId: z.int().nullable(),
    gpu: z.string().nullable(),
    status: z.string().meta({ description: "The market's word; `provisioning` before it has one" }),
    verdict,
    detail: z.string(),
    batch: z.int().nullable(),
    gamesPerSecond: z.number().nullable(),
    usdPerHour: z.number().nullable(),
    ageSeconds: z.int(),
    ssh: z.string().nullable(),
    uploadIntervalSeconds: z.number().nullable(),
    startedAt: instantText.meta({ description: "Of the box; its first sight where the market says none" }),
    verdictSince: instantText.nullable().meta({ description: "`null`: longer than this has been kept" }),
    machineStrikes: z.int().nullable().meta({ description: "That count, over all fleets; `null`: machine not known" }),
    recentGamesPerSecond: z.array(z.number()).meta({ description: "Oldest first; at most 24" }),
  },
  { about: "One instance of a fleet, and what its log says", example: workerExample },
);
