// What can be known before a fleet is made (design §6, dry run): key, credit, SSH key, Hub token, weights, commit budget.
// What could not be asked is "not measured", never a failure.

import { cents } from "./budget.ts";
import type { AccountView } from "./situation.ts";
import type { FleetSpec } from "./spec.ts";
import { projectedCommitsPerHour, uploadIntervalFor, uploadIntervalProblem } from "./upload-interval.ts";

export interface PreflightCheck {
  readonly name: string;
  readonly result: "ok" | "failed" | "not measured";
  readonly detail: string;
  /** What to do; `null` where nothing is. */
  readonly hint: string | null;
}

/** An outside answer: it says so, it refuses for good, or it did not come. */
export type Asked<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "refused"; readonly why: string }
  | { readonly kind: "silent"; readonly why: string };

export interface PreflightFacts {
  readonly spec: Pick<FleetSpec, "target" | "weightsRepo" | "weightsName" | "examplesRepo" | "uploadIntervalSeconds">;
  readonly account: Asked<{ readonly accountId: number; readonly creditUsd: AccountView["creditUsd"] }>;
  /** The account that this deployment is bound to; `null`: none yet. */
  readonly boundAccountId: number | null;
  /** $/hr of the whole account once the plan is carried out; `null`: not known. */
  readonly plannedUsdPerHour: number | null;
  readonly sshKeys: Asked<number>;
  /** One entry per repo that the workload needs; `null` where the token's scopes do not tell. */
  readonly hubToken: Asked<{
    readonly user: string;
    readonly writes: readonly { readonly repo: string; readonly canWrite: boolean | null }[];
  }>;
  /** `null`: the workload reads none. */
  readonly weights: "present" | "missing" | "no-credentials" | "unknown" | null;
  /** Workers of other fleets on the examples repo; `null`: the workload writes no examples. */
  readonly othersOnRepo: number | null;
}

/** The Hub's limit of commits an hour on one repo (runbook §8). */
const COMMITS_PER_HOUR_MAX = 128;
/** The keeper's own floor (design rule 19): with less, nothing is rented. */
const CREDIT_HOURS_MIN = 0.5;

export function judgePreflight(facts: PreflightFacts): readonly PreflightCheck[] {
  return [
    judgeKey(facts),
    judgeCredit(facts),
    judgeSshKey(facts.sshKeys),
    ...judgeHubToken(facts.hubToken),
    ...judgeWeights(facts),
    ...judgeUploads(facts),
  ];
}

function check(
  name: string,
  result: PreflightCheck["result"],
  detail: string,
  hint: string | null = null,
): PreflightCheck {
  return { name, result, detail, hint };
}

function judgeKey({ account, boundAccountId }: PreflightFacts): PreflightCheck {
  const name = "Vast key";
  if (account.kind === "silent") return check(name, "not measured", account.why, "ask again in a minute");
  if (account.kind === "refused") {
    const hint = "`npx wrangler secret put VAST_API_KEY`; it needs misc, instance_read, instance_write and user_read";
    return check(name, "failed", account.why, hint);
  }
  const { accountId } = account.value;
  if (boundAccountId === null || accountId === boundAccountId) return check(name, "ok", `account ${accountId}`);
  const detail = `the key is of account ${accountId}, this deployment is bound to ${boundAccountId}`;
  return check(name, "failed", detail, `put the key of account ${boundAccountId} back`);
}

function judgeCredit({ account, plannedUsdPerHour }: PreflightFacts): PreflightCheck {
  const name = "credit";
  const credit = account.kind === "answer" ? account.value.creditUsd : null;
  if (credit === null) {
    const why = account.kind === "answer" ? "the account does not say its credit" : account.why;
    return check(name, "not measured", why, "https://cloud.vast.ai/billing/");
  }
  const said = cents(credit);
  if (plannedUsdPerHour === null || plannedUsdPerHour <= 0) {
    const result = credit > 0 ? "ok" : "failed";
    return check(name, result, `${said}; nothing would be spent by this plan`, null);
  }
  const hours = credit / plannedUsdPerHour;
  const detail = `${said} lasts ${hours.toFixed(1)} h at $${plannedUsdPerHour.toFixed(3)}/hr, all of the account's boxes together`;
  return hours > CREDIT_HOURS_MIN
    ? check(name, "ok", detail)
    : check(name, "failed", detail, "add credit at https://cloud.vast.ai/billing/");
}

function judgeSshKey(keys: Asked<number>): PreflightCheck {
  const name = "SSH key";
  if (keys.kind !== "answer") return check(name, "not measured", keys.why, "needs the scope user_read");
  if (keys.value > 0) return check(name, "ok", `${keys.value} on the account`);
  const hint = "workers run without it; `vastai create ssh-key` before renting, or nobody can log in to them";
  return check(name, "failed", "the account has no SSH key", hint);
}

const TOKEN_HINT = "`npx wrangler secret put HF_TOKEN`: a fine-grained token with write access to both repos";

function judgeHubToken(token: PreflightFacts["hubToken"]): readonly PreflightCheck[] {
  const name = "Hub token";
  if (token.kind === "silent") return [check(name, "not measured", token.why, "ask again in a minute")];
  if (token.kind === "refused") return [check(name, "failed", token.why, TOKEN_HINT)];
  const { user, writes } = token.value;
  return [
    check(name, "ok", `of ${user}`),
    ...writes.map(({ repo, canWrite }) => {
      const write = `write ${repo}`;
      if (canWrite === null) return check(write, "not measured", "the token's scopes do not tell");
      return canWrite ? check(write, "ok", "the token may") : check(write, "failed", "the token may not", TOKEN_HINT);
    }),
  ];
}

function judgeWeights({ weights, spec }: PreflightFacts): readonly PreflightCheck[] {
  const name = "weights";
  const place = `${spec.weightsName} in ${spec.weightsRepo}`;
  switch (weights) {
    case null:
      return [];
    case "present":
      return [check(name, "ok", place)];
    case "missing":
      return [
        check(
          name,
          "failed",
          `${place}: not there; the fleet would wait`,
          "start the learner (runbook §9), or check weightsName",
        ),
      ];
    case "no-credentials":
      return [check(name, "failed", `${place}: the Hub refuses the token, or has no such repo`, TOKEN_HINT)];
    case "unknown":
      return [check(name, "not measured", `${place}: the Hub does not answer`, "ask again in a minute")];
  }
}

function judgeUploads({ othersOnRepo, spec }: PreflightFacts): readonly PreflightCheck[] {
  if (othersOnRepo === null) return [];
  const name = "commits";
  const workers = othersOnRepo + spec.target;
  const problem = uploadIntervalProblem(workers, spec.uploadIntervalSeconds);
  if (problem !== null) return [check(name, "failed", problem, "leave uploadIntervalSeconds out: it is computed")];
  const interval = uploadIntervalFor(workers, spec.uploadIntervalSeconds);
  const perHour = Math.round(projectedCommitsPerHour(workers, interval, 0));
  const detail = `${workers} workers on ${spec.examplesRepo}, each every ${interval} s: ${perHour} an hour of ${COMMITS_PER_HOUR_MAX}, the learner's not counted`;
  return [check(name, perHour <= COMMITS_PER_HOUR_MAX ? "ok" : "failed", detail)];
}
