// Is the learner training (runbook §11)? Told from the Hub alone: the state it pushes with the weights, the date of that
// commit, and the step that an earlier report has kept (fleet behaviour reference §7.1, §7.4).

import type { EarlierLearner, LearnerFacts, Measured, ReportWindow } from "./daily-facts.ts";
import { runLine, type RunLine } from "./daily-run.ts";

/**
 * A learner at 1,000 steps a cycle pushes every ten cycles, six to eight times an hour, and more often with shorter cycles
 * (fleet behaviour reference §7.3). One that has not for this long does not train, or waits for examples.
 */
const LEARNER_SILENT_SECONDS = 3600;

export interface LearnerLine {
  readonly repo: string;
  readonly weightsName: string;
  /** Learner cycles, not optimiser steps. */
  readonly step: number;
  readonly totalGames: number;
  readonly pushedAt: string | null;
  readonly pushAgeSeconds: number | null;
  /** When an earlier report read it; `null`, like the gains: none has. */
  readonly since: string | null;
  readonly stepsGained: number | null;
  readonly gamesGained: number | null;
  /** `null`: neither a date nor an earlier reading tells. */
  readonly isMoving: boolean | null;
  readonly wandbRunId: string | null;
  /** `null`: it names no run, or nobody knows the project. Left out in reports that an earlier version has stored. */
  readonly wandb?: RunLine | null;
}

/** Nothing where the Hub did not answer. */
export function learnerLine(
  { repo, weightsName, answer, run }: LearnerFacts,
  earlier: Measured<readonly EarlierLearner[]>,
  window: ReportWindow,
  isoTime: (atMs: number) => string,
): LearnerLine[] {
  if (!answer.ok) return [];
  const { step, totalGames, wandbRunId, pushedAtMs } = answer.value;
  const before = earlier.ok
    ? earlier.value.find((one) => one.repo === repo && one.weightsName === weightsName)
    : undefined;
  const pushAgeSeconds = pushedAtMs === null ? null : Math.max(0, Math.round((window.takenAtMs - pushedAtMs) / 1000));
  const stepsGained = before === undefined ? null : step - before.step;
  return [
    {
      repo,
      weightsName,
      step,
      totalGames,
      pushedAt: pushedAtMs === null ? null : isoTime(pushedAtMs),
      pushAgeSeconds,
      since: before === undefined ? null : isoTime(before.atMs),
      stepsGained,
      gamesGained: before === undefined ? null : totalGames - before.totalGames,
      isMoving: isMoving(pushAgeSeconds, stepsGained),
      wandbRunId,
      wandb: run === null ? null : runLine(run, window),
    },
  ];
}

/** The date of the push says it for now; without one, the steps say it for the time since the earlier reading. */
function isMoving(pushAgeSeconds: number | null, stepsGained: number | null): boolean | null {
  if (pushAgeSeconds !== null) return pushAgeSeconds <= LEARNER_SILENT_SECONDS;
  return stepsGained === null ? null : stepsGained > 0;
}
