/**
 * The machines of the market: what each one is, what it costs, how fast it plays, and how it misbehaves.
 * What a machine offers for rent at this moment is in offers.ts; what runs on it is in box-life.ts.
 */
import { draw, drawBetween, drawInteger, drawOne } from "./random.ts";

/**
 * How a machine treats a box. About a fifth of real hosts are duds (fleet behaviour §1.3); the kinds are the failure
 * signatures of the Vast API reference §4 and fleet behaviour §2.3.
 */
export type HostTrait =
  | "good"
  | "slow" // plays at a third of the rate
  | "crash" // the worker dies of a CUDA error after some batches
  | "flaky" // goes offline for some minutes, then comes back
  | DudKind;

export const DUD_KINDS = ["loading", "no-container", "launcher", "no-cuda", "cdi"] as const;
/** loading: pulls for hours; no-container: never made; launcher: ssh loop; no-cuda: old driver; cdi: OCI error. */
type DudKind = (typeof DUD_KINDS)[number];

export interface Host {
  machineId: number;
  hostId: number;
  gpuName: string;
  gpuCount: number;
  gpuRamMb: number;
  /** $/hr of one GPU without disk. */
  gpuUsdPerHour: number;
  /** $/GB/month. */
  storageUsdPerGbMonth: number;
  /** Games per second of the self-play worker with the large model. */
  gamesPerSecond: number;
  trait: HostTrait;
  geolocation: string;
  reliability: number;
  verified: boolean;
  cudaMaxGood: number;
  driverVersion: string;
  inetDownMbps: number;
  inetUpMbps: number;
  diskGb: number;
  directPorts: number;
  publicIp: string;
  listedUntilMs: number;
  /** Offers for sale now: one per number of GPUs. Empty while the machine is rented. */
  offers: { id: number; gpuCount: number }[];
  /** What was for sale before the machine was rented; searches that lag behind still show it. */
  lastOffers: { id: number; gpuCount: number }[];
  rentedByBoxId: number | null;
}

/** A machine given by hand; what is left out is drawn from the seed. */
export type HostOverride = Partial<Omit<Host, "offers" | "lastOffers" | "rentedByBoxId">>;

export interface HostMix {
  /** How many machines. */
  count: number;
  /** Shares of all machines, 0 to 1. */
  dudShare: number;
  slowShare: number;
  crashShare: number;
  flakyShare: number;
  /** Only these GPU names; empty means all. */
  gpus: readonly string[];
  /** Exactly these machines instead of drawn ones. */
  list: readonly HostOverride[];
}

export const DEFAULT_HOST_MIX: HostMix = {
  count: 90,
  dudShare: 0.2,
  slowShare: 0.05,
  crashShare: 0.03,
  flakyShare: 0.03,
  gpus: [],
  list: [],
};

interface GpuModel {
  name: string;
  ramMb: number;
  /** Games per second with the large model: fleet behaviour §3.6. */
  gamesPerSecond: number;
  lowUsdPerHour: number;
  highUsdPerHour: number;
  /** How common on the market. */
  weight: number;
}

/** Prices are those that the runbook's fleets paid in February 2026, $0.05 to $0.12 for the cards they used. */
const GPU_MODELS: readonly [GpuModel, ...GpuModel[]] = [
  { name: "RTX 3060", ramMb: 12_288, gamesPerSecond: 1.8, lowUsdPerHour: 0.05, highUsdPerHour: 0.075, weight: 14 },
  { name: "RTX 3060 Ti", ramMb: 8192, gamesPerSecond: 2.1, lowUsdPerHour: 0.055, highUsdPerHour: 0.085, weight: 9 },
  { name: "RTX 3070", ramMb: 8192, gamesPerSecond: 2.4, lowUsdPerHour: 0.06, highUsdPerHour: 0.095, weight: 12 },
  { name: "RTX 3070 Ti", ramMb: 8192, gamesPerSecond: 2.65, lowUsdPerHour: 0.065, highUsdPerHour: 0.1, weight: 9 },
  { name: "RTX 3080", ramMb: 10_240, gamesPerSecond: 3, lowUsdPerHour: 0.075, highUsdPerHour: 0.115, weight: 9 },
  { name: "RTX 3080 Ti", ramMb: 12_288, gamesPerSecond: 2.75, lowUsdPerHour: 0.08, highUsdPerHour: 0.12, weight: 5 },
  { name: "RTX 3090", ramMb: 24_576, gamesPerSecond: 2.6, lowUsdPerHour: 0.085, highUsdPerHour: 0.16, weight: 7 },
  { name: "RTX 4060", ramMb: 8188, gamesPerSecond: 1.8, lowUsdPerHour: 0.06, highUsdPerHour: 0.09, weight: 5 },
  { name: "RTX 4060 Ti", ramMb: 16_380, gamesPerSecond: 2.1, lowUsdPerHour: 0.07, highUsdPerHour: 0.11, weight: 6 },
  { name: "RTX 4070", ramMb: 12_282, gamesPerSecond: 3.3, lowUsdPerHour: 0.075, highUsdPerHour: 0.12, weight: 7 },
  { name: "RTX 4070 Ti", ramMb: 12_282, gamesPerSecond: 4.15, lowUsdPerHour: 0.08, highUsdPerHour: 0.13, weight: 6 },
  { name: "RTX 4090", ramMb: 24_564, gamesPerSecond: 6.2, lowUsdPerHour: 0.28, highUsdPerHour: 0.42, weight: 4 },
  { name: "RTX A4000", ramMb: 16_376, gamesPerSecond: 1.9, lowUsdPerHour: 0.08, highUsdPerHour: 0.14, weight: 3 },
  { name: "GTX 1070", ramMb: 8192, gamesPerSecond: 0.9, lowUsdPerHour: 0.045, highUsdPerHour: 0.06, weight: 2 },
];

const PLACES = [
  "Texas, US",
  "California, US",
  "Quebec, CA",
  "Sweden, SE",
  "Poland, PL",
  "Vietnam, VN",
  "Spain, ES",
] as const;
const DRIVERS = ["570.124.06", "560.35.03", "550.90.07", "535.86.05"] as const;
const DRIVER_CUDA: Record<(typeof DRIVERS)[number], number> = {
  "570.124.06": 12.8,
  "560.35.03": 12.6,
  "550.90.07": 12.4,
  "535.86.05": 12.2,
};

const DAY_MS = 86_400_000;

/** All machines of a market of this seed. */
export function makeHosts(seed: number, mix: HostMix, nowMs: number): Host[] {
  if (mix.list.length > 0) {
    return mix.list.map((override, index) => ({ ...drawHost(seed, index, mix, nowMs), ...override }));
  }
  return Array.from({ length: mix.count }, (_, index) => drawHost(seed, index, mix, nowMs));
}

function drawHost(seed: number, index: number, mix: HostMix, nowMs: number): Host {
  const model = drawModel(seed, index, mix.gpus);
  const driverVersion = drawOne(DRIVERS, seed, "driver", index);
  const quality = draw(seed, "price", index);
  return {
    machineId: 4000 + index * 7 + drawInteger(0, 6, seed, "machine", index),
    hostId: 60_000 + drawInteger(0, 9999, seed, "operator", index),
    gpuName: model.name,
    gpuCount: draw(seed, "count", index) < 0.12 ? 2 : 1,
    gpuRamMb: model.ramMb,
    gpuUsdPerHour: round(model.lowUsdPerHour + (model.highUsdPerHour - model.lowUsdPerHour) * quality, 4),
    storageUsdPerGbMonth: round(drawBetween(0.08, 0.25, seed, "storage", index), 3),
    gamesPerSecond: round(model.gamesPerSecond * drawBetween(0.85, 1.12, seed, "rate", index), 2),
    trait: drawTrait(seed, index, mix),
    geolocation: drawOne(PLACES, seed, "place", index),
    reliability: round(drawBetween(0.94, 0.9999, seed, "reliability", index), 7),
    verified: draw(seed, "verified", index) > 0.08,
    cudaMaxGood: DRIVER_CUDA[driverVersion],
    driverVersion,
    inetDownMbps: round(drawBetween(120, 950, seed, "down", index), 1),
    inetUpMbps: round(drawBetween(60, 700, seed, "up", index), 1),
    diskGb: round(drawBetween(60, 900, seed, "disk", index), 1),
    directPorts: drawInteger(2, 250, seed, "ports", index),
    publicIp: `203.0.113.${1 + (index % 254)}`,
    listedUntilMs: nowMs + Math.round(drawBetween(10, 90, seed, "until", index) * DAY_MS),
    offers: [],
    lastOffers: [],
    rentedByBoxId: null,
  };
}

function drawModel(seed: number, index: number, gpus: readonly string[]): GpuModel {
  const wanted = GPU_MODELS.filter((model) => gpus.length === 0 || gpus.includes(model.name));
  const models: readonly GpuModel[] = wanted.length > 0 ? wanted : GPU_MODELS;
  let left = draw(seed, "model", index) * models.reduce((sum, one) => sum + one.weight, 0);
  return models.find((model) => (left -= model.weight) < 0) ?? GPU_MODELS[0];
}

function drawTrait(seed: number, index: number, mix: HostMix): HostTrait {
  let left = draw(seed, "trait", index);
  if ((left -= mix.dudShare) < 0) return drawOne(DUD_KINDS, seed, "dud", index);
  if ((left -= mix.slowShare) < 0) return "slow";
  if ((left -= mix.crashShare) < 0) return "crash";
  if ((left -= mix.flakyShare) < 0) return "flaky";
  return "good";
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
