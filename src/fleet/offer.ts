// What can be rented: which offers a fleet may take, and in which order.

import { driverNumber } from "./driver-version.ts";
import type { PassedOver } from "./memory.ts";
import type { FleetSpec } from "./spec.ts";
import type { Workload } from "./workload.ts";

/** One row of an offer search, in our units. `null` means the market did not say. */
export interface Offer {
  readonly offerId: number;
  readonly machineId: number | null;
  readonly operatorId: number | null;
  readonly gpu: string;
  readonly gpuCount: number;
  /** All-in price with the searched disk size. */
  readonly usdPerHour: number;
  readonly gpuRamGb: number | null;
  readonly diskGb: number | null;
  readonly reliability: number | null;
  readonly cudaMax: number | null;
  readonly driverVersion: string | null;
  /** Seconds the host still promises from now. */
  readonly durationSeconds: number | null;
  readonly downloadUsdPerGb: number | null;
  readonly isRentable: boolean;
  readonly isRented: boolean;
  readonly geolocation: string | null;
}

/** What to ask the market for; the rows are judged again by `refusalOf`. */
export interface OfferQuery {
  readonly gpus: readonly string[];
  /** `null`: no cap. */
  readonly maxPriceUsdPerHour: number | null;
  /** The disk that will be rented; without it prices exclude most of its cost (Vast API reference §2). */
  readonly diskGb: number;
  readonly minGpuRamGb: number | null;
  readonly minReliability: number | null;
  readonly minCudaVersion: number | null;
  readonly minDriverVersion: string | null;
  readonly minDurationSeconds: number | null;
  readonly excludedMachineIds: readonly number[];
}

export function offerQueryOf(spec: FleetSpec, diskGb: number, blocked: ReadonlySet<number>): OfferQuery {
  return {
    gpus: spec.gpus,
    maxPriceUsdPerHour: spec.maxPriceUsdPerHour,
    diskGb,
    minGpuRamGb: spec.minGpuRamGb,
    minReliability: spec.minReliability,
    minCudaVersion: spec.minCudaVersion,
    minDriverVersion: spec.minDriverVersion,
    minDurationSeconds: minDurationSeconds(spec),
    excludedMachineIds: [...blocked].toSorted((a, b) => a - b),
  };
}

function minDurationSeconds({ minDurationDays }: FleetSpec): number | null {
  return minDurationDays === null ? null : Math.round(minDurationDays * SECONDS_PER_DAY);
}

const SECONDS_PER_DAY = 86_400;
/** A box whose host takes it back within two hours has hardly played when it goes (Vast API reference §11, edge 29). */
const LEAST_STAY_SECONDS = 7200;
/** What a start downloads, an image with PyTorch and packages, in round figures; it is billed beside the price (edge 26). */
const START_GB = 10;
/** A start that costs more than this many hours of rent is no cheap box. */
const START_COST_HOURS = 3;

/** Cost comparisons are made at three decimals, as the runbook shows prices: $0.0904 passes a $0.09 cap. */
export function roundPrice(usdPerHour: number): number {
  return Math.round(usdPerHour * 1000) / 1000;
}

/** At three decimals, and never at the cap itself. */
export function isOverCap(usdPerHour: number, capUsdPerHour: number): boolean {
  return usdPerHour > capUsdPerHour && roundPrice(usdPerHour) > capUsdPerHour;
}

export type Refusal =
  | "not-a-gpu"
  | "rented"
  | "gpu-type"
  | "gpu-count"
  | "gpu-memory"
  | "gpu-ran-out-of-memory"
  | "reliability"
  | "cuda"
  | "driver"
  | "duration"
  | "price"
  | "blocked"
  | "unknown-machine"
  | "disk"
  | "taken"
  | "refused-lately"
  | "ends-soon"
  | "download-cost";

export interface OfferTerms {
  readonly spec: FleetSpec;
  readonly diskGb: number;
  readonly blocked: ReadonlySet<number>;
  /** Types that ran out of memory with these weights. */
  readonly excludedGpus: ReadonlySet<string>;
  /** Machines that this fleet already pays for or still has to get rid of. */
  readonly occupiedMachines: ReadonlySet<number>;
  /** Offers that were refused to this fleet a while ago. */
  readonly passedOver: readonly Pick<PassedOver, "offerId" | "machineId">[];
}

/** Why an offer may not be taken, or `null` when it may. The market does not always honour filters, so every row is judged. */
export function refusalOf(offer: Offer, terms: OfferTerms): Refusal | null {
  const { spec } = terms;
  if (offer.gpuCount === 0) return "not-a-gpu";
  if (!offer.isRentable || offer.isRented) return "rented";
  if (!spec.gpus.includes(offer.gpu)) return "gpu-type";
  if (terms.excludedGpus.has(offer.gpu)) return "gpu-ran-out-of-memory";
  if (offer.gpuCount !== 1) return "gpu-count";
  if (spec.minGpuRamGb !== null && offer.gpuRamGb !== null && offer.gpuRamGb < spec.minGpuRamGb * GPU_RAM_MARGIN)
    return "gpu-memory";
  if (spec.maxPriceUsdPerHour !== null && isOverCap(offer.usdPerHour, spec.maxPriceUsdPerHour)) return "price";
  const unfit = unfitness(offer, spec);
  if (unfit !== null) return unfit;
  if (offer.machineId === null) return "unknown-machine";
  if (terms.blocked.has(offer.machineId)) return "blocked";
  if (terms.occupiedMachines.has(offer.machineId)) return "taken";
  if (terms.passedOver.some((one) => one.offerId === offer.offerId || one.machineId === offer.machineId))
    return "refused-lately";
  if (offer.diskGb !== null && offer.diskGb < terms.diskGb) return "disk";
  return null;
}

/** Below one of the spec's minimums. What the market does not say of a machine is not held against it. */
function unfitness(offer: Offer, spec: FleetSpec): Refusal | null {
  if (isBelow(offer.reliability, spec.minReliability)) return "reliability";
  if (isBelow(offer.cudaMax, spec.minCudaVersion)) return "cuda";
  const [driver, minimum] = [offer.driverVersion, spec.minDriverVersion].map((version) =>
    version === null ? null : driverNumber(version),
  );
  if (isBelow(driver ?? null, minimum ?? null)) return "driver";
  if (isBelow(offer.durationSeconds, minDurationSeconds(spec))) return "duration";
  if (isBelow(offer.durationSeconds, LEAST_STAY_SECONDS)) return "ends-soon";
  const startUsd = START_GB * (offer.downloadUsdPerGb ?? 0);
  return startUsd > START_COST_HOURS * offer.usdPerHour ? "download-cost" : null;
}

function isBelow(value: number | null, minimum: number | null): boolean {
  return value !== null && minimum !== null && value < minimum;
}

/** A "24 GB" card reports about 24,564 MB of usable memory, an L4 22,500 (Vast API reference §2). */
const GPU_RAM_MARGIN = 0.93;

export interface Throughput {
  /** Games/s by GPU type that the workload expects. */
  readonly byGpu: Readonly<Record<string, number>>;
  readonly other: number;
  /** Observed games/s for this weights name, by machine and by GPU type. */
  readonly observedByMachine: ReadonlyMap<number, number>;
  readonly observedByGpu: ReadonlyMap<string, number>;
}

/** What a workload expects, and what has been observed of it, by machine and by GPU type. */
export function throughputOf(
  workload: Pick<Workload, "gamesPerSecondByGpu" | "gamesPerSecondDefault">,
  observed: { readonly byMachine: Readonly<Record<number, number>>; readonly byGpu: Readonly<Record<string, number>> },
): Throughput {
  return {
    byGpu: workload.gamesPerSecondByGpu,
    other: workload.gamesPerSecondDefault,
    observedByMachine: new Map(Object.entries(observed.byMachine).map(([id, rate]) => [Number(id), rate])),
    observedByGpu: new Map(Object.entries(observed.byGpu)),
  };
}

/** Where an expected rate comes from: observed on the machine or on its GPU type, the workload's table, or its default. */
export type RateSource = "machine" | "gpu-type" | "table" | "default";

/** The machine's own rate for this weights name, else the GPU type's, else the workload's table, else its default. */
export function expectedRate(
  { gpu, machineId }: Pick<Offer, "gpu" | "machineId">,
  throughput: Throughput,
): { readonly gamesPerSecond: number; readonly source: RateSource } {
  const own = machineId === null ? undefined : throughput.observedByMachine.get(machineId);
  if (own !== undefined) return { gamesPerSecond: own, source: "machine" };
  const observed = throughput.observedByGpu.get(gpu);
  if (observed !== undefined) return { gamesPerSecond: observed, source: "gpu-type" };
  // A GPU's name comes from the market: "constructor" must not find what every object has.
  const table = Object.hasOwn(throughput.byGpu, gpu) ? throughput.byGpu[gpu] : undefined;
  return table === undefined
    ? { gamesPerSecond: throughput.other, source: "default" }
    : { gamesPerSecond: table, source: "table" };
}

export interface RankedOffer {
  readonly offer: Offer;
  readonly expectedGamesPerSecond: number;
  /** $/hr ÷ expected games/s; lower is better. */
  readonly usdPerGamePerSecond: number;
}

export interface Ranking {
  readonly ranked: readonly RankedOffer[];
  readonly refused: Readonly<Partial<Record<Refusal, number>>>;
}

/**
 * What an offer is worth. A host with strikes is expected to give less: its rate is divided by 1 + strikes, so that the dud
 * that was just replaced is not the next pick.
 */
export function valueOffer(
  offer: Offer,
  throughput: Throughput,
  strikesByMachine: ReadonlyMap<number, number>,
): RankedOffer {
  const strikes = offer.machineId === null ? 0 : (strikesByMachine.get(offer.machineId) ?? 0);
  const rate = expectedRate(offer, throughput).gamesPerSecond / (1 + strikes);
  return { offer, expectedGamesPerSecond: rate, usdPerGamePerSecond: offer.usdPerHour / rate };
}

/** Offers that may be taken, best value first, one per machine. Ties go to the lower offer id. */
export function rankOffers(
  offers: readonly Offer[],
  terms: OfferTerms,
  throughput: Throughput,
  strikesByMachine: ReadonlyMap<number, number>,
): Ranking {
  const refused: Partial<Record<Refusal, number>> = {};
  const candidates: RankedOffer[] = [];
  for (const offer of offers) {
    const refusal = refusalOf(offer, terms);
    if (refusal !== null) {
      refused[refusal] = (refused[refusal] ?? 0) + 1;
      continue;
    }
    candidates.push(valueOffer(offer, throughput, strikesByMachine));
  }
  candidates.sort((a, b) => a.usdPerGamePerSecond - b.usdPerGamePerSecond || a.offer.offerId - b.offer.offerId);
  const seen = new Set<number | null>();
  const ranked = candidates.filter(({ offer }) => !seen.has(offer.machineId) && seen.add(offer.machineId));
  return { ranked, refused };
}
