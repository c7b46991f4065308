// When may an instance that the list does not show be believed gone (design §3)?
// Two proven sweeps begun after our last write to it, or one and the by-id answer "no such instance"; and a good answer
// of the account since, because a key of another account sees none of our instances. When more than half of three or
// more known instances are missing at once, the observer may be the sick one: a second sweep at least 60 s later is
// needed as well. A by-id answer that shows the instance always wins.

export const MASS_SECOND_SWEEP_MS = 60_000;

/** Runs of proven sweeps that did not show an instance. */
export interface Missing {
  readonly firstBegunAtMs: number;
  readonly lastBegunAtMs: number;
  readonly sweeps: number;
}

/** The by-id answer about one instance: `absent` is the market's `{"instances":null}`. */
export type Confirmation = "absent" | "present" | "unknown";

/** Counts one more sweep that did not show the instance; sweeps begun before `afterMs` (our last write) prove nothing. */
export function trackMissing(before: Missing | null, sweepBegunAtMs: number, afterMs: number): Missing | null {
  if (sweepBegunAtMs <= afterMs) return before;
  if (before === null) return { firstBegunAtMs: sweepBegunAtMs, lastBegunAtMs: sweepBegunAtMs, sweeps: 1 };
  if (sweepBegunAtMs <= before.lastBegunAtMs) return before;
  return { ...before, lastBegunAtMs: sweepBegunAtMs, sweeps: before.sweeps + 1 };
}

export interface AbsenceTerms {
  readonly isMass: boolean;
  /** When our account last answered well; `null`: never. */
  readonly accountReadAtMs: number | null;
}

/** The one rule for every box believed gone: a vanished one, a destroyed one, and a rent that seems never to have happened. */
export function isAbsenceProven(
  missing: Missing | null,
  confirmation: Confirmation | undefined,
  terms: AbsenceTerms,
): boolean {
  if (missing === null || !isSweptAway(missing, confirmation) || isAccountStale(missing, terms.accountReadAtMs))
    return false;
  const isSecondSweepLate = missing.lastBegunAtMs - missing.firstBegunAtMs >= MASS_SECOND_SWEEP_MS;
  return !terms.isMass || isSecondSweepLate;
}

/** True where nothing but the account's answer is lacking. */
export function wantsAccount(
  missing: Missing | null,
  confirmation: Confirmation | undefined,
  accountReadAtMs: number | null,
): boolean {
  return missing !== null && isSweptAway(missing, confirmation) && isAccountStale(missing, accountReadAtMs);
}

function isSweptAway(missing: Missing, confirmation: Confirmation | undefined): boolean {
  return confirmation !== "present" && (missing.sweeps >= 2 || confirmation === "absent");
}

function isAccountStale(missing: Missing, accountReadAtMs: number | null): boolean {
  return accountReadAtMs === null || accountReadAtMs < missing.firstBegunAtMs;
}

/** More than half of three or more known instances missing at once. */
export function isMassAbsence(known: number, missing: number): boolean {
  return known >= 3 && missing * 2 > known;
}

/**
 * The list shows none of what this fleet knows, or has lost most of three or more: the list may be the sick one. Nothing is
 * rented on it, and it does not prove that a rent with a lost answer made nothing.
 */
export function isListInDoubt(known: number, missing: number): boolean {
  return missing > 0 && (missing === known || isMassAbsence(known, missing));
}
