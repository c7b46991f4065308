// Which fleets there are. From both places that know: a fleet that D1 has not heard of yet is known to the account's
// keeper, and the other way round.

import { fleetsListNames } from "../db/fleets.ts";
import { withDeadline } from "../deadline.ts";
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { accountStub } from "./stubs.ts";

export interface FleetNames {
  /** In order, each once. */
  readonly names: readonly string[];
  /** The one of the two that did not answer; `null`: both did. */
  readonly silent: "D1" | "account" | null;
}

/** Rejects only when neither answers. */
export async function readFleetNames(env: Env): Promise<FleetNames> {
  const answers = await Promise.allSettled([withDeadline(fleetsListNames(env.DB)), accountStub(env).fleetNames()]);
  const failures = answers.flatMap((answer) => (answer.status === "rejected" ? [String(answer.reason)] : []));
  for (const detail of failures) logEvent({ event: "fleets.silent", outcome: "failed", detail });
  if (failures.length === answers.length) throw new Error(`nobody knows the fleets: ${failures.join("; ")}`);
  const names = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  return {
    names: [...new Set(names)].toSorted(),
    silent: failures.length === 0 ? null : answers[0].status === "rejected" ? "D1" : "account",
  };
}
