// Looks at the world for one CHECK and puts it beside what the fleet remembers. What the first look does not need
// (instances by id, the account, a search) is asked for only when the plan wants it.

import type { ObservedRates } from "../db/throughput.ts";
import type { Confirmation } from "../fleet/absence.ts";
import { decide } from "../fleet/decide.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import { type Offer, offerQueryOf, throughputOf } from "../fleet/offer.ts";
import type { FleetMode, Needs, Plan } from "../fleet/plan.ts";
import type { AccountView, Situation, WeightsAnswer } from "../fleet/situation.ts";
import { type FleetSpec, rateNameOf } from "../fleet/spec.ts";
import { fingerprintOf } from "../fleet/start-script.ts";
import { proveSweep } from "../fleet/sweep.ts";
import type { FirstAnswer } from "./account-words.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetRecord } from "./fleet-record.ts";
import { hostView } from "./stored-hosts.ts";
import { NO_RATES } from "./shared-rates.ts";
import { softly } from "./softly.ts";

/** A weights file that was there stays there this long unasked; anything else is asked again at each CHECK. */
const WEIGHTS_KNOWN_MS = 600_000;
/** A shared sweep may be this part of the cadence old. */
const SWEEP_AGE_SHARE = 0.7;
const SWEEP_AGE_MAX_MS = 45_000;

/** What is looked at once per CHECK, before the first decision. */
export interface Observed {
  /** The software that was asked about. */
  readonly fingerprint: string;
  readonly first: Omit<FirstAnswer, "account">;
  readonly account: AccountView;
  readonly weights: WeightsAnswer;
  /** `null`: not asked for. */
  readonly rates: ObservedRates | null;
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  readonly isAccountAsked: boolean;
  /** This fleet has asked for the account's credit probe. */
  readonly isProbed: boolean;
  readonly offers: readonly Offer[] | null;
  /** Why a search brought nothing to judge; `null`: none was made, or it answered. */
  readonly searchFailure: string | null;
  readonly isSearched: boolean;
}

/** The part of a fleet that a decision reads; a dry run of a new spec passes one that is stored nowhere. */
export interface FleetUnderCheck {
  readonly name: string;
  readonly spec: FleetSpec;
  readonly mode: FleetMode;
  readonly cadenceSeconds: number;
  readonly lastWriteAtMs: number;
  readonly lookAgainAtMs: number | null;
}

/** `isIdle`: an older list will do while nothing follows from it; a fleet that looks every minute takes none. */
export async function observe(deps: CheckDeps, fleet: FleetUnderCheck, isIdle = false): Promise<Observed> {
  const { account } = deps;
  const { spec } = fleet;
  const maxAgeMs = Math.min(SWEEP_AGE_MAX_MS, fleet.cadenceSeconds * 1000 * SWEEP_AGE_SHARE);
  const { examplesRepo, weightsRepo } = spec;
  const fingerprint = fingerprintOf(spec, deps.workload());
  const [first, weights] = await Promise.all([
    account.look({
      afterMs: fleet.lastWriteAtMs,
      maxAgeMs,
      isIdle: isIdle && maxAgeMs === SWEEP_AGE_MAX_MS,
      fleet: fleet.name,
      fingerprint,
      repos: deps.workload().hub.writesExamples ? { examplesRepo, weightsRepo } : null,
    }),
    readWeights(deps, spec),
    refreshBlacklist(deps, spec),
  ]);
  return {
    fingerprint,
    first,
    account: first.account,
    weights,
    rates: null,
    confirmations: new Map(),
    isAccountAsked: false,
    isProbed: false,
    offers: null,
    searchFailure: null,
    isSearched: false,
  };
}

/** True where anything follows from a list that is too old for it, or makes the fleet blind. */
export function wantsYoungerList({ actions, needs, memory }: Plan, { first }: Observed): boolean {
  const isBlind = memory.blindSinceMs !== null;
  return first.isListOld && (isBlind || actions.length > 0 || needs.logs.length > 0);
}

/** True where the plan wants something that has not been asked for in this CHECK. */
export function wantsMore(needs: Needs, seen: Observed): boolean {
  return (
    (needs.offers && !seen.isSearched) ||
    (needs.account && !seen.isAccountAsked) ||
    (needs.rates && seen.rates === null) ||
    needs.confirm.some((id) => !seen.confirmations.has(id))
  );
}

/**
 * What a CHECK that the account's wait for credit holds back would do with the probe, when that is due; `null`: there is
 * nothing to try. The probe is one rent for all fleets, so only a CHECK that would send it asks for it: one that is held
 * by something else as well would keep the wait from ending (docs/decisions/0012).
 */
export function tryProbe(
  deps: CheckDeps,
  fleet: FleetUnderCheck,
  memory: FleetMemory,
  seen: Observed,
): { readonly isWanted: boolean; readonly needs: Needs } | null {
  const { creditWait } = seen.account;
  if (creditWait === null || seen.isProbed || deps.now() < creditWait.nextProbeAtMs) return null;
  const { actions, needs } = decide(assemble(deps, fleet, memory, { ...seen, isProbed: true }));
  return { isWanted: actions.some(({ kind }) => kind === "rent"), needs };
}

/** Asks for the probe: the view that comes back lets this fleet send one rent, or none. */
export async function probeCredit(deps: CheckDeps, fleet: FleetUnderCheck, seen: Observed): Promise<Observed> {
  return { ...seen, isProbed: true, account: await deps.account.probeCredit(fleet.spec.cadenceSeconds.creditProbe) };
}

export async function observeMore(
  deps: CheckDeps,
  fleet: FleetUnderCheck,
  needs: Needs,
  seen: Observed,
): Promise<Observed> {
  const toConfirm = needs.confirm.filter((id) => !seen.confirmations.has(id));
  const isSearch = needs.offers && !seen.isSearched;
  const [confirmed, account, rates, search] = await Promise.all([
    toConfirm.length === 0 ? [] : deps.account.confirm(toConfirm),
    needs.account && !seen.isAccountAsked ? deps.account.readAccount() : null,
    needs.rates && seen.rates === null ? deps.account.rates(rateNameOf(fleet.spec)) : seen.rates,
    isSearch
      ? deps.account.search(offerQueryOf(fleet.spec, deps.workload().diskGb, hostsOf(deps, fleet.spec).blocked))
      : null,
  ]);
  return {
    ...seen,
    account:
      account === null
        ? seen.account
        : {
            creditUsd: account.creditUsd,
            readAtMs: account.readAtMs,
            // A wait that this very answer has begun counts at once; a granted probe stays granted.
            creditWait: seen.account.creditWait ?? account.creditWait,
          },
    isAccountAsked: seen.isAccountAsked || needs.account,
    rates,
    confirmations: new Map([...seen.confirmations, ...confirmed]),
    isSearched: seen.isSearched || isSearch,
    offers: search === null ? seen.offers : search.ok ? search.offers : null,
    searchFailure: search === null ? seen.searchFailure : search.ok ? null : search.reason,
  };
}

/** Until the probe is granted, a wait whose probe is due holds like any other. */
function heldAccount(seen: Observed, spec: FleetSpec, nowMs: number): AccountView {
  const wait = seen.account.creditWait;
  if (wait === null || seen.isProbed || nowMs < wait.nextProbeAtMs) return seen.account;
  return { ...seen.account, creditWait: { ...wait, nextProbeAtMs: nowMs + spec.cadenceSeconds.ramp * 1000 } };
}

/** The situation as of now: what was seen, and what the store says at this instant. Synchronous. */
export function assemble(deps: CheckDeps, fleet: FleetUnderCheck, memory: FleetMemory, seen: Observed): Situation {
  const workload = deps.workload();
  const { reading, boundAccountId, keeperId, isFingerprintProven, commits } = seen.first;
  const fingerprint = fingerprintOf(fleet.spec, workload);
  // The spec may have been changed since: of other software nothing has been asked, and the next CHECK asks.
  const isAsked = seen.fingerprint === fingerprint;
  return {
    nowMs: deps.now(),
    wantedAtMs: fleet.lookAgainAtMs,
    fleet: fleet.name,
    keeperId,
    spec: fleet.spec,
    mode: fleet.mode,
    missingCredentials: deps.missingCredentials,
    memory,
    sweep: proveSweep(reading, { accountId: boundAccountId, lastWriteAtMs: fleet.lastWriteAtMs }),
    confirmations: seen.confirmations,
    account: heldAccount(seen, fleet.spec, deps.now()),
    weights: isAsked || !workload.hub.readsWeights ? seen.weights : "unknown",
    commits,
    hosts: hostsOf(deps, fleet.spec),
    throughput: throughputOf(workload, seen.rates ?? NO_RATES),
    diskGb: workload.diskGb,
    fingerprint,
    isFingerprintProven: isAsked && isFingerprintProven,
    offers: seen.offers,
  };
}

export function hostsOf({ store }: CheckDeps, { strikeLimit }: FleetSpec): Situation["hosts"] {
  return hostView(store.hosts(), store.pendingStrikes(), strikeLimit);
}

/** The blacklist from D1, or the last known one (design §2). */
async function refreshBlacklist(deps: CheckDeps, spec: FleetSpec): Promise<void> {
  const askedAtMs = deps.now();
  const answer = await softly(
    "history.blacklist",
    deps.history.readBlacklist({ nowMs: deps.now(), strikeLimit: spec.strikeLimit }),
  );
  if (answer !== null) deps.store.setHosts(answer, askedAtMs);
}

interface KnownWeights {
  readonly place: string;
  readonly isPresent: boolean;
  readonly atMs: number;
}

async function readWeights(deps: CheckDeps, spec: FleetSpec): Promise<WeightsAnswer> {
  if (!deps.workload().hub.readsWeights) return "present";
  if (deps.hubToken === null) return "no-credentials";
  const place = `${spec.weightsRepo}/${spec.weightsName}`;
  const noted = deps.store.note<KnownWeights>("weights");
  const known = noted?.place === place ? noted : null;
  if (known?.isPresent === true && deps.now() - known.atMs < WEIGHTS_KNOWN_MS) return "present";
  const answer = await deps.hub.weightsPresent(spec.weightsRepo, spec.weightsName);
  if (answer === "unknown") return known?.isPresent === true ? "unconfirmed" : "unknown";
  if (answer === "present" || known !== null)
    deps.store.setNote("weights", { place, isPresent: answer === "present", atMs: deps.now() });
  return answer;
}

export function underCheck(record: FleetRecord): FleetUnderCheck {
  const { name, spec, mode, cadenceSeconds, lastWriteAtMs, lookAgainAtMs } = record;
  return { name, spec, mode, cadenceSeconds, lastWriteAtMs, lookAgainAtMs };
}
