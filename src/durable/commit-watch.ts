// Commits on the Hub that are no worker's (design rule 21): a learner pushes weights and prunes examples within the same
// hourly limit. Read by the account's object, so that fleets that share repos ask once; a Hub that is silent costs the
// figure and nothing else.

import type { HubClient } from "../huggingface/client.ts";
import type { AccountStore } from "./account-store.ts";

const HOUR_MS = 3_600_000;
/** A repo is asked at most this often, answered or not. */
const READ_EVERY_MS = 600_000;
/** A figure older than this says nothing of now. */
const STALE_MS = HOUR_MS;
/** How every upload of a worker is titled (fleet behaviour reference §7.2). */
const WORKER_TITLE = "examples:";

/** Reads the repos of all fleets whose last reading is old. */
export async function readCommits(
  store: AccountStore,
  hub: Pick<HubClient, "commits">,
  now: () => number,
): Promise<void> {
  const repos = store
    .fleets()
    .flatMap(({ examplesRepo, weightsRepo }) =>
      examplesRepo === null ? [] : [examplesRepo, weightsRepo ?? examplesRepo],
    );
  const due = [...new Set(repos)].filter((repo) => now() - (store.commits(repo)?.askedAtMs ?? 0) >= READ_EVERY_MS);
  for (const repo of due) {
    const askedAtMs = now();
    store.setCommits(repo, { perHour: null, readAtMs: 0, ...store.commits(repo), askedAtMs });
    const answer = await hub.commits(repo, askedAtMs - HOUR_MS);
    if (!answer.ok) continue;
    const perHour = answer.value.filter(({ title }) => !title.startsWith(WORKER_TITLE)).length;
    store.setCommits(repo, { perHour, readAtMs: askedAtMs, askedAtMs });
  }
}

/** On these repos together; `null`: not one of them has been measured lately. */
export function learnerCommitsPerHour(store: AccountStore, repos: readonly string[], nowMs: number): number | null {
  const measured = [...new Set(repos)].flatMap((repo) => {
    const known = store.commits(repo);
    return known === null || known.perHour === null || nowMs - known.readAtMs > STALE_MS ? [] : [known.perHour];
  });
  return measured.length === 0 ? null : measured.reduce((sum, perHour) => sum + perHour, 0);
}
