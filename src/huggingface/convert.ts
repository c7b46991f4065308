// File names, commits and token scopes of the Hub in our words: which file belongs to a weights name, who made an example
// file and when, whether a token may write to a repo.

import type { CommitRow, FineGrained, WhoamiRow } from "./schema.ts";

export interface HubCommit {
  readonly id: string;
  readonly title: string;
  readonly atMs: number;
}

/** What the examples folder says of one worker. */
export interface WorkerExamples {
  readonly workerId: string;
  readonly newestAtMs: number;
  readonly oldestAtMs: number;
  /** Files still there; the learner prunes, so this saturates and proves nothing (fleet behaviour reference §7.2). */
  readonly files: number;
}

/** The weights file of a weights name (§7.1). */
export function weightsFile(name: string): string {
  return `${name}.pt`;
}

export function stateFile(name: string): string {
  return name === "model" ? "training_state.json" : `${name}-state.json`;
}

/** The folder of a namespace's examples; "" is the repo's root, which is where `model` keeps them (§7.2). */
export function examplesFolder(namespace: string): string {
  return namespace === "model" ? "" : namespace;
}

/** Who made an example file and when, from `<worker id>_<unix seconds>_<8 hex>.pt`; `null` for any other name. */
export function parseExampleName(fileName: string): { readonly workerId: string; readonly madeAtMs: number } | null {
  const [, workerId, seconds] = /^(.{1,200})_(\d{9,11})_[0-9a-f]{8}\.pt$/.exec(fileName) ?? [];
  return workerId === undefined ? null : { workerId, madeAtMs: Number(seconds) * 1000 };
}

/** Example files of one folder by worker, newest first. Paths outside the folder and other names are passed over. */
export function groupExamples(paths: readonly string[], folder: string): readonly WorkerExamples[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const workers = new Map<string, WorkerExamples>();
  for (const path of paths) {
    const example = path.startsWith(prefix) ? parseExampleName(path.slice(prefix.length)) : null;
    if (example === null || example.workerId.includes("/")) continue;
    const { workerId, madeAtMs } = example;
    const known = workers.get(workerId) ?? { workerId, newestAtMs: madeAtMs, oldestAtMs: madeAtMs, files: 0 };
    workers.set(workerId, {
      workerId,
      newestAtMs: Math.max(known.newestAtMs, madeAtMs),
      oldestAtMs: Math.min(known.oldestAtMs, madeAtMs),
      files: known.files + 1,
    });
  }
  return [...workers.values()].toSorted((a, b) => b.newestAtMs - a.newestAtMs);
}

/** A commit, or `null` where its date cannot be read. */
export function toCommit(row: CommitRow): HubCommit | null {
  const atMs = Date.parse(row.date);
  return Number.isNaN(atMs) ? null : { id: row.id, title: row.title.slice(0, 200), atMs };
}

/** When the learner pushed this state: its commit says `step <n>, <games> games` (§7.1). `null`: not among these. */
export function findStateCommit(commits: readonly HubCommit[], step: number, totalGames: number): HubCommit | null {
  const wanted = `step ${step}, ${totalGames} games`;
  return commits.find((commit) => commit.title.replaceAll(/(?<=\d),(?=\d)/g, "") === wanted) ?? null;
}

/** Whether the token may write to a repo: `null` where the answer does not tell. */
export function canWrite(who: WhoamiRow, repo: string): boolean | null {
  const token = who.auth?.accessToken;
  switch (token?.role) {
    case "read":
      return false;
    case "write":
      return ownerLets(who, ownerOf(repo));
    case "fineGrained":
      return token.fineGrained ? scopesLet(token.fineGrained, repo) : null;
    default:
      return null;
  }
}

/** A write token reaches as far as its user does: own repos, and those of organisations with more than a reader's role. */
function ownerLets(who: WhoamiRow, owner: string): boolean | null {
  if (who.name === owner) return true;
  const org = who.orgs.find((one) => one.name === owner);
  if (org === undefined) return false;
  return typeof org.roleInOrg === "string" ? org.roleInOrg !== "read" : null;
}

function scopesLet(scopes: FineGrained, repo: string): boolean {
  if (scopes.global.includes("repo.write")) return true;
  return scopes.scoped.some(({ entity, permissions }) => {
    const covers = entity.type === "model" ? entity.name === repo : entity.name === ownerOf(repo);
    return covers && permissions.includes("repo.write");
  });
}

function ownerOf(repo: string): string {
  return repo.split("/")[0] ?? repo;
}
