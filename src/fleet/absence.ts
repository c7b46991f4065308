// When may an instance that the list does not show be believed gone (design §3)?
// Two proven sweeps begun after our last write to it, or one and the by-id answer "no such instance". When more than
// half of three or more known instances are missing at once, the observer may be the sick one: a second sweep at least
// 60 s later and a good account answer are needed as well. A by-id answer that shows it always wins.

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
  /** When the account last answered well; `null`: not known. */
  readonly accountReadAtMs: number | null;
}

export function isAbsenceProven(missing: Missing | null, confirmation: Confirmation | undefined, terms: AbsenceTerms): boolean {
  if (missing === null || confirmation === "present") return false;
  if (missing.sweeps < 2 && confirmation !== "absent") return false;
  if (!terms.isMass) return true;
  const isSecondSweepLate = missing.lastBegunAtMs - missing.firstBegunAtMs >= MASS_SECOND_SWEEP_MS;
  const isAccountGood = terms.accountReadAtMs !== null && terms.accountReadAtMs >= missing.firstBegunAtMs;
  return isSecondSweepLate && isAccountGood;
}

/** More than half of three or more known instances missing at once. */
export function isMassAbsence(known: number, missing: number): boolean {
  return known >= 3 && missing * 2 > known;
}
