// What a fleet should be: the request a person sends, and the full spec it resolves to. Every default is here.

import { z } from "zod";
import { type Preset, presetNames, presets } from "./preset.ts";

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
  workload: z.enum(["zeb"]),
  weightsName,
  weightsRepo: repo,
  examplesRepo: repo,
  gitRef: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][\w./-]*$/, "a branch, tag or commit"),
  minGpuRamGb: z.number().positive().max(1024).nullable(),
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
export type FleetSpec = Omit<Full, "timeoutsSeconds" | "cadenceSeconds"> & {
  readonly timeoutsSeconds: Readonly<typeof timeoutDefaults>;
  readonly cadenceSeconds: Readonly<typeof cadenceDefaults>;
};

/** A spec that asks for nothing special: the runbook's numbers around a preset. */
function specFromPreset(name: (typeof presetNames)[number]): FleetSpec {
  const preset: Preset = presets[name];
  return {
    preset: name,
    target: preset.target,
    maxPriceUsdPerHour: preset.maxPriceUsdPerHour,
    gpus: [...preset.gpus],
    workload: "zeb",
    weightsName: preset.weightsName,
    weightsRepo: "jasonyandell/zeb-42",
    examplesRepo: "jasonyandell/zeb-42-examples",
    gitRef: "forge",
    minGpuRamGb: null,
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
  const { timeoutsSeconds = {}, cadenceSeconds = {}, ...rest } = patch;
  return {
    ...base,
    ...given(rest),
    timeoutsSeconds: { ...base.timeoutsSeconds, ...given(timeoutsSeconds) },
    cadenceSeconds: { ...base.cadenceSeconds, ...given(cadenceSeconds) },
  };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** The fields that carry a value; an explicit `undefined` is the same as a field left out. */
function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

/**
 * The whole spec that a PUT means. What the request leaves out takes the preset's value. The preset is the one named,
 * else the one the fleet has, else the one of the fleet's own name, else `zeb`.
 */
export function resolveSpec(fleet: string, request: SpecPatch, existing: FleetSpec | null): FleetSpec {
  const own = presetNames.find((name) => name === fleet);
  return withPatch(specFromPreset(request.preset ?? existing?.preset ?? own ?? "zeb"), request);
}

/** The spec that a PATCH means: what it leaves out stays. A new preset brings its own values for what is not given. */
export function patchSpec(existing: FleetSpec, patch: SpecPatch): FleetSpec {
  const preset = patch.preset ?? existing.preset;
  return preset === existing.preset
    ? withPatch(existing, patch)
    : withPatch(specFromPreset(preset), { target: existing.target, ...patch });
}
