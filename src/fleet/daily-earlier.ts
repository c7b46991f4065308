// What a report compares itself with: the learners of the newest stored one. It may be of an earlier version, so nothing but
// these few fields is read, and what cannot be read counts as not there.

import { z } from "zod";
import type { EarlierLearner } from "./daily-facts.ts";

const storedSchema = z.object({
  learners: z.array(z.object({ repo: z.string(), weightsName: z.string(), step: z.number(), totalGames: z.number() })),
});

export function earlierLearners(
  stored: { readonly atMs: number; readonly report: object } | null,
): readonly EarlierLearner[] {
  const read = storedSchema.safeParse(stored?.report);
  if (stored === null || !read.success) return [];
  return read.data.learners.map((learner) => ({ ...learner, atMs: stored.atMs }));
}
