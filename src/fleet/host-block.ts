// Who is blocked, and until when (design rule 12).

/** A block by hand holds whatever the strikes say; without one, so many strikes block that are neither expired nor refunded. */
export function isBlocked(strikes: number, isBlockedByHand: boolean, strikeLimit: number): boolean {
  return isBlockedByHand || strikes >= strikeLimit;
}

/** When so many strikes will have expired that fewer than the limit are left; `null`: the strikes block nobody. */
export function blockedUntilMs(expiresAtMs: readonly number[], strikeLimit: number): number | null {
  const latestFirst = expiresAtMs.toSorted((a, b) => b - a);
  return latestFirst[strikeLimit - 1] ?? null;
}
