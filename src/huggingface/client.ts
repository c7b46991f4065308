// The Hub client: what the fleets want to know of weights, learner, examples and commits (fleet behaviour reference §7).
// It only reads. Both repos are model repos, also the one that holds examples (§7.2).

import { err, ok, type Result } from "../fleet/result.ts";
import { createHubCaller, type HubCaller, type HubClientOptions, type HubPage } from "./call.ts";
import {
  canWrite,
  examplesFolder,
  findStateCommit,
  groupExamples,
  stateFile,
  toCommit,
  weightsFile,
  type HubCommit,
  type WorkerExamples,
} from "./convert.ts";
import { classifyAnswer, type HubFailure } from "./errors.ts";
import { commitsSchema, learnerStateSchema, treeSchema, whoamiSchema, type CommitRow, type TreeRow } from "./schema.ts";

export { hubHosts } from "./call.ts";

/** 20,000 files; the learner keeps at most 128 (§7.2). */
const TREE_PAGES_MAX = 20;
/** An hour holds at most 128 commits of a repo, a page 50 (§7.3). */
const COMMIT_PAGES_MAX = 4;

/** "unknown": nobody answered, or nothing that can be understood. Never read it as either yes or no. */
export type WeightsPresence = "present" | "missing" | "no-credentials" | "unknown";

export interface LearnerState {
  /** Learner cycles, not optimiser steps. */
  readonly step: number;
  /** Games ingested over the namespace's life. */
  readonly totalGames: number;
  readonly wandbRunId: string | null;
  /** When it was pushed, from the newest commits of the repo; `null` where none of them is its own. */
  readonly pushedAtMs: number | null;
}

export interface ExamplesSummary {
  /** Example files in the folder; saturates by pruning. */
  readonly files: number;
  /** `null`: no files. */
  readonly newestAtMs: number | null;
  /** Newest first. */
  readonly workers: readonly WorkerExamples[];
}

export interface TokenFacts {
  readonly user: string;
  /** One entry per repo asked for; `null` where the token's scopes do not tell. */
  readonly writes: readonly { readonly repo: string; readonly canWrite: boolean | null }[];
}

export interface HubClient {
  /** Whether the weights file of a weights name is in the repo. */
  weightsPresent(repo: string, name: string): Promise<WeightsPresence>;
  learnerState(repo: string, name: string): Promise<Result<LearnerState, HubFailure>>;
  /** The examples of a namespace; a folder that is not there (yet) holds none. */
  examples(repo: string, namespace: string): Promise<Result<ExamplesSummary, HubFailure>>;
  /** Commits, newest first: one page, or all pages back to `sinceMs`. */
  commits(repo: string, sinceMs?: number): Promise<Result<readonly HubCommit[], HubFailure>>;
  /** Whose token it is and whether it may write to these repos; `no-credentials` where it is not valid. */
  whoami(repos?: readonly string[]): Promise<Result<TokenFacts, HubFailure>>;
}

export function createHubClient(options: HubClientOptions): HubClient {
  const caller = createHubCaller(options);
  return {
    weightsPresent: (repo, name) => readPresence(caller, repo, weightsFile(name)),
    learnerState: (repo, name) => readLearnerState(caller, repo, name),
    examples: (repo, namespace) => readExamples(caller, repo, namespace),
    commits: (repo, sinceMs) => readCommits(caller, repo, sinceMs ?? null),
    whoami: (repos = []) =>
      options.token === null ? Promise.resolve(err({ kind: "no-token" })) : readWhoami(caller, repos),
  };
}

async function readPresence(caller: HubCaller, repo: string, file: string): Promise<WeightsPresence> {
  const sent = await caller.send("HEAD", caller.url(resolvePath(repo, file)), true);
  if (!sent.ok) return "unknown";
  const { status } = sent.value;
  if (status >= 200 && status < 300) return "present";
  // Large files are answered with the address of their storage (only a redirect out of the Hub gets this far).
  if (status >= 300 && status < 400 && sent.value.headers.has("Location")) return "present";
  switch (classifyAnswer(sent.value).kind) {
    case "entry-missing":
      return "missing";
    case "no-credentials":
      return "no-credentials";
    default:
      return "unknown";
  }
}

async function readLearnerState(
  caller: HubCaller,
  repo: string,
  name: string,
): Promise<Result<LearnerState, HubFailure>> {
  const state = await caller.read(caller.url(resolvePath(repo, stateFile(name))), learnerStateSchema);
  if (!state.ok) return state;
  const { step, total_games: totalGames, wandb_run_id: wandbRunId } = state.value.value;
  // Known gap: a state older than the newest page of commits has no date; the file itself carries none.
  const commits = await readCommits(caller, repo, null);
  const commit = commits.ok ? findStateCommit(commits.value, step, totalGames) : null;
  return ok({ step, totalGames, wandbRunId: wandbRunId ?? null, pushedAtMs: commit?.atMs ?? null });
}

async function readExamples(
  caller: HubCaller,
  repo: string,
  namespace: string,
): Promise<Result<ExamplesSummary, HubFailure>> {
  const folder = examplesFolder(namespace);
  const paths: string[] = [];
  let url: string | null = caller.url(
    `/api/models/${encodePath(repo)}/tree/main${folder === "" ? "" : `/${encodePath(folder)}`}`,
  );
  for (let page = 0; page < TREE_PAGES_MAX && url !== null; page += 1) {
    const tree: Result<HubPage<TreeRow[]>, HubFailure> = await caller.read(url, treeSchema);
    if (!tree.ok && tree.error.kind === "entry-missing" && page === 0) break;
    if (!tree.ok) return tree;
    paths.push(...tree.value.value.filter((entry) => entry.type === "file").map((entry) => entry.path));
    url = tree.value.nextUrl;
  }
  const workers = groupExamples(paths, folder);
  const files = workers.reduce((sum, worker) => sum + worker.files, 0);
  return ok({ files, newestAtMs: workers[0]?.newestAtMs ?? null, workers });
}

async function readCommits(
  caller: HubCaller,
  repo: string,
  sinceMs: number | null,
): Promise<Result<readonly HubCommit[], HubFailure>> {
  const commits: HubCommit[] = [];
  let url: string | null = caller.url(`/api/models/${encodePath(repo)}/commits/main`);
  for (let page = 0; page < (sinceMs === null ? 1 : COMMIT_PAGES_MAX) && url !== null; page += 1) {
    const rows: Result<HubPage<CommitRow[]>, HubFailure> = await caller.read(url, commitsSchema);
    if (!rows.ok) return rows;
    commits.push(...rows.value.value.map(toCommit).filter((commit) => commit !== null));
    const oldest = commits.at(-1);
    if (sinceMs !== null && oldest !== undefined && oldest.atMs < sinceMs) break;
    url = rows.value.nextUrl;
  }
  return ok(sinceMs === null ? commits : commits.filter((commit) => commit.atMs >= sinceMs));
}

async function readWhoami(caller: HubCaller, repos: readonly string[]): Promise<Result<TokenFacts, HubFailure>> {
  const answer = await caller.read(caller.url("/api/whoami-v2"), whoamiSchema);
  if (!answer.ok) return answer;
  const who = answer.value.value;
  return ok({ user: who.name, writes: repos.map((repo) => ({ repo, canWrite: canWrite(who, repo) })) });
}

function resolvePath(repo: string, file: string): string {
  return `/${encodePath(repo)}/resolve/main/${encodePath(file)}`;
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
