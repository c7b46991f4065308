// How often the account's list is read between CHECKs, and how old it becomes. Pure arithmetic on how long a reading takes.

/** Between CHECKs the list is read at least this often, so that a vanished box is news within 90 s (design §8). */
export const SWEEP_IDLE_MS = 65_000;
/**
 * An object is billed while it waits, and a page of the list takes about a second (Vast API reference §8): the list of a
 * thousand boxes is read for a third of the time while all is quiet, for half of it while anything is unsettled, and never
 * more rarely than design §2 says.
 */
const SWEEP_IDLE_SHARE = 3;
const SWEEP_RESTLESS_SHARE = 2;
const SWEEP_IDLE_MAX_MS = 120_000;
/** A list that is read in less is worth waiting for; CHECKs take a longer one as old as it becomes (docs/decisions/0065). */
const LONG_LIST_MS = 5_000;
const SOONEST_MS = 1_000;

/** Between two readings while all is quiet. `tookMs`: what the last one took. */
export function idlePauseMs(tookMs: number): number {
  return Math.max(SWEEP_IDLE_MS, Math.min(SWEEP_IDLE_MAX_MS, SWEEP_IDLE_SHARE * tookMs));
}

/** Between two readings while whoever looks most closely wants one so often; `Infinity`: nobody does. */
export function sweepPauseMs(tookMs: number, wantedMs: number): number {
  const restlessMs = Math.max(SWEEP_RESTLESS_SHARE * tookMs, wantedMs);
  return Math.max(SOONEST_MS, Math.min(idlePauseMs(tookMs), restlessMs));
}

/**
 * A long list is this old when the next one has been read; 0: it is not long. Whoever asks for a younger one waits for a whole
 * reading, and both objects are billed for it (docs/decisions/0065).
 */
export function idleAgeMs(tookMs: number): number {
  return tookMs < LONG_LIST_MS ? 0 : idlePauseMs(tookMs) + 2 * tookMs;
}
