import { expect, it } from "vitest";
import { earlierLearners } from "../../src/fleet/daily-earlier.ts";
import type { EarlierLearner, LearnerView, Measured } from "../../src/fleet/daily-facts.ts";
import { learnerLine, type LearnerLine } from "../../src/fleet/daily-learners.ts";
import { buildDailyReport } from "../../src/fleet/daily-report.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { HOUR, must, SECOND } from "../support/builders.ts";
import { aDay, aLearner, isoTime, MORNING, REPO } from "../support/day.ts";

const weightsName = "large";
const window = { day: null, fromMs: MORNING - 24 * HOUR, toMs: MORNING, takenAtMs: MORNING };

function lineOf(view: LearnerView, earlier: Measured<readonly EarlierLearner[]> = ok([])): LearnerLine {
  return must(learnerLine({ repo: REPO, weightsName, answer: ok(view), run: null }, earlier, window, isoTime)[0]);
}

function before(step: number): Measured<readonly EarlierLearner[]> {
  const atMs = MORNING - 24 * HOUR;
  const other = { repo: REPO, weightsName: "other", step: 1, totalGames: 1, atMs };
  return ok([other, { repo: REPO, weightsName, step, totalGames: 60_000, atMs }]);
}

it("moves while its last push is at most an hour old", () => {
  const pushed = (agoMs: number) => lineOf(aLearner({ pushedAtMs: MORNING - agoMs }), before(152)).isMoving;
  expect(pushed(HOUR)).toBe(true);
  expect(pushed(HOUR + SECOND)).toBe(false);
});

it("tells what it gained since the earlier reading of the same weights", () => {
  expect(lineOf(aLearner(), before(112))).toEqual({
    repo: REPO,
    weightsName,
    step: 152,
    totalGames: 63_488,
    pushedAt: isoTime(MORNING - 300 * SECOND),
    pushAgeSeconds: 300,
    since: isoTime(MORNING - 24 * HOUR),
    stepsGained: 40,
    gamesGained: 3488,
    isMoving: true,
    wandbRunId: "abc123",
    wandb: null,
  });
});

it("is judged by its steps where no commit tells the date, and by nothing where no earlier reading is there", () => {
  const undated = aLearner({ pushedAtMs: null });
  expect(lineOf(undated, before(112))).toMatchObject({ isMoving: true, pushAgeSeconds: null });
  expect(lineOf(undated, before(152)).isMoving).toBe(false);
  expect(lineOf(undated)).toMatchObject({ isMoving: null, since: null, stepsGained: null, gamesGained: null });
  expect(lineOf(undated, err("D1 does not answer")).isMoving).toBeNull();
});

it("is compared with what a stored report kept, whatever else an earlier version wrote there", () => {
  const report = JSON.parse(JSON.stringify(buildDailyReport(aDay(), isoTime))) as object;
  expect(earlierLearners({ atMs: 5, report })).toEqual([
    { repo: REPO, weightsName: "zeb-557k-1m", step: 152, totalGames: 63_488, atMs: 5 },
  ]);
  expect(earlierLearners({ atMs: 5, report: { learners: [{ repo: REPO }] } })).toEqual([]);
  expect(earlierLearners({ atMs: 5, report: {} })).toEqual([]);
  expect(earlierLearners(null)).toEqual([]);
});
