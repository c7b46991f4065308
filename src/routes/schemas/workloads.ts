// Presets and workloads as answers show them.

import { z } from "zod";
import { type Workload, workloadSchema } from "../../fleet/workload.ts";
import { zeb } from "../../fleet/zeb.ts";
import type { PresetDocument } from "../presets.ts";
import type { WorkloadDocument, WorkloadList, WorkloadPutAnswer } from "../workloads.ts";
import { mismatched } from "./answers.ts";
import { instantText, notes, partOf, schemaOf } from "./schema-of.ts";

export const presetsSchema = schemaOf<{ readonly presets: readonly PresetDocument[] }>()(
  "Presets",
  {
    presets: z.array(
      partOf<PresetDocument>()({
        name: z.string(),
        needs: z.array(z.string()).meta({ description: "What a request must give besides" }),
        workload: z.string(),
        weightsName: z.string().nullable(),
        target: z.int(),
        maxPriceUsdPerHour: z.number(),
        gpus: z.array(z.string()),
        workloadArguments: z.record(z.string(), z.string()),
        fleet: z.string().nullable().meta({ description: "A fleet of this name gets the preset unasked" }),
        launcher: z.string(),
      }),
    ),
  },
  {
    about: "What each preset sets, and which of the runbook's launchers it stands for",
    example: {
      presets: [
        {
          name: "zeb-large",
          needs: [],
          workload: "zeb",
          weightsName: "large",
          target: 8,
          maxPriceUsdPerHour: 0.09,
          gpus: ["RTX 3060", "RTX 3070"],
          workloadArguments: {},
          fleet: "zeb-large",
          launcher: "go.sh",
        },
      ],
    },
  },
);

/** The record's own schema; in an answer it says what is kept, and in a request what is taken. */
const recordSchema: z.ZodType<Workload> = workloadSchema.meta({ ref: "Workload", examples: [zeb] });

const workloadExample: WorkloadDocument = {
  name: "zeb",
  isBuiltIn: true,
  updatedAt: null,
  updatedBy: null,
  workload: zeb,
};

export const workloadDocumentSchema = schemaOf<WorkloadDocument>()(
  "WorkloadDocument",
  {
    name: z.string(),
    isBuiltIn: z.boolean(),
    updatedAt: instantText.nullable(),
    updatedBy: z.string().nullable(),
    workload: recordSchema,
  },
  { about: "What runs in a rented box, and who has put it", example: workloadExample },
);

export const workloadListSchema = schemaOf<WorkloadList>()(
  "WorkloadList",
  { workloads: z.array(workloadDocumentSchema), notes },
  { about: "The built-in workloads and those that were put", example: { workloads: [workloadExample], notes: [] } },
);

export const workloadPutSchema = schemaOf<WorkloadPutAnswer>()(
  "WorkloadChange",
  {
    workload: recordSchema,
    fleets: z.array(partOf<WorkloadPutAnswer["fleets"][number]>()({ fleet: z.string(), mismatched })),
    notes,
  },
  {
    about: "A workload's record, and the fleets that use it with the instances that it would not have made",
    example: { workload: zeb, fleets: [], notes: [] },
  },
);
