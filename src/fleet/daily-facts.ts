// What is known when the morning list is made (runbook §11, design §6): each part measured, or the reason why not. A part
// that nobody could measure is never an empty list or a zero.

import type { FleetDocument } from "./document.ts";
import type { FleetEvent, LedgerEntry } from "./event.ts";
import type { Result } from "./result.ts";
import type { AccountView } from "./situation.ts";

/** A part of the report; the error says in words why nobody could measure it. */
export type Measured<T> = Result<T, string>;

export interface ReportWindow {
  /** The UTC day, "2026-11-22"; `null`: the last 24 hours. */
  readonly day: string | null;
  readonly fromMs: number;
  /** Up to this instant, it left out. */
  readonly toMs: number;
  /** When fleets, Hub and account were asked. */
  readonly takenAtMs: number;
}

export interface FleetsView {
  readonly fleets: readonly FleetDocument[];
  /** Fleets that exist and did not answer. */
  readonly silent: readonly string[];
}

/** What the Hub's folder of one namespace shows. */
export interface ExamplesView {
  /** Saturates by pruning, so that it proves nothing (fleet behaviour reference §7.2). */
  readonly files: number;
  readonly newestAtMs: number | null;
  readonly oldestAtMs: number | null;
  readonly workers: readonly { readonly workerId: string; readonly newestAtMs: number; readonly files: number }[];
}

export interface ExamplesFacts {
  readonly repo: string;
  readonly namespace: string;
  readonly answer: Measured<ExamplesView>;
}

/** What the learner pushed last. */
export interface LearnerView {
  readonly step: number;
  readonly totalGames: number;
  readonly wandbRunId: string | null;
  /** `null`: none of the repo's newest commits is its own. */
  readonly pushedAtMs: number | null;
}

export interface LearnerFacts {
  readonly repo: string;
  readonly weightsName: string;
  readonly answer: Measured<LearnerView>;
  /** Its run in W&B; `null`: it names none, or nobody knows the project. */
  readonly run: RunFacts | null;
}

export interface RunFacts {
  /** For a person's browser. */
  readonly url: string;
  /** `null`: without a key W&B is not asked. */
  readonly answer: Measured<RunView> | null;
}

export interface RunView {
  /** W&B's word: running, finished, crashed … */
  readonly state: string;
  readonly losses: readonly LossSeries[];
}

/** Samples over the life of the run, as the learner has logged them. */
export interface LossSeries {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** A learner as an earlier report has it. */
export interface EarlierLearner {
  readonly repo: string;
  readonly weightsName: string;
  readonly step: number;
  readonly totalGames: number;
  readonly atMs: number;
}

export interface FleetSpend {
  readonly fleet: string;
  readonly usd: number;
  /** Instances of the window whose price nobody knows; they are not in the sum. */
  readonly unpriced: number;
}

export interface FleetGames {
  readonly fleet: string;
  readonly games: number;
}

/** Launches by outcome, and what else a person wants to hear in the morning, newest first. */
export interface EventsView {
  readonly launched: number;
  readonly refused: number;
  readonly unknown: number;
  /** Strikes, those taken back, hosts blocked, breakers opened and closed. */
  readonly told: readonly FleetEvent[];
}

export interface DayFacts {
  readonly window: ReportWindow;
  readonly fleets: Measured<FleetsView>;
  /** Instances that ended in the window, newest first. */
  readonly ended: Measured<readonly LedgerEntry[]>;
  readonly events: Measured<EventsView>;
  readonly spend: Measured<readonly FleetSpend[]>;
  readonly games: Measured<readonly FleetGames[]>;
  readonly account: Measured<AccountView>;
  /** One per namespace that an active or paused fleet feeds. */
  readonly examples: readonly ExamplesFacts[];
  /** One per weights name that such a fleet plays with. */
  readonly learners: readonly LearnerFacts[];
  readonly earlier: Measured<readonly EarlierLearner[]>;
}
