// What a rent or a destroy has taught about the pace of its route.

import type { DestroyOutcome, RentOutcome } from "../vast/client.ts";
import type { RefusedCall } from "./pace.ts";

/** The refusal for rate; `null`: the call was not refused for that. */
export function rateRefusal(outcome: RentOutcome | DestroyOutcome): RefusedCall | null {
  if (outcome.kind !== "refused" || outcome.failure.kind !== "rate-limited") return null;
  const { thresholdSeconds, retryAfterSeconds } = outcome.failure;
  return { thresholdSeconds, retryAfterSeconds };
}
