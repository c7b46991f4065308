/**
 * The Hugging Face Hub: repositories with files and commits, the hourly commit quota, and the learner that reads
 * examples and pushes weights (fleet behaviour §7). Its HTTP face is routes-hub.ts.
 */
import { findFault, textValue } from "./faults.ts";
import { drawHex } from "./random.ts";
import { planAct, simSeconds, type MarketState } from "./state.ts";

export const WEIGHTS_REPO = "jasonyandell/zeb-42";
export const EXAMPLES_REPO = "jasonyandell/zeb-42-examples";

export interface HubFile {
  path: string;
  sizeBytes: number;
  /** Blob id for a small file, SHA-256 of the content for a large (LFS) one. */
  oid: string;
  isLfs: boolean;
  text: string | null;
  commitId: string;
  changedAtMs: number;
}

interface HubCommit {
  readonly id: string;
  readonly title: string;
  readonly atMs: number;
  readonly author: string;
}

export interface HubRepo {
  readonly id: string;
  isGated: boolean;
  isPrivate: boolean;
  createdAtMs: number;
  files: Map<string, HubFile>;
  /** Newest last. */
  commits: HubCommit[];
}

interface Learner {
  readonly repo: string;
  readonly examplesRepo: string;
  readonly weightsName: string;
  step: number;
  totalGames: number;
  /** Example files with a newer time than this are new to the learner. */
  readUpToMs: number;
}

export interface HubState {
  repos: Map<string, HubRepo>;
  learners: Learner[];
  commitsRefused: number;
}

export interface NewFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly isLfs: boolean;
  readonly text: string | null;
}

export type CommitResult =
  | { readonly kind: "done"; readonly id: string }
  | { readonly kind: "quota" }
  | { readonly kind: "no-repo" };

/** The free tier's limit (fleet behaviour §7.3). */
export const COMMITS_PER_HOUR = 128;
const HOUR_MS = 3_600_000;
/** A learner at 1,000 steps a cycle pushes every ten cycles of about 50 s. */
const PUSH_EVERY_SECONDS = 480;
const CYCLES_PER_PUSH = 10;
const COMMITS_KEPT = 1000;
const EXAMPLES_PER_BATCH = 7168;

interface SeedWeights {
  readonly name: string;
  readonly sizeBytes: number;
  readonly step: number;
  readonly games: number;
}

const SEED_WEIGHTS: readonly SeedWeights[] = [
  { name: "zeb-557k-1m", sizeBytes: 2_249_728, step: 9925, games: 1_464_832 },
  { name: "large", sizeBytes: 13_271_040, step: 142, games: 61_440 },
  { name: "large-belief", sizeBytes: 13_402_112, step: 3743, games: 1_700_608 },
];

export function makeHub(): HubState {
  return { repos: new Map(), learners: [], commitsRefused: 0 };
}

/** The repositories as the original's learner leaves them: seeded weights and an examples repo without examples. */
export function seedHub(state: MarketState): void {
  addRepo(state, WEIGHTS_REPO);
  addRepo(state, EXAMPLES_REPO);
  commit(state, EXAMPLES_REPO, "initial commit", "learner", [
    { path: ".gitattributes", sizeBytes: 1519, isLfs: false, text: "*.pt filter=lfs\n" },
  ]);
  for (const weights of SEED_WEIGHTS) addWeights(state, WEIGHTS_REPO, EXAMPLES_REPO, weights);
}

/** Puts a weights name on the Hub, with a learner that is not yet going. */
export function addWeights(state: MarketState, repo: string, examplesRepo: string, weights: SeedWeights): void {
  addRepo(state, repo);
  commit(state, repo, `Upload ${weights.name}-config.json`, "learner", [
    {
      path: configPath(weights.name),
      sizeBytes: 210,
      isLfs: false,
      text: JSON.stringify({ embed_dim: 128, n_heads: 8, n_layers: 4 }),
    },
  ]);
  const learner: Learner = {
    repo,
    examplesRepo,
    weightsName: weights.name,
    step: weights.step,
    totalGames: weights.games,
    readUpToMs: state.nowMs,
  };
  state.hub.learners.push(learner);
  pushWeights(state, learner, weights.sizeBytes);
}

/** Sets the learners going, each with its first push one interval from now. */
export function startLearners(state: MarketState): void {
  for (const learner of state.hub.learners) startLearner(state, learner.repo, learner.weightsName);
}

/** Plans the learner's next turn. */
export function startLearner(state: MarketState, repo: string, weightsName: string): void {
  planAct(state, state.nowMs + simSeconds(state, PUSH_EVERY_SECONDS), { kind: "learner", repo, weightsName });
}

/** File names of a weights stem; `model` has the short names (fleet behaviour §7.1). */
export function weightsPath(name: string): string {
  return `${name}.pt`;
}
export function configPath(name: string): string {
  return name === "model" ? "config.json" : `${name}-config.json`;
}
export function statePath(name: string): string {
  return name === "model" ? "training_state.json" : `${name}-state.json`;
}
/** The folder of a namespace's examples, with a slash; `model` keeps its files at the root. */
function examplesFolder(weightsName: string): string {
  return weightsName === "model" ? "" : `${weightsName}/`;
}

function addRepo(state: MarketState, id: string): HubRepo {
  const known = state.hub.repos.get(id);
  if (known !== undefined) return known;
  const repo: HubRepo = {
    id,
    isGated: false,
    isPrivate: false,
    createdAtMs: state.nowMs,
    files: new Map(),
    commits: [],
  };
  state.hub.repos.set(id, repo);
  return repo;
}

/** Commits on the repo within the last hour. */
export function commitsLastHour(repo: HubRepo, nowMs: number): number {
  let count = 0;
  for (let i = repo.commits.length - 1; i >= 0 && (repo.commits[i]?.atMs ?? 0) > nowMs - HOUR_MS; i -= 1) count += 1;
  return count;
}

/** Whether the repo's quota of the last hour is used up; counts the refusal. */
export function refusesForQuota(state: MarketState, repo: HubRepo): boolean {
  if (commitsLastHour(repo, state.nowMs) < state.settings.commitsPerHour) return false;
  state.hub.commitsRefused += 1;
  return true;
}

/** One commit with these files put and those removed, unless the repo's quota of the last hour is used up. */
export function commit(
  state: MarketState,
  repoId: string,
  title: string,
  author: string,
  put: readonly NewFile[],
  removed: readonly string[] = [],
): CommitResult {
  const repo = state.hub.repos.get(repoId);
  if (repo === undefined) return { kind: "no-repo" };
  // Known gap: the learner's prunes count and are never refused, so that a repo out of quota does not grow for ever.
  if (removed.length === 0 && refusesForQuota(state, repo)) return { kind: "quota" };
  const seed = state.settings.seed;
  const number = repo.commits.length === 0 ? 0 : Number.parseInt(repo.commits.at(-1)?.id.slice(0, 6) ?? "0", 16);
  const id = drawHex(40, seed, "commit", repoId, number, state.nowMs, title);
  for (const file of put) {
    const oid = drawHex(file.isLfs ? 64 : 40, seed, "blob", repoId, file.path, file.text ?? id);
    repo.files.set(file.path, { ...file, oid, commitId: id, changedAtMs: state.nowMs });
  }
  for (const path of removed) repo.files.delete(path);
  repo.commits.push({ id, title, atMs: state.nowMs, author });
  if (repo.commits.length > COMMITS_KEPT * 1.25) repo.commits = repo.commits.slice(-COMMITS_KEPT);
  return { kind: "done", id };
}

/** The learner's step for these weights as a worker reads it from the state file; null when the file is not there. */
export function readStep(state: MarketState, repoId: string, weightsName: string): number | null {
  const text = state.hub.repos.get(repoId)?.files.get(statePath(weightsName))?.text;
  if (text === null || text === undefined) return null;
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "step" in parsed && typeof parsed.step === "number"
    ? parsed.step
    : 0;
}

/** Whether the fault `weights-missing` hides the files of this weights name. */
export function isHidden(state: MarketState, weightsName: string): boolean {
  const fault = findFault(state, "weights-missing");
  return fault !== null && textValue(fault, weightsName) === weightsName;
}

/**
 * The learner's turn: with new examples it trains, pushes weights and state in one commit, and prunes the examples to
 * the newest files; without new ones it pauses (fleet behaviour §7.2, §7.4). Plans its next turn.
 */
export function runLearner(state: MarketState, repo: string, weightsName: string, isHalted: boolean): void {
  const learner = state.hub.learners.find((one) => one.repo === repo && one.weightsName === weightsName);
  if (learner === undefined) return;
  startLearner(state, repo, weightsName);
  if (isHalted) return;
  const examples = exampleFiles(state, learner);
  const fresh = examples.filter((file) => file.changedAtMs > learner.readUpToMs);
  if (fresh.length === 0) return;
  learner.readUpToMs = state.nowMs;
  learner.step += CYCLES_PER_PUSH;
  learner.totalGames += fresh.length * 256;
  pushWeights(state, learner, state.hub.repos.get(repo)?.files.get(weightsPath(weightsName))?.sizeBytes ?? 13_271_040);
  const keep = state.settings.keepExampleFiles;
  const old = examples.slice(0, Math.max(0, examples.length - keep)).map((file) => file.path);
  if (old.length > 0) {
    commit(state, learner.examplesRepo, `prune: removed ${old.length} keeping ${keep}`, "learner", [], old);
  }
}

/** Example files of the learner's namespace, oldest first. */
function exampleFiles(state: MarketState, learner: Learner): HubFile[] {
  const folder = examplesFolder(learner.weightsName);
  const files = state.hub.repos.get(learner.examplesRepo)?.files.values() ?? [];
  return [...files]
    .filter(
      (file) =>
        file.path.endsWith(".pt") &&
        file.path.startsWith(folder) &&
        file.path.lastIndexOf("/") < Math.max(1, folder.length),
    )
    .sort((left, right) => left.changedAtMs - right.changedAtMs || (left.path < right.path ? -1 : 1));
}

function pushWeights(state: MarketState, learner: Learner, sizeBytes: number): void {
  const text = JSON.stringify({ step: learner.step, total_games: learner.totalGames, wandb_run_id: "abc123" });
  commit(state, learner.repo, `step ${learner.step}, ${learner.totalGames} games`, "learner", [
    { path: weightsPath(learner.weightsName), sizeBytes, isLfs: true, text: null },
    { path: statePath(learner.weightsName), sizeBytes: text.length, isLfs: false, text },
  ]);
}

/** The file of one batch: `<worker id>_<unix seconds>_<8 hex>.pt` in the namespace's folder. */
export function exampleFile(
  state: MarketState,
  weightsName: string,
  workerId: string,
  madeAtMs: number,
  tag: string,
): NewFile {
  const name = `${workerId}_${Math.floor(madeAtMs / 1000)}_${drawHex(8, state.settings.seed, "example", tag)}.pt`;
  return {
    path: `${examplesFolder(weightsName)}${name}`,
    sizeBytes: EXAMPLES_PER_BATCH * 620,
    isLfs: true,
    text: null,
  };
}
