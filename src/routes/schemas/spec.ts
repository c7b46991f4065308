// The whole spec as a fleet keeps it, and what each of its fields is, for requests and answers alike.

import { z } from "zod";
import { presetNames } from "../../fleet/preset.ts";
import { cadenceDefaults, type FleetSpec, type SpecPatch, specPatchSchema, timeoutDefaults } from "../../fleet/spec.ts";
import { partOf, schemaOf } from "./schema-of.ts";

/** A field without words does not compile. */
const specWords: Readonly<Record<keyof SpecPatch, string>> = {
  preset: "Where what is left out comes from; the fleet's own name if it is one, else `zeb`",
  target: "How many workers; 0 is a way down",
  maxPriceUsdPerHour: "No machine above this is rented, and a dearer one is replaced; `null`: no cap",
  gpus: "GPU types that may be rented; `RTX_3070_Ti` and `RTX 3070 Ti` are one",
  workload: "What runs in the box: `GET /api/workloads`",
  workloadArguments: "Parameters of the workload by name; in a request `null` takes one back. Not for secrets",
  weightsName: "Which weights the workers load from the weights repo",
  weightsRepo: "The Hub repo of the weights, `owner/name`",
  examplesRepo: "The Hub repo that workers commit to, `owner/name`",
  gitRef: "Branch, tag or commit of the worker's code",
  minGpuRamGb: "Memory that a GPU must have; `null`: any",
  minReliability: "Share of time that a machine must have been up, as the market measures it",
  minCudaVersion: "The newest CUDA that a machine's driver must bear",
  minDriverVersion: "The oldest driver that a machine may have",
  minDurationDays: "For how long the host must still promise the machine",
  uploadIntervalSeconds: "Lengthens the computed interval between uploads; `null`: as computed",
  timeoutsSeconds: "How long each phase of a worker may take",
  cadenceSeconds: "How often is looked",
  strikeLimit: "So many strikes that count block a machine",
  strikeExpiryDays: "For so long a strike counts",
  launchBatch: "At most so many rents in flight",
  proveFirst: "At most one batch is out until this image, commit and weights have produced once",
  stopAfterChecks: "Pauses after so many scheduled CHECKs; `null`: never",
  budgetUsdPerDay: "No rent once the UTC day has cost so much; `null`: no budget",
  budgetUsdTotal: "No rent once the fleet has cost so much; `null`: no budget",
  stopAt: "No rent from this instant on; `null`: never",
  onBudget: "What a reached budget does with the workers: `hold` keeps them, `down` ends them",
};

// The requests' own schemas get the words, wherever they are extended.
for (const [field, schema] of Object.entries(specPatchSchema.shape))
  z.globalRegistry.add(schema, { description: specWords[field as keyof SpecPatch] });

const said = (field: keyof SpecPatch) => ({ description: specWords[field] });
const seconds = z.int();
const minimum = z.number().nullable();

export const specExample: FleetSpec = {
  preset: "zeb-large",
  target: 8,
  maxPriceUsdPerHour: 0.09,
  gpus: ["RTX 3060", "RTX 3070 Ti"],
  workload: "zeb",
  workloadArguments: {},
  weightsName: "large",
  weightsRepo: "jasonyandell/zeb-42",
  examplesRepo: "jasonyandell/zeb-42-examples",
  gitRef: "forge",
  minGpuRamGb: null,
  minReliability: null,
  minCudaVersion: null,
  minDriverVersion: null,
  minDurationDays: null,
  uploadIntervalSeconds: null,
  timeoutsSeconds: timeoutDefaults,
  cadenceSeconds: cadenceDefaults,
  strikeLimit: 3,
  strikeExpiryDays: 30,
  launchBatch: 4,
  proveFirst: true,
  stopAfterChecks: null,
  budgetUsdPerDay: null,
  budgetUsdTotal: null,
  stopAt: null,
  onBudget: "hold",
};

export const specSchema = schemaOf<FleetSpec>()(
  "Spec",
  {
    preset: z.enum(presetNames).meta(said("preset")),
    target: z.int().meta(said("target")),
    maxPriceUsdPerHour: z.number().nullable().meta(said("maxPriceUsdPerHour")),
    gpus: z.array(z.string()).meta(said("gpus")),
    workload: z.string().meta(said("workload")),
    workloadArguments: z.record(z.string(), z.string()).meta(said("workloadArguments")),
    weightsName: z.string().meta(said("weightsName")),
    weightsRepo: z.string().meta(said("weightsRepo")),
    examplesRepo: z.string().meta(said("examplesRepo")),
    gitRef: z.string().meta(said("gitRef")),
    minGpuRamGb: minimum.meta(said("minGpuRamGb")),
    minReliability: minimum.meta(said("minReliability")),
    minCudaVersion: minimum.meta(said("minCudaVersion")),
    minDriverVersion: z.string().nullable().meta(said("minDriverVersion")),
    minDurationDays: minimum.meta(said("minDurationDays")),
    uploadIntervalSeconds: z.int().nullable().meta(said("uploadIntervalSeconds")),
    timeoutsSeconds: partOf<FleetSpec["timeoutsSeconds"]>()({
      errorGrace: seconds,
      setup: seconds,
      boot: seconds,
      wait: seconds,
      stallMinimum: seconds,
      intentSettle: seconds,
      statusConfirm: seconds,
    }).meta(said("timeoutsSeconds")),
    cadenceSeconds: partOf<FleetSpec["cadenceSeconds"]>()({
      ramp: seconds,
      rampFor: seconds,
      steady: seconds,
      logPoll: seconds,
      logPollSteady: seconds,
      creditProbe: seconds,
    }).meta(said("cadenceSeconds")),
    strikeLimit: z.int().meta(said("strikeLimit")),
    strikeExpiryDays: z.int().meta(said("strikeExpiryDays")),
    launchBatch: z.int().meta(said("launchBatch")),
    proveFirst: z.boolean().meta(said("proveFirst")),
    stopAfterChecks: z.int().nullable().meta(said("stopAfterChecks")),
    budgetUsdPerDay: z.number().nullable().meta(said("budgetUsdPerDay")),
    budgetUsdTotal: z.number().nullable().meta(said("budgetUsdTotal")),
    stopAt: z.string().nullable().meta(said("stopAt")),
    onBudget: z.enum(["hold", "down"]).meta(said("onBudget")),
  },
  { about: "What a fleet should be, whole", example: specExample },
);
