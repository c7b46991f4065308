// What a dry run wants to know of the account (design §6): whose key it is, its credit, its SSH keys, what it spends.

import type { Asked, PreflightFacts } from "../fleet/preflight.ts";
import type { Result } from "../fleet/result.ts";
import { describeFailure, type VastFailure } from "../vast/client.ts";

export interface AccountFacts extends Pick<PreflightFacts, "account" | "boundAccountId" | "sshKeys"> {
  /** $/hr of all boxes of the last proven list, strays included; `null`: no list. */
  readonly usdPerHour: number | null;
}

/** A missing or refused key is an answer of its own; every other failure says nothing. */
export function asAsked<T>(answer: Result<T, VastFailure>): Asked<T> {
  if (answer.ok) return { kind: "answer", value: answer.value };
  const isRefused = answer.error.kind === "no-key" || answer.error.kind === "auth";
  return { kind: isRefused ? "refused" : "silent", why: describeFailure(answer.error) };
}
