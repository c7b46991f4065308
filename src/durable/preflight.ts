// Asks what a dry run of a spec wants to know besides its plan (design §6). Everything here reads, nothing is stored, and a
// call that fails or takes too long is an answer of its own.

import { withDeadline } from "../deadline.ts";
import type { Plan } from "../fleet/plan.ts";
import { type Asked, judgePreflight, type PreflightCheck } from "../fleet/preflight.ts";
import type { FleetSpec } from "../fleet/spec.ts";
import { describeHubFailure, type HubFailure } from "../huggingface/errors.ts";
import type { AccountFacts } from "./account-facts.ts";
import type { CheckDeps } from "./deps.ts";

/** A dry run answers within seconds; whoever is slower is "not measured". */
const ASK_LIMIT_MS = 8_000;

export async function preflight(
  deps: CheckDeps,
  fleet: string,
  spec: FleetSpec,
  plan: Plan,
): Promise<readonly PreflightCheck[]> {
  const { hub } = deps.workload();
  const repos = [
    ...new Set([...(hub.readsWeights ? [spec.weightsRepo] : []), ...(hub.writesExamples ? [spec.examplesRepo] : [])]),
  ];
  const [facts, hubToken, weights, othersOnRepo] = await Promise.all([
    inTime(deps.account.facts(), silentAccount),
    inTime(
      deps.hub.whoami(repos).then((who) => (who.ok ? answered(who.value) : unanswered(who.error))),
      (why) => ({ kind: "silent", why }) as const,
    ),
    hub.readsWeights
      ? inTime(deps.hub.weightsPresent(spec.weightsRepo, spec.weightsName), () => "unknown" as const)
      : null,
    hub.writesExamples ? deps.account.workersOnRepo(spec.examplesRepo, fleet) : null,
  ]);
  return judgePreflight({
    spec,
    account: facts.account,
    boundAccountId: facts.boundAccountId,
    plannedUsdPerHour: plannedUsdPerHour(deps, facts, spec, plan),
    sshKeys: facts.sshKeys,
    hubToken,
    weights,
    othersOnRepo,
  });
}

/** What all boxes of the account will cost with this fleet at its target, missing ones at the price of the others. */
function plannedUsdPerHour(
  { store, now }: CheckDeps,
  { usdPerHour }: AccountFacts,
  spec: FleetSpec,
  plan: Plan,
): number | null {
  const fleetNow = sum(store.memory(now()).workers.map((worker) => worker.usdPerHour));
  const rents = plan.actions.flatMap((action) => (action.kind === "rent" ? [action.offer.offer.usdPerHour] : []));
  const prices = [...plan.memory.workers.map((worker) => worker.usdPerHour), ...rents].filter(
    (price) => price !== null,
  );
  const missing = Math.max(0, spec.target - prices.length);
  const each = prices.length > 0 ? sum(prices) / prices.length : spec.maxPriceUsdPerHour;
  if (usdPerHour === null || (missing > 0 && each === null)) return null;
  return Math.max(0, usdPerHour - fleetNow) + sum(prices) + missing * (each ?? 0);
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce((total: number, value) => total + (value ?? 0), 0);
}

function answered<T>(value: T): Asked<T> {
  return { kind: "answer", value };
}

/** A missing or refused token is an answer; silence and riddles are not. */
function unanswered(failure: HubFailure): Asked<never> {
  const isRefused = failure.kind === "no-token" || failure.kind === "no-credentials";
  return { kind: isRefused ? "refused" : "silent", why: describeHubFailure(failure) };
}

function silentAccount(why: string): AccountFacts {
  const silent = { kind: "silent", why } as const;
  return { account: silent, sshKeys: silent, boundAccountId: null, usdPerHour: null };
}

async function inTime<T>(answer: Promise<T>, late: (why: string) => T): Promise<T> {
  try {
    return await withDeadline(answer, ASK_LIMIT_MS);
  } catch (error) {
    return late(error instanceof Error ? error.message : String(error));
  }
}
