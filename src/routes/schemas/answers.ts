// What the doors that write answer: a spec stored or tried, workers launched or ended.

import { z } from "zod";
import type {
  AdoptAnswer,
  ByHandAnswer,
  DryPutAnswer,
  LaunchAnswer,
  PutAnswer,
  SpecDiff,
  SshAnswer,
} from "../../durable/rpc.ts";
import type { Mismatch } from "../../fleet/mismatch.ts";
import type { PreflightCheck } from "../../fleet/preflight.ts";
import type { DownAnswer } from "../down.ts";
import { type ProblemCode, problemKinds } from "../problem.ts";
import { fleetExample, fleetSchema, planExample, planSchema } from "./fleet.ts";
import { notes, oneOf, partOf, schemaOf } from "./schema-of.ts";
import { specExample, specSchema } from "./spec.ts";
import { workerExample, workerSchema } from "./worker.ts";

const lines = z.array(z.string()).meta({ description: "What was done, in the runbook's words" });
const isUnfinished = z.boolean().meta({ description: "The work goes on without the caller" });

export const mismatched = z
  .array(partOf<Mismatch>()({ slot: z.int(), instanceId: z.int(), why: z.string() }))
  .meta({ description: "Live instances that would not be rented like this now" });

const diff = z.array(partOf<SpecDiff>()({ field: z.string(), from: z.unknown(), to: z.unknown() }));

export const putSchema = schemaOf<PutAnswer>()(
  "FleetChange",
  { created: z.boolean(), fleet: fleetSchema, diff, mismatched, notes },
  {
    about: "A fleet after a write of its spec, and what the write changed",
    example: {
      created: false,
      fleet: fleetExample,
      diff: [{ field: "target", from: 4, to: 8 }],
      mismatched: [],
      notes: [],
    },
  },
);

const preflight = z.array(
  partOf<PreflightCheck>()({
    name: z.string(),
    result: oneOf<PreflightCheck["result"]>()("ok", "failed", "not measured"),
    detail: z.string(),
    hint: z.string().nullable(),
  }),
);

export const dryPutSchema = schemaOf<DryPutAnswer>()(
  "FleetTrial",
  { spec: specSchema, diff, plan: planSchema, preflight, notes },
  {
    about: "What a write of the spec would mean; nothing is stored",
    example: {
      spec: specExample,
      diff: [],
      plan: planExample,
      preflight: [{ name: "Vast key", result: "ok", detail: "account 123456", hint: null }],
      notes: [],
    },
  },
);

export const launchSchema = schemaOf<LaunchAnswer>()(
  "Launch",
  { fleet: fleetSchema, target: z.int(), lines, isUnfinished },
  {
    about: "What an order to have more workers has begun",
    example: {
      fleet: fleetExample,
      target: 8,
      lines: ["Launching 4 workers...", "  Worker 0: RTX 3070 @ $0.102/hr (offer 12345678)", "    started."],
      isUnfinished: true,
    },
  },
);

export const byHandSchema = schemaOf<ByHandAnswer>()(
  "ByHand",
  { fleet: fleetSchema, ended: z.array(workerSchema), target: z.int(), lines, isUnfinished },
  {
    about: "What an order to end one worker has begun",
    example: {
      fleet: fleetExample,
      ended: [workerExample],
      target: 8,
      lines: ["Destroying worker 0 (instance 87654321)..."],
      isUnfinished: true,
    },
  },
);

export const removedSchema = schemaOf<{ readonly removed: string }>()(
  "Removed",
  { removed: z.string() },
  { about: "The name of what is gone", example: { removed: "zeb-large" } },
);

export const downSchema = schemaOf<DownAnswer>()(
  "Down",
  {
    fleets: z.array(fleetSchema),
    failed: z.array(
      partOf<DownAnswer["failed"][number]>()({
        fleet: z.string(),
        code: z.enum(Object.keys(problemKinds) as ProblemCode[]),
        detail: z.string(),
      }),
    ),
    notes,
  },
  {
    about: "The fleets that are ending",
    example: { fleets: [{ ...fleetExample, mode: "down", state: "draining" }], failed: [], notes: [] },
  },
);

export const sshSchema = schemaOf<SshAnswer>()(
  "Ssh",
  {
    instanceId: z.int(),
    label: z.string().nullable(),
    status: z.string(),
    command: z.string().nullable(),
    why: z.string().nullable().meta({ description: "Why there is no command; `null` where there is one" }),
    milestone: z.string().nullable().meta({ description: "Where its log stands; `null`: not measured" }),
    checks: z.array(partOf<SshAnswer["checks"][number]>()({ command: z.string(), asks: z.string() })),
  },
  {
    about: "How to log in to an instance, and what to look at there",
    example: {
      instanceId: 87_654_321,
      label: "zeb-large-worker-vast-0",
      status: "running",
      command: "ssh -p 12345 root@ssh5.vast.ai",
      why: null,
      milestone: "produces",
      checks: [{ command: "nvidia-smi", asks: "GPU status and memory usage" }],
    },
  },
);

export const adoptSchema = schemaOf<AdoptAnswer>()(
  "Adoption",
  { fleet: fleetSchema, instanceId: z.int(), slot: z.int(), label: z.string(), lines },
  {
    about: "A stray that is a fleet's now",
    example: {
      fleet: fleetExample,
      instanceId: 87_654_321,
      slot: 0,
      label: "zeb-large-worker-vast-0",
      lines: ["Adopted 87654321 as worker 0."],
    },
  },
);
