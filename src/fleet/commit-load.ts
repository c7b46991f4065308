// How many commits an hour an examples repo has to bear, over all fleets and the learner (design rule 21). A worker keeps
// the interval it was rented with, so a fleet that has grown commits more often than the formula says.

import type { WorkerMemory } from "./memory.ts";
import type { Situation } from "./situation.ts";
import { COMMITS_PER_HOUR_LIMIT, projectedCommitsPerHour, uploadIntervalFor } from "./upload-interval.ts";

/** What others commit to the repos of a fleet. */
export interface CommitLoad {
  /** Targets of the other active fleets on the examples repo. */
  readonly otherWorkers: number;
  /** Commits of the last hour on both repos that are no worker's; `null`: not measured. */
  readonly learnerPerHour: number | null;
}

export interface CommitProjection {
  /** `null`: the workload commits nothing. */
  readonly perHour: number | null;
  readonly notes: readonly string[];
}

export function projectCommits(
  { commits, spec, mode }: Pick<Situation, "commits" | "spec" | "mode">,
  workers: readonly WorkerMemory[],
): CommitProjection {
  const target = mode === "down" ? 0 : spec.target;
  if (commits === null) return { perHour: null, notes: [] };
  const present = uploadIntervalFor(commits.otherWorkers + target, spec.uploadIntervalSeconds);
  const own = workers.reduce(
    (sum, worker) => sum + projectedCommitsPerHour(1, worker.uploadIntervalSeconds ?? present, 0),
    0,
  );
  const toCome = commits.otherWorkers + Math.max(0, target - workers.length);
  const perHour = own + projectedCommitsPerHour(toCome, present, commits.learnerPerHour ?? 0);
  return {
    perHour: Math.round(perHour * 10) / 10,
    notes: [
      ...(perHour > COMMITS_PER_HOUR_LIMIT ? [overNote(perHour, spec.examplesRepo)] : []),
      ...intervalNotes(workers, present),
    ],
  };
}

function overNote(perHour: number, repo: string): string {
  return `${Math.round(perHour)} commits an hour are to be expected on ${repo}, over the Hub's ${COMMITS_PER_HOUR_LIMIT}: uploads will be refused; raise uploadIntervalSeconds or lower a target`;
}

/** The workers that keep another interval than a new one would get. */
function intervalNotes(workers: readonly WorkerMemory[], present: number): readonly string[] {
  const others = workers.filter(({ uploadIntervalSeconds }) => (uploadIntervalSeconds ?? present) !== present);
  if (others.length === 0) return [];
  const groups = [...Map.groupBy(others, ({ uploadIntervalSeconds }) => uploadIntervalSeconds)].map(
    ([seconds, group]) => {
      const slots = group.map(({ slot }) => slot).toSorted((a, b) => a - b);
      return `${slots.join(", ")} every ${seconds} s`;
    },
  );
  return [
    `upload as they were rented, workers ${groups.join("; ")}; a new one would every ${present} s: replace them to change it`,
  ];
}
