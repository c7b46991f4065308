import { expect, it } from "vitest";
import { runLine, runText } from "../../src/fleet/daily-run.ts";
import { dailyReportLines } from "../../src/fleet/daily-report-text.ts";
import { buildDailyReport } from "../../src/fleet/daily-report.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { HOUR } from "../support/builders.ts";
import { aDay, aLearner, isoTime, MORNING, REPO } from "../support/day.ts";

const url = "https://wandb.ai/team/zeb/runs/abc123";
const window = { day: null, fromMs: MORNING - 24 * HOUR, toMs: MORNING, takenAtMs: MORNING };
/** One sample an hour, `value` of how many hours before the morning. */
const hourly = (value: (hoursAgo: number) => number, from = 48) =>
  Array.from({ length: from }, (_, index) => ({ atMs: MORNING - (index + 1) * HOUR, value: value(index + 1) }));

it("compares the first quarter of the window with the last, and nothing before it", () => {
  const points = hourly((ago) => (ago > 24 ? 9 : ago > 18 ? 0.4 : ago > 6 ? 7 : 0.3));
  const answer = ok({ state: "running", losses: [{ name: "policy_loss", points }] });
  const line = runLine({ url, answer }, window);
  expect(line.losses).toEqual([
    { name: "policy_loss", now: expect.closeTo(0.3, 9) as number, before: expect.closeTo(0.4, 9) as number },
  ]);
  expect(runText(line)).toBe(`W&B: ${url}, running, policy_loss 0.400 -> 0.300 (-25 %)`);
});

it("compares nothing where a quarter has fewer than three samples", () => {
  const of = (points: ReturnType<typeof hourly>) =>
    runLine({ url, answer: ok({ state: "crashed", losses: [{ name: "loss", points }] }) }, window).losses;
  expect(of(hourly(() => 2, 6))).toEqual([{ name: "loss", now: 2, before: null }]);
  expect(of(hourly((ago) => ago, 2))).toEqual([{ name: "loss", now: 1, before: null }]);
  expect(of([])).toEqual([]);
});

it("is a link alone where nobody asked or answered, and says why not where somebody did", () => {
  expect(runText(runLine({ url, answer: null }, window))).toBe(`W&B: ${url}`);
  const learner = { repo: REPO, weightsName: "large", answer: ok(aLearner()) };
  const silent = aDay({ learners: [{ ...learner, run: { url, answer: err("W&B refuses WANDB_API_KEY") } }] });
  const report = buildDailyReport(silent, isoTime);
  expect(report.learners[0]?.wandb).toEqual({ url, state: null, losses: null });
  expect(report.notMeasured).toEqual(["W&B run of large: W&B refuses WANDB_API_KEY"]);
  expect(dailyReportLines(report)).toContain(`  W&B: ${url}`);
  expect(
    buildDailyReport(aDay({ learners: [{ ...learner, run: { url, answer: null } }] }), isoTime).notMeasured,
  ).toEqual([]);
});

it("is left out of reports that were stored before there was one", () => {
  const report = buildDailyReport(aDay(), isoTime);
  const stored = { ...report, learners: report.learners.map(({ wandb: _, ...rest }) => rest) };
  expect(dailyReportLines(stored)).toEqual(dailyReportLines(report));
});
