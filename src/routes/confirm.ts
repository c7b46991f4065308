// The confirmation that ending instances needs. Nothing is stored: the value carries when it was made, and a hash over
// the fingerprints of what would be ended. It holds for five minutes and once, because a fleet that has been told to end
// has another spec version and so another fingerprint.

import { z } from "zod";
import type { DownPreview, StrayPreview } from "../durable/rpc.ts";
import { type Problem, problem, type ProblemResponse } from "./problem.ts";

const CONFIRM_MS = 5 * 60_000;
/** Machines of one network may differ by this much; a value made later than that is not ours. */
const CLOCK_SKEW_MS = 60_000;

export interface Consent {
  readonly confirm?: string | undefined;
  /** Skips the question. */
  readonly force?: boolean | undefined;
}

/** The same as fields of a request. */
export const consentFields = {
  confirm: z.string().max(100).optional().meta({ description: "The value of the 409 that asked" }),
  force: z.boolean().optional().meta({ description: "Ends instances without asking" }),
};

/** What a value is made for. */
interface Subject {
  readonly name: string;
  readonly fingerprint: string;
}

async function confirmValue(subjects: readonly Subject[], issuedAtMs: number): Promise<string> {
  const inOrder = subjects.toSorted((a, b) => a.name.localeCompare(b.name));
  const parts = inOrder.map(({ name, fingerprint }) => [name, fingerprint]);
  const bytes = new TextEncoder().encode(JSON.stringify([issuedAtMs, parts]));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16);
  return `${issuedAtMs.toString(36)}-${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/**
 * `null` where the caller may go on; else the answer with the list and a fresh value. `silent`: fleets that are named and
 * do not say what they would end.
 */
export async function confirmRefusal(
  previews: readonly DownPreview[],
  consent: Consent,
  nowMs: number,
  silent: readonly string[] = [],
): Promise<ProblemResponse | null> {
  const subjects = previews.map(({ fleet, fingerprint }) => ({ name: fleet, fingerprint }));
  const fleets = previews.map(({ fleet, workers, intents }) => ({ fleet, workers, intents }));
  return ask(subjects, { fleets }, consent, nowMs, silent.length === 0 ? {} : { silent });
}

/** The same for one box that is no fleet's: it may be somebody else's work. */
export async function confirmStrayRefusal(
  { stray, fingerprint }: StrayPreview,
  consent: Consent,
  nowMs: number,
): Promise<ProblemResponse | null> {
  return ask([{ name: String(stray.instanceId), fingerprint }], { stray }, consent, nowMs);
}

/** For a caller that is asked before one worker is ended: the question, or `null` where the value fits. */
export async function confirmWorker(
  { fleet, instanceId }: { readonly fleet: string; readonly instanceId: number },
  confirm: string | undefined,
  nowMs: number,
): Promise<(Fault & { readonly confirm: string; readonly expiresAt: string }) | null> {
  const subjects = [{ name: fleet, fingerprint: `worker ${instanceId}` }];
  const fault = confirm === undefined ? missing(["fleets"]) : await faultOf(confirm, subjects, nowMs);
  return fault === null ? null : { ...fault, ...(await freshValue(subjects, nowMs)) };
}

async function freshValue(subjects: readonly Subject[], nowMs: number) {
  const confirm = await confirmValue(subjects, nowMs);
  return { confirm, expiresAt: new Date(nowMs + CONFIRM_MS).toISOString() };
}

async function ask(
  subjects: readonly Subject[],
  shown: Readonly<Record<string, unknown>>,
  { confirm, force = false }: Consent,
  nowMs: number,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<ProblemResponse | null> {
  if (force) return null;
  const fault = confirm === undefined ? missing(Object.keys(shown)) : await faultOf(confirm, subjects, nowMs);
  if (fault === null) return null;
  const fresh = await freshValue(subjects, nowMs);
  return problem({
    ...fault,
    hint: `send the request again with "confirm": "${fresh.confirm}" within 5 minutes, or with "force": true`,
    more: { ...fresh, ...shown, ...beside },
  });
}

type Fault = Pick<Problem, "code" | "detail">;

function missing(members: readonly string[]): Fault {
  return {
    code: "confirm-required",
    detail: `${members.join(", ")} shows what would be ended; nothing has been done`,
  };
}

async function faultOf(value: string, subjects: readonly Subject[], nowMs: number): Promise<Fault | null> {
  const issuedAtMs = Number.parseInt(value.split("-")[0] ?? "", 36);
  const isOurs = issuedAtMs <= nowMs + CLOCK_SKEW_MS && value === (await confirmValue(subjects, issuedAtMs));
  if (!isOurs) {
    const detail = "what would be ended has changed since the value was made, or the value has been used";
    return { code: "confirm-mismatch", detail };
  }
  if (nowMs < issuedAtMs + CONFIRM_MS) return null;
  return { code: "confirm-expired", detail: "the value was made more than 5 minutes ago" };
}
