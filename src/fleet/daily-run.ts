// Is the loss improving (runbook §11)? Told from samples of the learner's run in W&B: what the losses were in the first
// quarter of the report's window, and what they are in the last.

import type { LossSeries, ReportWindow, RunFacts } from "./daily-facts.ts";

/** One cycle's loss says little; with fewer samples in a quarter nothing is compared. */
const SAMPLES_IN_QUARTER_MIN = 3;

export interface LossLine {
  readonly name: string;
  /** Mean over the last quarter of the window; where that has too few samples, the newest sample there is. */
  readonly now: number;
  /** Mean over the first quarter; `null`: too few samples to compare. */
  readonly before: number | null;
}

export interface RunLine {
  readonly url: string;
  /** W&B's word: running, finished, crashed …; `null`: not asked, or no answer. */
  readonly state: string | null;
  /** `null`: not asked, or no answer. Empty: the run logs no loss. */
  readonly losses: readonly LossLine[] | null;
}

export function runLine({ url, answer }: RunFacts, window: ReportWindow): RunLine {
  if (answer === null || !answer.ok) return { url, state: null, losses: null };
  const { state, losses } = answer.value;
  return { url, state, losses: losses.flatMap((series) => lossLine(series, window)) };
}

function lossLine({ name, points }: LossSeries, { fromMs, toMs }: ReportWindow): LossLine[] {
  const newest = points.toSorted((a, b) => b.atMs - a.atMs)[0];
  if (newest === undefined) return [];
  const quarterMs = (toMs - fromMs) / 4;
  const first = points.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + quarterMs);
  const last = points.filter(({ atMs }) => atMs >= toMs - quarterMs && atMs < toMs);
  if (last.length < SAMPLES_IN_QUARTER_MIN) return [{ name, now: newest.value, before: null }];
  return [{ name, now: mean(last), before: first.length < SAMPLES_IN_QUARTER_MIN ? null : mean(first) }];
}

function mean(points: LossSeries["points"]): number {
  return points.reduce((sum, { value }) => sum + value, 0) / points.length;
}

/** "W&B: https://…, running, policy_loss 0.391 -> 0.323 (-17 %)" */
export function runText({ url, state, losses }: RunLine): string {
  const parts = (losses ?? []).map(({ name, now, before }) => `${name} ${changeText(now, before)}`);
  const none = losses !== null && losses.length === 0 ? ["logs no loss"] : [];
  return ["W&B: " + url, ...(state === null ? [] : [state]), ...parts, ...none].join(", ");
}

function changeText(now: number, before: number | null): string {
  if (before === null) return now.toPrecision(3);
  const percent =
    before === 0 ? "" : ` (${now >= before ? "+" : ""}${(((now - before) / Math.abs(before)) * 100).toFixed(0)} %)`;
  return `${before.toPrecision(3)} -> ${now.toPrecision(3)}${percent}`;
}
