// What a fleet should be: the request a person sends, and the full spec it resolves to. Every default is here.

import { z } from "zod";
import { driverVersionPattern } from "./driver-version.ts";
import { type Preset, presetNames, presetOfFleet, presets } from "./preset.ts";
import { parameterNameSchema, parameterTextSchema, workloadNameSchema } from "./workload.ts";

/** The weights name of a spec whose workload reads none. */
export const NO_WEIGHTS = "none";
/** The workload of everything that was stored before there were others. */
const FIRST_WORKLOAD = "zeb";

/** "RTX_3070_Ti" and "RTX 3070 Ti" are one GPU; the market's replies carry spaces. */
export function normaliseGpu(name: string): string {
  return name.trim().replaceAll("_", " ").replaceAll(/\s+/g, " ");
}

const seconds = z.int().min(1).max(31_536_000);
const gpu = z.string().trim().min(1).max(64).transform(normaliseGpu);
const repo = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, "a Hub repo is written owner/name");
const weightsName = z
  .string()
  .max(96)
  .regex(/^[A-Za-z0-9][\w.-]*$/, "letters, digits, dot, dash and underscore");
const usd = z.number().positive().max(1_000_000);

const timeouts = {
  /** Grace of a fatal log line that may pass, from first sight (runbook §10: 5 min). */
  errorGrace: seconds,
  /** Runbook §10: stuck in SETUP or BOOT 10 min, WAIT 15 min. */
  setup: seconds,
  boot: seconds,
  wait: seconds,
  /** A producing worker is never called stalled before this (fleet behaviour reference §1.4). */
  stallMinimum: seconds,
  /** An unknown create outcome keeps its slot at least this long (platform reference §3). */
  intentSettle: seconds,
  /** A stopped or lost status that no log can contradict holds this long before the box goes. */
  statusConfirm: seconds,
};

const cadences = {
  /** Runbook §10: CHECK every 60 s for 30 min, then every 600 s; logs every 45 s; credit probe every 5 min. */
  ramp: seconds,
  rampFor: seconds,
  steady: seconds,
  logPoll: seconds,
  logPollSteady: seconds,
  creditProbe: seconds,
};

export const timeoutDefaults = {
  errorGrace: 300,
  setup: 600,
  boot: 600,
  wait: 900,
  stallMinimum: 600,
  intentSettle: 120,
  statusConfirm: 120,
};
export const cadenceDefaults = {
  ramp: 60,
  rampFor: 1800,
  steady: 600,
  logPoll: 45,
  logPollSteady: 150,
  creditProbe: 300,
};

/** Every settable field, all optional; unknown keys are refused by name. */
const requestFields = {
  preset: z.enum(presetNames),
  target: z.int().min(0).max(1000),
  /** `null`: no price cap. */
  maxPriceUsdPerHour: usd.nullable(),
  gpus: z.array(gpu).min(1).max(32),
  workload: workloadNameSchema,
  /** Parameters of the workload by name; `null` goes back to its default. */
  workloadArguments: z.record(parameterNameSchema, parameterTextSchema.nullable()),
  weightsName,
  weightsRepo: repo,
  examplesRepo: repo,
  gitRef: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][\w./-]*$/, "a branch, tag or commit"),
  minGpuRamGb: z.number().positive().max(1024).nullable(),
  /** As the market measures it: the share of time that the machine was up. */
  minReliability: z.number().min(0).max(1).nullable(),
  /** The newest CUDA that the machine's driver bears (`cuda_max_good`), such as 12.4. */
  minCudaVersion: z.number().positive().max(100).nullable(),
  minDriverVersion: z
    .string()
    .regex(driverVersionPattern, "one to three numbers with dots, such as 535.86.05")
    .nullable(),
  /** How long the host must promise the machine for, from the moment of the rent. */
  minDurationDays: z.number().positive().max(3650).nullable(),
  uploadIntervalSeconds: seconds.nullable(),
  timeoutsSeconds: z.strictObject(timeouts).partial(),
  cadenceSeconds: z.strictObject(cadences).partial(),
  strikeLimit: z.int().min(1).max(100),
  strikeExpiryDays: z.int().min(1).max(3650),
  launchBatch: z.int().min(1).max(16),
  proveFirst: z.boolean(),
  stopAfterChecks: z.int().min(1).nullable(),
  budgetUsdPerDay: usd.nullable(),
  budgetUsdTotal: usd.nullable(),
  stopAt: z.iso.datetime({ offset: true }).nullable(),
  onBudget: z.enum(["hold", "down"]),
};

export const specPatchSchema = z.strictObject(requestFields).partial();
export const specRequestSchema = specPatchSchema.required({ target: true });
export type SpecPatch = z.output<typeof specPatchSchema>;
export type SpecRequest = z.output<typeof specRequestSchema>;

type Full = { readonly [K in keyof typeof requestFields]: z.output<(typeof requestFields)[K]> };
export type FleetSpec = Omit<Full, "timeoutsSeconds" | "cadenceSeconds" | "workloadArguments"> & {
  readonly workloadArguments: Readonly<Record<string, string>>;
  readonly timeoutsSeconds: Readonly<typeof timeoutDefaults>;
  readonly cadenceSeconds: Readonly<typeof cadenceDefaults>;
};

const offerMinimums = { minReliability: null, minCudaVersion: null, minDriverVersion: null, minDurationDays: null };

/** A spec as it is stored, with the defaults of the fields that an earlier version did not have. */
export function completeSpec(stored: Partial<FleetSpec>): FleetSpec {
  return { ...specFromPreset("zeb"), workload: FIRST_WORKLOAD, workloadArguments: {}, ...stored };
}

/** A spec that asks for nothing special: the runbook's numbers around a preset. */
function specFromPreset(name: (typeof presetNames)[number]): FleetSpec {
  const preset: Preset = presets[name];
  return {
    preset: name,
    target: preset.target,
    maxPriceUsdPerHour: preset.maxPriceUsdPerHour,
    gpus: [...preset.gpus],
    workload: preset.workload,
    workloadArguments: preset.workloadArguments,
    weightsName: preset.weightsName ?? NO_WEIGHTS,
    weightsRepo: "jasonyandell/zeb-42",
    examplesRepo: "jasonyandell/zeb-42-examples",
    gitRef: "forge",
    minGpuRamGb: null,
    ...offerMinimums,
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
}

function withPatch(base: FleetSpec, patch: SpecPatch): FleetSpec {
  const { timeoutsSeconds = {}, cadenceSeconds = {}, workloadArguments = {}, ...rest } = patch;
  // The parameters of one workload mean nothing to another.
  const isOther = patch.workload !== undefined && patch.workload !== base.workload;
  return {
    ...base,
    ...given(rest),
    timeoutsSeconds: { ...base.timeoutsSeconds, ...given(timeoutsSeconds) },
    cadenceSeconds: { ...base.cadenceSeconds, ...given(cadenceSeconds) },
    workloadArguments: withoutNulls({ ...(isOther ? {} : base.workloadArguments), ...given(workloadArguments) }),
  };
}

function withoutNulls(record: Readonly<Record<string, string | null>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).flatMap(([name, text]) => (text === null ? [] : [[name, text]])));
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The fields that carry a value; an explicit `undefined` is the same as a field left out. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/**
 * The whole spec that a PUT means. What the request leaves out takes the preset's value. The preset is the one named,
 * else the one the fleet has, else the one of the fleet's own name, else `zeb`. A preset's weights are its own
 * workload's: for another one they are left out.
 */
export function resolveSpec(fleet: string, request: SpecPatch, existing: FleetSpec | null): FleetSpec {
  const base = specFromPreset(request.preset ?? existing?.preset ?? presetOfFleet(fleet) ?? "zeb");
  const isOther = request.workload !== undefined && request.workload !== base.workload;
  return withPatch(isOther ? { ...base, weightsName: NO_WEIGHTS } : base, request);
}

/**
 * The spec that a PATCH means: what it leaves out stays. A new preset brings what a preset is about (its workload, weights,
 * GPU types and cap) where the request does not say otherwise; target, repos, budgets and limits are the fleet's own.
 */
export function patchSpec(existing: FleetSpec, patch: SpecPatch): FleetSpec {
  const preset = patch.preset ?? existing.preset;
  if (preset === existing.preset) return withPatch(existing, patch);
  const of = specFromPreset(preset);
  const base = {
    ...existing,
    preset,
    workload: of.workload,
    workloadArguments: of.workloadArguments,
    weightsName: of.weightsName,
    gpus: of.gpus,
    maxPriceUsdPerHour: of.maxPriceUsdPerHour,
  };
  return withPatch(base, patch);
}

/**
 * Under which name rates are observed: the same weights give other rates in another workload. Rows from before there
 * were others bear the weights name alone.
 */
export function rateNameOf(spec: Pick<FleetSpec, "workload" | "weightsName">): string {
  return spec.workload === FIRST_WORKLOAD ? spec.weightsName : `${spec.workload}:${spec.weightsName}`;
}
