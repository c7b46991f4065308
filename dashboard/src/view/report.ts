// Lines of the daily report, in the words of the text that the keeper sends (`daily-report-text.ts`).

import type { DailyReport } from "../../../src/fleet/daily-report.ts";
import { count, duration, whole } from "./format.ts";
import type { Tone } from "./states.ts";

export interface ReportLine {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

type Examples = DailyReport["examples"][number];
type Learner = Pick<DailyReport["learners"][number], "weightsName" | "step" | "isMoving" | "pushAgeSeconds">;

/** How many files are new is not known: the learner prunes the folder to a fixed number, which is what `files` counts. */
export function examplesLine(one: Examples): ReportLine {
  const { repo, namespace, files, newestAgeSeconds, hasNewFiles, workers, silent } = one;
  const newest = newestAgeSeconds === null ? "no file" : `the newest ${duration(newestAgeSeconds)} old`;
  const named = silent.map(({ workerId }) => workerId).join(", ");
  return {
    tone: hasNewFiles ? "ok" : "warn",
    title: hasNewFiles ? "New example files" : "No new example files",
    text: `${repo} / ${namespace}: ${newest}, of ${count(workers.length, "worker")}, ${whole(files)} files kept${named === "" ? "" : `; silent: ${named}`}`,
  };
}

/** `text`: when it pushed. */
export function learnerLine({ weightsName, step, isMoving, pushAgeSeconds }: Learner): ReportLine {
  const word = isMoving === null ? "not known whether it moves" : isMoving ? "moving" : "NOT moving";
  return {
    tone: isMoving === null ? "idle" : isMoving ? "ok" : "warn",
    title: `Learner ${weightsName} at step ${whole(step)}: ${word}`,
    text: pushAgeSeconds === null ? "date of the last push unknown" : `pushed ${duration(pushAgeSeconds)} ago`,
  };
}
