// Renting and destroying: the calls whose lost answers cost money. Three outcomes each, never two: it happened, it
// certainly did not, or nobody knows. There is no idempotency key (Vast API reference §3), so nothing is sent twice here.

import type { VastCaller } from "./call.ts";
import { classifyAnswer, describeFailure, isOutcomeUnknown, parseEnvelope, type VastFailure } from "./errors.ts";
import { readNewContract } from "./schema.ts";

/** Chunk of the official client (§5). */
export const DESTROY_MANY_MAX = 64;

export interface Rental {
  readonly image: string;
  readonly diskGb: number;
  readonly label: string;
  /** Names to values; holds the Hub token, so it goes out and never comes back. */
  readonly env: Readonly<Record<string, string>>;
  readonly onstart: string;
  /** "ssh", "ssh_direc ssh_proxy", … (§3). */
  readonly runtype: string;
}

export type RentOutcome =
  | { readonly kind: "rented"; readonly instanceId: number }
  /** Certainly nothing was rented. */
  | { readonly kind: "refused"; readonly failure: VastFailure }
  /** May have been rented. The id is given where the answer carried one beside an error. */
  | { readonly kind: "unknown"; readonly reason: string; readonly instanceId: number | null };

export type DestroyOutcome =
  /** Accepted, or there was nothing left to destroy. Absence is proven by a sweep, not by this. */
  | { readonly kind: "done"; readonly wasGone: boolean }
  | { readonly kind: "refused"; readonly failure: VastFailure }
  | { readonly kind: "unknown"; readonly reason: string };

/** Rents one offer on demand: no bid price, and no stopped instance where the machine cannot start (§3). */
export async function rent(caller: VastCaller, offerId: number, rental: Rental): Promise<RentOutcome> {
  const body = {
    client_id: "me",
    image: rental.image,
    disk: rental.diskGb,
    label: rental.label,
    env: rental.env,
    onstart: rental.onstart,
    runtype: rental.runtype,
    cancel_unavail: true,
    target_state: "running",
  };
  const answered = await caller.answer({ route: "rent", method: "PUT", path: `/api/v0/asks/${offerId}/`, body });
  if (!answered.ok) return settleRent(answered.error, null);
  const { status } = answered.value;
  const { json, isRefusal } = parseEnvelope(answered.value);
  const instanceId = readNewContract(json);
  if (!isRefusal && instanceId !== null) {
    caller.report("rent", status, null);
    return { kind: "rented", instanceId };
  }
  const failure = classifyAnswer(answered.value, "rent", caller.now());
  caller.report("rent", status, failure);
  return settleRent(failure, instanceId);
}

/** An error beside a contract id is not a refusal: the contract exists. */
function settleRent(failure: VastFailure, instanceId: number | null): RentOutcome {
  if (instanceId === null && !isOutcomeUnknown(failure)) return { kind: "refused", failure };
  return { kind: "unknown", reason: describeFailure(failure), instanceId };
}

export function destroy(caller: VastCaller, instanceId: number): Promise<DestroyOutcome> {
  return sendDestroy(caller, "destroy", `/api/v0/instances/${instanceId}/`, {});
}

/**
 * Destroys up to 64 instances in one call; more is our bug. The answer's shape is undocumented (§5), so "done" says only
 * that the call was accepted as a whole.
 */
export async function destroyMany(caller: VastCaller, instanceIds: readonly number[]): Promise<DestroyOutcome> {
  if (instanceIds.length > DESTROY_MANY_MAX) throw new RangeError(`destroyMany got ${instanceIds.length} ids`);
  if (instanceIds.length === 0) return { kind: "done", wasGone: true };
  return sendDestroy(caller, "destroy-many", "/api/v0/instances/", { instance_ids: instanceIds });
}

async function sendDestroy(
  caller: VastCaller,
  route: "destroy" | "destroy-many",
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<DestroyOutcome> {
  const answered = await caller.answer({ route, method: "DELETE", path, body });
  if (!answered.ok) return settleDestroy(answered.error);
  const { status } = answered.value;
  const { json, isRefusal } = parseEnvelope(answered.value);
  if (!isRefusal && json !== null) {
    caller.report(route, status, null);
    return { kind: "done", wasGone: false };
  }
  const failure = classifyAnswer(answered.value, route, caller.now());
  caller.report(route, status, failure);
  return settleDestroy(failure);
}

function settleDestroy(failure: VastFailure): DestroyOutcome {
  if (failure.kind === "not-found") return { kind: "done", wasGone: true };
  if (isOutcomeUnknown(failure)) return { kind: "unknown", reason: describeFailure(failure) };
  return { kind: "refused", failure };
}
