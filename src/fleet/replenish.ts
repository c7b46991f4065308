// How many boxes to rent, into which slots, from which offers, and why not more (design rules 14, 15, 17 to 20).

import { isListInDoubt } from "./absence.ts";
import { failedOfBatch, isCanary } from "./breaker.ts";
import { reachedBudget } from "./budget.ts";
import { overdueRents } from "./intents.ts";
import { formatLabel } from "./label.ts";
import { rentRoom, type RentRoom, secondsToNextRent } from "./limits.ts";
import type { Breaker, FleetMemory, WorkerMemory } from "./memory.ts";
import { type OfferTerms, rankOffers, type RankedOffer, type Ranking } from "./offer.ts";
import type { RentAction } from "./plan.ts";
import type { Situation } from "./situation.ts";
import { freeSlots, isWorking } from "./slots.ts";
import type { FleetSpec } from "./spec.ts";
import type { ProvenList } from "./sweep.ts";

export interface RentPlan {
  readonly actions: readonly RentAction[];
  readonly spareOffers: readonly RankedOffer[];
  readonly shortfall: number;
  readonly heldBy: RentRoom["heldBy"];
  readonly isSearchNeeded: boolean;
  readonly drought: FleetMemory["drought"];
  readonly notes: readonly string[];
}

export function planRents(
  situation: Situation,
  proof: ProvenList,
  live: readonly WorkerMemory[],
  memory: FleetMemory,
): RentPlan {
  const target = situation.mode === "down" ? 0 : situation.spec.target;
  const room = rentRoom({
    target,
    live: live.length,
    intents: memory.intents,
    debts: memory.debts,
    memory,
    nowMs: situation.nowMs,
    launchBatch: situation.spec.launchBatch,
    unproven: countUnproven(situation, live, memory),
  });
  const nothing = {
    actions: [],
    spareOffers: [],
    shortfall: room.shortfall,
    heldBy: room.heldBy,
    isSearchNeeded: false,
    drought: null,
    notes: [],
  };
  if (room.shortfall === 0) return nothing;
  // Said by `decide`, whether boxes are missing or not.
  if (reachedBudget(situation.spec, memory.spend, situation.nowMs) !== null) return { ...nothing, heldBy: null };
  const hold = holdReason(situation, live, memory) ?? undeliveredHold(memory);
  if (hold !== null) return { ...nothing, heldBy: null, notes: [hold] };
  const wanted = Math.min(room.allowed, gateLimit(situation, memory));
  const notes = wanted < room.shortfall ? [heldNote(situation, memory, room, wanted)] : [];
  if (wanted === 0) return { ...nothing, drought: memory.drought, notes };
  if (memory.drought !== null && situation.nowMs < memory.drought.nextSearchAtMs) {
    return { ...nothing, drought: memory.drought, notes: [...notes, `no offers: ${memory.drought.why}`] };
  }
  if (situation.offers === null) return { ...nothing, isSearchNeeded: true, drought: memory.drought, notes };
  const ranking = rankOffers(
    situation.offers,
    offerTerms(situation, live, memory),
    situation.throughput,
    situation.hosts.strikesByMachine,
  );
  if (ranking.ranked.length === 0) {
    const drought = nextDrought(situation, memory, whyNone(situation, ranking));
    return { ...nothing, drought, notes: [...notes, `no offers: ${drought.why}`] };
  }
  const slots = freeSlots(Math.min(wanted, ranking.ranked.length), live, memory.intents);
  const actions = slots.flatMap((slot, index): RentAction[] => {
    const offer = ranking.ranked[index];
    return offer === undefined ? [] : [rentAction(situation, proof, slot, offer, room)];
  });
  const few =
    actions.length < wanted
      ? [`${actions.length} of ${wanted} wanted offers found: ${whyNone(situation, ranking)}`]
      : [];
  return { ...nothing, actions, spareOffers: ranking.ranked.slice(actions.length), notes: [...notes, ...few] };
}

/**
 * What is out with a fingerprint that has yet to produce once, in any fleet (design rule 14). Boxes of another one, or
 * taken over from other tools, say nothing about it and do not count.
 */
function countUnproven(
  { spec, fingerprint, isFingerprintProven }: Situation,
  live: readonly WorkerMemory[],
  { intents, faults, breaker }: FleetMemory,
): number | null {
  if (!spec.proveFirst || isFingerprintProven) return null;
  const out = [...live, ...intents].filter((one) => one.fingerprint === fingerprint).length;
  // The breaker has judged what failed: its canary waits for nothing but its time.
  return breaker === null ? out + failedOfBatch(faults, live, fingerprint) : out;
}

/** Why nothing at all may be rented now; `null` when it may. */
function holdReason(situation: Situation, live: readonly WorkerMemory[], memory: FleetMemory): string | null {
  const { mode, account, weights, spec, nowMs } = situation;
  const isCanaryOut = memory.intents.length > 0 || live.some((worker) => !isWorking(worker));
  if (mode === "paused") return "paused: nothing is rented";
  const known = [...live, ...overdueRents(memory.intents, nowMs, spec.timeoutsSeconds.intentSettle * 1000)];
  const missing = known.filter((one) => one.missing !== null);
  if (isListInDoubt(known.length, missing.length))
    return `the list misses ${missing.length} of ${known.length} known boxes: nothing is rented on it`;
  if (account.creditWait !== null && nowMs < account.creditWait.nextProbeAtMs) {
    return `waiting for credit (${account.creditWait.why}): next probe in ${Math.round((account.creditWait.nextProbeAtMs - nowMs) / 1000)} s`;
  }
  if (weights === "missing") return `waiting for weights: ${spec.weightsName} is not in ${spec.weightsRepo}`;
  if (weights === "no-credentials") return `the Hub refuses the token for ${spec.weightsRepo}`;
  if (weights === "unknown")
    return `the Hub does not answer, and ${spec.weightsName} has not been seen in ${spec.weightsRepo}: nothing is rented`;
  if (weights === "unconfirmed" && isCanaryOut) return "the Hub does not answer, and one canary is out: waiting";
  return memory.breaker === null ? null : breakerHold(memory.breaker, live, memory, nowMs);
}

function breakerHold(
  breaker: Breaker,
  live: readonly WorkerMemory[],
  { intents }: FleetMemory,
  nowMs: number,
): string | null {
  const isOut = [...intents, ...live].some((one) => isCanary(breaker, one));
  if (isOut) return "the breaker is open, and its canary is out: waiting for it";
  return nowMs < breaker.nextCanaryAtMs ? "the breaker is open: nothing is rented" : null;
}

/** A box more would fail like the others (design rule 10). A roll-out is a person's way out of that, and is not held. */
function undeliveredHold({ delivery, rollOut }: FleetMemory): string | null {
  if (delivery.alert === null || rollOut !== null) return null;
  return "nothing is rented while what is produced does not reach the Hub";
}

/** One rent at a time probes a credit that may be back, weights that nobody can confirm now, or what opened the breaker. */
function gateLimit({ account, weights }: Situation, { breaker }: FleetMemory): number {
  const isProbe = account.creditWait !== null || weights === "unconfirmed" || breaker !== null;
  return isProbe ? 1 : Number.POSITIVE_INFINITY;
}

function heldNote(situation: Situation, memory: FleetMemory, room: RentRoom, wanted: number): string {
  const { spec, weights, account } = situation;
  const words = {
    ceiling: "destroyed boxes are not yet proven gone",
    hourly: `the hourly limit of ${Math.max(6, 2 * spec.target)} rents is reached; the next one may go in ${secondsToNextRent(memory.rentedAtMs, situation.nowMs)} s, or at once after a change of the spec`,
    unproven: `this image, commit and weights have not produced yet: at most ${spec.launchBatch} out until one does (proveFirst)`,
  };
  const gate =
    account.creditWait !== null
      ? "one rent probes the credit"
      : weights === "unconfirmed"
        ? "the Hub does not answer: one canary only"
        : memory.breaker !== null
          ? "one canary of the breaker"
          : null;
  // A gate lets one out: where none goes, a limit holds it.
  const why = (wanted === 0 ? null : gate) ?? (room.heldBy === null ? "" : words[room.heldBy]);
  return `${room.shortfall} missing, ${wanted} ordered now: ${why}`;
}

/** What an offer must be for this fleet now. */
export function offerTerms(
  situation: Pick<Situation, "spec" | "diskGb" | "hosts" | "nowMs">,
  live: readonly WorkerMemory[],
  memory: FleetMemory,
): OfferTerms {
  const machines = [...live, ...memory.intents, ...memory.debts].map(({ machineId }) => machineId);
  return {
    spec: situation.spec,
    diskGb: situation.diskGb,
    blocked: situation.hosts.blocked,
    excludedGpus: new Set(
      memory.excludedGpus.flatMap(({ gpu, weightsName }) => (weightsName === situation.spec.weightsName ? [gpu] : [])),
    ),
    passedOver: memory.passedOver.filter(({ untilMs }) => untilMs > situation.nowMs),
    occupiedMachines: new Set(machines.filter((machineId): machineId is number => machineId !== null)),
  };
}

function rentAction(
  situation: Situation,
  proof: ProvenList,
  slot: number,
  offer: RankedOffer,
  room: RentRoom,
): RentAction {
  const { spec, fleet } = situation;
  return {
    kind: "rent",
    slot,
    label: formatLabel(fleet, slot),
    offer,
    reason: `${room.shortfall} of ${spec.target} missing; slot ${slot} is free`,
    evidence: {
      offerId: offer.offer.offerId,
      machineId: offer.offer.machineId,
      gpu: offer.offer.gpu,
      usdPerHour: offer.offer.usdPerHour,
      expectedGamesPerSecond: offer.expectedGamesPerSecond,
      usdPerGamePerSecond: offer.usdPerGamePerSecond,
    },
    proof,
  };
}

/** Searches that find nothing back off from the ramp cadence to the steady one (60 → 600 s by default). */
function nextDrought(
  { spec, nowMs }: Situation,
  memory: FleetMemory,
  why: string,
): NonNullable<FleetMemory["drought"]> {
  const tries = (memory.drought?.tries ?? 0) + 1;
  const { ramp, steady } = spec.cadenceSeconds;
  const waitSeconds = Math.min(Math.max(ramp, steady), ramp * 2 ** Math.min(tries - 1, 16));
  return { tries, nextSearchAtMs: nowMs + waitSeconds * 1000, why };
}

const LOOSEN: Readonly<Partial<Record<string, string>>> = {
  price: "raise maxPriceUsdPerHour",
  "gpu-type": "add GPU types",
  "gpu-memory": "lower minGpuRamGb",
  "gpu-ran-out-of-memory": "add larger GPU types",
  reliability: "lower minReliability",
  cuda: "lower minCudaVersion",
  driver: "lower minDriverVersion",
  duration: "lower minDurationDays",
  blocked: "pardon a host",
};

/** What stands in the way, counted, and what to loosen. `hosts`: whose blocked machines the search left out, if it did. */
export function whyNone(
  { spec, hosts }: { readonly spec: FleetSpec; readonly hosts?: Situation["hosts"] },
  { refused }: Pick<Ranking, "refused">,
): string {
  const counts = Object.entries(refused).toSorted(([, a], [, b]) => b - a);
  if (counts.length === 0) {
    const cap = spec.maxPriceUsdPerHour === null ? "at any price" : `up to $${spec.maxPriceUsdPerHour}/hr`;
    const leftOut = hosts?.blocked.size ?? 0;
    const minimums = minimumsOf(spec).map((field) => `, or lower ${field}`);
    const blocked = leftOut === 0 ? "" : `; ${leftOut} blocked machines are left out`;
    return `the market shows no ${spec.gpus.join(", ")} ${cap}; raise maxPriceUsdPerHour or add GPU types${minimums.join("")}${blocked}`;
  }
  const advice = counts.flatMap(([refusal]) => LOOSEN[refusal] ?? []);
  const words = counts.map(([refusal, count]) => `${count} ${refusal}`).join(", ");
  return advice.length === 0 ? `refused: ${words}` : `refused: ${words}; to loosen: ${advice.join(", ")}`;
}

/** The minimums that the search itself carries, so that no row is there to be counted under them. */
function minimumsOf(spec: FleetSpec): readonly string[] {
  const fields = ["minGpuRamGb", "minReliability", "minCudaVersion", "minDriverVersion", "minDurationDays"] as const;
  return fields.filter((field) => spec[field] !== null);
}
