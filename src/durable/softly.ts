// D1 may fail or hang; whoever asks it here goes on without an answer (design §2).

import { withDeadline } from "../deadline.ts";
import { logEvent } from "../log.ts";

const HISTORY_LIMIT_MS = 3_000;

/** The answer; `null` where there is none in time, which is logged under this event. */
export async function softly<T>(
  event: string,
  answer: Promise<T>,
  waitMs: number = HISTORY_LIMIT_MS,
): Promise<T | null> {
  try {
    return await withDeadline(answer, waitMs);
  } catch (error) {
    logEvent({ event, outcome: "failed", detail: String(error) });
    return null;
  }
}
