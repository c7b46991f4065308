// When a destroy that failed again is worth another line: a debt is tried at every CHECK for ever, and its history is not.

/** The first failure, the 10th, the 100th …, and every failure that says something new. */
export function isWorthTelling(attempt: number, error: string, errorBefore: string | null): boolean {
  return error !== errorBefore || isPowerOfTen(attempt);
}

function isPowerOfTen(attempt: number): boolean {
  return attempt >= 1 && 10 ** Math.round(Math.log10(attempt)) === attempt;
}
