import { expect, it } from "vitest";
import { CREATE_PENALTIES, ramp, RAMP_CALLS_MAX, RAMP_TARGET } from "./ramp.ts";

const SEEDS = 5;

it.each(CREATE_PENALTIES)(
  `a ramp to ${RAMP_TARGET} asks the market at most ${RAMP_CALLS_MAX} times without logs, where an early create costs %i s more`,
  async (penaltySeconds) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { calls, seconds } = await ramp(seed, penaltySeconds);
      expect([seed, calls <= RAMP_CALLS_MAX, seconds < 120]).toEqual([seed, true, true]);
    }
  },
);
