// What is relied on in W&B's answers (its own Python client, wandb.apis.public, asks for the same fields). What a run logs is the
// learner's choice, so values are looked at one by one and whatever is no number is left out: NaN and infinities come as words.

import { z } from "zod";

const problems = z
  .array(z.looseObject({ message: z.string().catch("") }))
  .optional()
  .catch(undefined);

function runOf<Run extends z.ZodType>(run: Run) {
  const project = z.looseObject({ run: run.nullish() }).nullish();
  return z.looseObject({ errors: problems, data: z.looseObject({ project }).nullish() });
}

/** `summaryMetrics` is JSON within JSON: the newest value of everything that the run logs. */
export const summaryAnswer = runOf(z.looseObject({ state: z.string().max(40), summaryMetrics: z.string().nullish() }));

/** One list of rows for each series that was asked for. */
export const historyAnswer = runOf(
  z.looseObject({ sampledHistory: z.array(z.array(z.record(z.string(), z.unknown()))) }),
);

export const summarySchema = z.record(z.string(), z.unknown());
export const errorAnswer = z.looseObject({ errors: problems });
