// D1 that hangs is D1 that is down: what asks it on the way to an answer waits this long and no longer.

export const D1_WAIT_MS = 5_000;

/** The promise's value; rejects when it takes too long. The work itself is not stopped. */
export async function withDeadline<T>(work: Promise<T>, waitMs: number = D1_WAIT_MS): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${waitMs} ms`)), waitMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
