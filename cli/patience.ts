// Commands that stay (watch, a followed log, waiting for workers) outlive a moment in which the keeper does not answer: it is
// deployed anew, the network is away, too much was asked for. What it refuses for good ends them.

import type { Context } from "./context.ts";
import { CommandFailure } from "./failure.ts";

/** Long enough that a limit counted by the minute is not run against again and again. */
const AGAIN_AFTER_MS = 10_000;

/** The look, made again until it succeeds. Why it has failed is told once for each reason. */
export async function patiently<Seen>({ tell }: Pick<Context, "tell">, look: () => Promise<Seen>): Promise<Seen> {
  let told = "";
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof CommandFailure) || !error.isPassing) throw error;
      if (error.message !== told) tell(`fleet: ${error.message}; asking again`);
      told = error.message;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  }
}
