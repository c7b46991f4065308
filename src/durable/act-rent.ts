// Carries out the rents of a plan: at most a launch batch in flight, each with its intent written in the synchronous
// block that re-reads spec version, mode, lease and ceiling. There is no idempotency key at the market, so:
//
//   crash before the intent is written   → nothing was sent
//   crash between intent and answer      → the intent is `open`: it keeps its slot until two sweeps have settled it
//   the answer is lost                   → `unknown`: the same
//   the market refuses                   → the intent is removed; "offer gone" tries the next offer, each offer once
//   the market names an instance         → `rented`: it keeps its slot until the list shows it, or is proven not to

import { plusOne, type RentOutcomeClass, rentOutcomes } from "../fleet/counters.ts";
import { isUnconfirmed } from "../fleet/debts.ts";
import { formatWorkerId } from "../fleet/label.ts";
import type { Intent } from "../fleet/memory.ts";
import type { RankedOffer } from "../fleet/offer.ts";
import type { Plan, RentAction } from "../fleet/plan.ts";
import { fingerprintOf, renderEnv, renderStartScript } from "../fleet/start-script.ts";
import { uploadIntervalFor } from "../fleet/upload-interval.ts";
import { describeFailure, type Rental, type RentOutcome, type VastFailure } from "../vast/client.ts";
import { countersWithCalls } from "./call-counter.ts";
import type { CheckDeps } from "./deps.ts";
import { type FleetRecord, LEASE_MS } from "./fleet-record.ts";
import type { FleetStore } from "./fleet-store.ts";
import { recordEvent } from "./history.ts";
import { rateRefusal } from "./rate-refusal.ts";

/** "Offer gone" answers that one rent survives before it leaves the slot to the next CHECK (Vast API reference §11). */
const OFFERS_PER_RENT = 5;
/** Refusals for rate that one rent waits out; the pace learns from each. */
const RATE_REFUSALS_PER_RENT = 3;
const SPEND_LIMIT_WAIT_SECONDS = 3600;
/** An offer that was refused is left out of the ranking this long. */
const REFUSED_FOR_MS = 1_800_000;
/** One that brought no answer: no longer than it takes to try another one, because the market itself may be away. */
const UNANSWERED_FOR_MS = 300_000;

export interface RentTerms {
  readonly record: FleetRecord;
  readonly leaseId: string;
  readonly keeperId: string;
}

interface Launch extends RentTerms {
  readonly deps: CheckDeps;
  /** Ranked offers not yet tried, best first; shared by all rents. */
  readonly offers: RankedOffer[];
  readonly uploadIntervalSeconds: number;
  /** Set by the first refusal that concerns every rent. */
  stopped: string | null;
}

export async function actRents(deps: CheckDeps, plan: Plan, terms: RentTerms): Promise<readonly string[]> {
  const rents = plan.actions.filter((action): action is RentAction => action.kind === "rent");
  if (rents.length === 0) return [];
  const { spec, name } = terms.record;
  const sharesRepo = deps.workload().hub.writesExamples;
  const others = sharesRepo ? await deps.account.workersOnRepo(spec.examplesRepo, name) : 0;
  const uploadIntervalSeconds = uploadIntervalFor(sharesRepo ? others + spec.target : 0, spec.uploadIntervalSeconds);
  const offers = [...rents.map(({ offer }) => offer), ...plan.spareOffers];
  const launch: Launch = { ...terms, deps, offers, uploadIntervalSeconds, stopped: null };
  // A batch is awaited before the next (runbook §10, Scaling), so that what one call learns holds for the others.
  for (let from = 0; from < rents.length && launch.stopped === null; from += spec.launchBatch) {
    await Promise.all(rents.slice(from, from + spec.launchBatch).map((rent) => rentOne(launch, rent)));
  }
  return launch.stopped === null ? [] : [launch.stopped];
}

async function rentOne(launch: Launch, rent: RentAction): Promise<void> {
  let refusals = 0;
  for (let tries = 0; tries < OFFERS_PER_RENT && launch.stopped === null; tries++) {
    const place = await admit(launch);
    if (place === null) return;
    const outcome = await rentOffer(launch, rent, place);
    if (outcome === null || outcome.kind !== "refused") return;
    const { failure } = outcome;
    if (failure.kind === "offer-gone") continue;
    if (failure.kind === "rate-limited" && refusals++ < RATE_REFUSALS_PER_RENT) {
      launch.offers.unshift(place.offer);
      tries--;
      continue;
    }
    await stopFor(launch, failure);
    return;
  }
}

interface Place {
  readonly offer: RankedOffer;
  readonly startAtMs: number;
}

/** The best offer left that no other fleet has claimed, and when the call may start. Taken off the list before it is asked for. */
async function admit({ deps, offers, record }: Launch): Promise<Place | null> {
  for (let offer = offers.shift(); offer !== undefined; offer = offers.shift()) {
    const { offerId, machineId } = offer.offer;
    const startAtMs = await deps.account.admitRent(record.name, { offerId, machineId });
    if (startAtMs !== null) return { offer, startAtMs };
  }
  return null;
}

/** One create call. `null`: nothing was sent, because the fleet is no longer what the plan was made for. */
async function rentOffer(launch: Launch, rent: RentAction, { offer, startAtMs }: Place): Promise<RentOutcome | null> {
  const { deps } = launch;
  await waitForPlace(deps, startAtMs);
  const prepared = writeIntent(launch, rent, offer);
  if (prepared === null) return null;
  const outcome = await deps.vast.rent(offer.offer.offerId, prepared.rental);
  recordOutcome(launch, rent, prepared.intent, outcome);
  deps.announce();
  await deps.account.learnPace("rent", rateRefusal(outcome));
  if (outcome.kind === "rented") await deps.account.leaveCreditWait();
  return outcome;
}

/** Another rent may be refused while this one waits, and then the route rests for longer than this place is away. */
async function waitForPlace(deps: CheckDeps, placeAtMs: number): Promise<void> {
  let startAtMs = placeAtMs;
  while (startAtMs > deps.now()) {
    await deps.sleep(startAtMs - deps.now());
    startAtMs = await deps.account.placeNow("rent", startAtMs);
  }
}

/** The synchronous block before the call: is this rent still wanted, and if so, it is written down first. */
function writeIntent(
  launch: Launch,
  rent: RentAction,
  { offer }: RankedOffer,
): { intent: Intent; rental: Rental } | null {
  const { deps, record, leaseId } = launch;
  const { store } = deps;
  return store.atomically(() => {
    const current = store.fleet();
    if (current === null || current.version !== record.version || !store.holdsLease(leaseId)) {
      launch.stopped = "the fleet was changed while it was launching: the next CHECK goes on";
      return null;
    }
    const memory = store.memory(deps.now());
    const occupied = memory.workers.length + memory.intents.length;
    const committed = occupied + memory.debts.filter(isUnconfirmed).length;
    if (
      occupied >= record.spec.target ||
      committed >= record.spec.target + 1 ||
      memory.intents.some(({ slot }) => slot === rent.slot)
    )
      return null;
    const id = deps.newId();
    const rental = renderRental(launch, rent, id);
    if (rental === null) return null;
    const intent: Intent = {
      id,
      slot: rent.slot,
      label: rent.label,
      offerId: offer.offerId,
      machineId: offer.machineId,
      gpu: offer.gpu,
      usdPerHour: offer.usdPerHour,
      fingerprint: fingerprintOf(record.spec, deps.workload()),
      uploadIntervalSeconds: deps.workload().hub.writesExamples ? launch.uploadIntervalSeconds : null,
      createdAtMs: deps.now(),
      state: "open",
      instanceId: null,
      answeredAtMs: null,
      missing: null,
    };
    store.putIntent(intent);
    store.extendLease({ id: leaseId, untilMs: deps.now() + LEASE_MS });
    store.changeFleet({ lastWriteAtMs: deps.now() });
    return { intent, rental };
  });
}

function renderRental(launch: Launch, rent: RentAction, intentId: string): Rental | null {
  const { deps, record, keeperId, uploadIntervalSeconds } = launch;
  const workload = deps.workload();
  const { gitRef, weightsRepo, weightsName, examplesRepo, workloadArguments } = record.spec;
  const values = {
    gitRef,
    weightsRepo,
    weightsName,
    examplesRepo,
    workloadArguments,
    workerId: formatWorkerId(record.name, rent.slot),
    uploadIntervalSeconds,
  };
  const script = renderStartScript(workload, values);
  const env = renderEnv(workload, { ...values, hubToken: deps.hubToken ?? "", keeperId, intentId });
  const problem = !script.ok ? script.error : !env.ok ? env.error : null;
  if (problem !== null || !script.ok || !env.ok) {
    launch.stopped = `nothing can be launched: ${problem?.field ?? "workload"} ${problem?.detail ?? ""}`;
    return null;
  }
  return {
    image: workload.image,
    diskGb: workload.diskGb,
    label: rent.label,
    env: env.value,
    onstart: script.value,
    runtype: workload.runtype,
  };
}

function recordOutcome({ deps, record }: Launch, rent: RentAction, intent: Intent, outcome: RentOutcome): void {
  const { store } = deps;
  const nowMs = deps.now();
  const facts = {
    slot: rent.slot,
    machineId: intent.machineId,
    evidence: { offerId: intent.offerId, gpu: intent.gpu, usdPerHour: intent.usdPerHour, intent: intent.id },
  };
  const what = `worker ${rent.slot}: ${intent.gpu} @ $${intent.usdPerHour.toFixed(3)}/hr (offer ${intent.offerId})`;
  const terms = { id: deps.newId(), fleet: record.name, nowMs };
  store.atomically(() => {
    const counters = countersWithCalls(store, deps.calls);
    const rents = plusOne(counters.rents, outcomeClassOf(outcome));
    store.changeFleet({ lastWriteAtMs: nowMs, counters: { ...counters, rents } });
    switch (outcome.kind) {
      case "rented": {
        store.putIntent({ ...intent, state: "rented", instanceId: outcome.instanceId, answeredAtMs: nowMs });
        const memory = store.memory(nowMs);
        store.changeMemory({ rentedAtMs: [...memory.rentedAtMs, nowMs], changedAtMs: nowMs }, nowMs);
        recordEvent(store, terms, {
          ...facts,
          kind: "launch",
          instanceId: outcome.instanceId,
          message: `LAUNCH: ${what} started, instance ${outcome.instanceId}`,
        });
        return;
      }
      case "unknown":
        store.putIntent({ ...intent, state: "unknown", instanceId: outcome.instanceId, answeredAtMs: nowMs });
        passOver(store, intent, nowMs, UNANSWERED_FOR_MS);
        recordEvent(store, terms, {
          ...facts,
          kind: "launch-unknown",
          instanceId: outcome.instanceId,
          message: `LAUNCH: ${what}: the answer was lost (${outcome.reason}); the slot stays taken until the list settles it`,
        });
        return;
      case "refused":
        store.removeIntent(intent.id);
        if (isOfOffer(outcome.failure)) passOver(store, intent, nowMs, REFUSED_FOR_MS);
        recordEvent(store, terms, {
          ...facts,
          kind: "launch-refused",
          message: `LAUNCH: ${what} refused: ${describeFailure(outcome.failure)}`,
        });
    }
  });
}

/** A refusal that another offer may not meet. */
function isOfOffer(failure: VastFailure): boolean {
  return failure.kind === "offer-gone" || (failure.kind === "refused" && failure.status !== 0);
}

/** The ranking is the same at the next CHECK: without this one bad offer at its top would be asked for for ever. */
function passOver(store: FleetStore, { offerId, machineId }: Intent, nowMs: number, forMs: number): void {
  const kept = store.memory(nowMs).passedOver.filter((one) => one.untilMs > nowMs && one.offerId !== offerId);
  store.changeMemory({ passedOver: [...kept, { offerId, machineId, untilMs: nowMs + forMs }] }, nowMs);
}

function outcomeClassOf(outcome: RentOutcome): RentOutcomeClass {
  if (outcome.kind !== "refused") return outcome.kind;
  return rentOutcomes.find((known) => known === outcome.failure.kind) ?? "refused";
}

/** A refusal that every other rent would meet too ends the batch; lack of money becomes the account's state. */
async function stopFor(launch: Launch, failure: VastFailure): Promise<void> {
  const { deps, record } = launch;
  const why = describeFailure(failure);
  launch.stopped = `launching stopped: ${why}`;
  if (failure.kind === "no-credit")
    await deps.account.enterCreditWait("refused", why, record.spec.cadenceSeconds.creditProbe);
  if (failure.kind === "spend-limit") await deps.account.enterCreditWait("spend-limit", why, SPEND_LIMIT_WAIT_SECONDS);
}
