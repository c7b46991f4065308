/**
 * Where the simulated market gets the time from: the wall clock, or a clock that a test moves by hand.
 * The speed factor is not here: it divides the durations of things that happen, never the published time.
 */

/** The moment at which a hand-moved clock starts when nobody says otherwise. */
export const HAND_CLOCK_START_MS = Date.UTC(2026, 10, 23, 12, 0, 0);

export interface Clock {
  readonly kind: "wall" | "hand";
  nowMs(): number;
  /** Moves a hand clock forward to this moment (an earlier one changes nothing); a wall clock refuses. */
  moveTo(nowMs: number): boolean;
}

export function wallClock(): Clock {
  return { kind: "wall", nowMs: () => Date.now(), moveTo: () => false };
}

export function handClock(startMs: number = HAND_CLOCK_START_MS): Clock {
  let now = startMs;
  return {
    kind: "hand",
    nowMs: () => now,
    moveTo: (nowMs) => {
      now = Math.max(now, nowMs);
      return true;
    },
  };
}
