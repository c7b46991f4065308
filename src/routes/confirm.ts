// The confirmation that ending instances needs. Nothing is stored: the value carries when it was made, and a hash over
// the fingerprints of what would be ended. It holds for five minutes and once, because a fleet that has been told to end
// has another spec version and so another fingerprint.

import type { DownPreview } from "../durable/rpc.ts";
import { type Problem, problem } from "./problem.ts";

const CONFIRM_MS = 5 * 60_000;
/** Machines of one network may differ by this much; a value made later than that is not ours. */
const CLOCK_SKEW_MS = 60_000;

export interface Consent {
  readonly confirm?: string | undefined;
  /** Skips the question. */
  readonly force?: boolean | undefined;
}

async function confirmValue(previews: readonly DownPreview[], issuedAtMs: number): Promise<string> {
  const inOrder = previews.toSorted((a, b) => a.fleet.localeCompare(b.fleet));
  const parts = inOrder.map(({ fleet, fingerprint }) => [fleet, fingerprint]);
  const bytes = new TextEncoder().encode(JSON.stringify([issuedAtMs, parts]));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, 16);
  return `${issuedAtMs.toString(36)}-${Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** `null` where the caller may go on; else the answer with the list and a fresh value. */
export async function confirmRefusal(
  previews: readonly DownPreview[],
  { confirm, force = false }: Consent,
  nowMs: number,
): Promise<Response | null> {
  if (force) return null;
  const fault = confirm === undefined ? missing : await faultOf(confirm, previews, nowMs);
  if (fault === null) return null;
  const value = await confirmValue(previews, nowMs);
  return problem({
    ...fault,
    hint: `send the request again with "confirm": "${value}" within 5 minutes, or with "force": true`,
    more: {
      confirm: value,
      expiresAt: new Date(nowMs + CONFIRM_MS).toISOString(),
      fleets: previews.map(({ fleet, workers, intents }) => ({ fleet, workers, intents })),
    },
  });
}

type Fault = Pick<Problem, "code" | "detail">;

const missing: Fault = { code: "confirm-required", detail: "fleets lists what would be ended; nothing has been done" };

async function faultOf(value: string, previews: readonly DownPreview[], nowMs: number): Promise<Fault | null> {
  const issuedAtMs = Number.parseInt(value.split("-")[0] ?? "", 36);
  const isOurs = issuedAtMs <= nowMs + CLOCK_SKEW_MS && value === (await confirmValue(previews, issuedAtMs));
  if (!isOurs) {
    const detail = "what would be ended has changed since the value was made, or the value has been used";
    return { code: "confirm-mismatch", detail };
  }
  if (nowMs < issuedAtMs + CONFIRM_MS) return null;
  return { code: "confirm-expired", detail: "the value was made more than 5 minutes ago" };
}
