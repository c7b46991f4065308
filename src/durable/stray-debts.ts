// Boxes of no fleet that a person has ordered to go: the account's own debts, paid after its sweeps by the rules of every
// other debt (design rule 4). The order is written first; a crash before the call, after it, or a lost answer leave a debt
// that the next proven list shows, and it is sent again. Absence is proven as for a fleet's boxes.

import { type Confirmation, wantsAccount } from "../fleet/absence.ts";
import { newDebt, settleDebts } from "../fleet/debts.ts";
import type { Debt } from "../fleet/memory.ts";
import type { ProvenList } from "../fleet/sweep.ts";
import { describeFailure, type DestroyOutcome } from "../vast/client.ts";
import type { AccountStore } from "./account-store.ts";

/** A debt that is still listed is sent again no sooner than this: sweeps may follow each other within seconds. */
const RETRY_MS = 20_000;
/** At 3 s apart (Vast API reference §0) these take half a minute. */
const RETRIES_MAX = 8;

export interface StrayDebtDeps {
  readonly store: Pick<AccountStore, "strayDebts" | "strayWatched">;
  readonly destroy: (instanceId: number) => Promise<DestroyOutcome>;
  readonly confirm: (instanceIds: readonly number[]) => Promise<readonly (readonly [number, Confirmation])[]>;
  /** Asks the account anew; answers when it last answered well. */
  readonly readAccount: () => Promise<number | null>;
  readonly accountReadAtMs: () => number | null;
  readonly now: () => number;
  readonly tell: (instanceId: number, message: string) => void;
}

/** True where a sweep has something to pay or to watch. */
export function hasStrayDebts({ strayDebts, strayWatched }: StrayDebtDeps["store"]): boolean {
  return strayDebts.list().length + strayWatched.list().length > 0;
}

/** The last attempt that no sweep has answered yet; a list begun before it proves nothing. 0: none. */
export function lastUnansweredMs({ strayDebts }: Pick<AccountStore, "strayDebts">): number {
  return Math.max(
    0,
    ...strayDebts.list().flatMap((debt) => (debt.missing === null ? [debt.lastAttemptAtMs ?? 0] : [])),
  );
}

/** What a proven list says of the debts: settled, still there, or back again. What is still there is destroyed. */
export async function payStrayDebts(deps: StrayDebtDeps, list: ProvenList): Promise<void> {
  const { store, now } = deps;
  const listed = new Set(list.rows.map(({ instanceId }) => instanceId));
  const absent = store.strayDebts.list().filter(({ instanceId }) => !listed.has(instanceId));
  const confirmations = new Map(
    absent.length === 0 ? [] : await deps.confirm(absent.map(({ instanceId }) => instanceId)),
  );
  let accountReadAtMs = deps.accountReadAtMs();
  const terms = { sweepBegunAtMs: list.begunAtMs, nowMs: now(), confirmations };
  const first = settleDebts(store.strayDebts.list(), [], list.rows, { ...terms, accountReadAtMs });
  const isAccountLacking = first.debts.some(({ instanceId, missing }) =>
    wantsAccount(missing, confirmations.get(instanceId), accountReadAtMs),
  );
  if (isAccountLacking) accountReadAtMs = await deps.readAccount();

  const outcome = settleDebts(store.strayDebts.list(), store.strayWatched.list(), list.rows, {
    ...terms,
    accountReadAtMs,
  });
  const returned = outcome.watched.filter(({ instanceId }) => listed.has(instanceId));
  const back = list.rows
    .filter((row) => returned.some(({ instanceId }) => instanceId === row.instanceId))
    .map((row) => newDebt(row, null, "came back after it was destroyed", now()));
  store.strayDebts.replaceAll([...outcome.debts, ...back], ({ instanceId }) => String(instanceId));
  store.strayWatched.replaceAll(
    outcome.watched.filter((watched) => !returned.includes(watched)),
    ({ instanceId }) => String(instanceId),
  );
  for (const { instanceId, reason } of outcome.actions)
    if (instanceId !== null) deps.tell(instanceId, `GONE: ${reason}`);
  for (const { instanceId, reason } of back) deps.tell(instanceId, `STRAY: instance ${instanceId} ${reason}`);

  const due = [...outcome.due, ...back]
    .filter(({ lastAttemptAtMs }) => isDue(lastAttemptAtMs, list, now()))
    .toSorted((a, b) => (a.lastAttemptAtMs ?? 0) - (b.lastAttemptAtMs ?? 0))
    .slice(0, RETRIES_MAX);
  // In the same block as the look at what is due, so that two sweeps do not both send it.
  for (const debt of due) noteAttempt(deps, debt);
  await Promise.all(due.map((debt) => destroyOne(deps, debt)));
}

function isDue(lastAttemptAtMs: number | null, { begunAtMs }: ProvenList, nowMs: number): boolean {
  if (lastAttemptAtMs === null) return true;
  return begunAtMs > lastAttemptAtMs && nowMs - lastAttemptAtMs >= RETRY_MS;
}

function noteAttempt({ store, now }: StrayDebtDeps, { instanceId }: Debt): void {
  const sent = { lastAttemptAtMs: now(), isAccepted: false, missing: null };
  change(store, instanceId, (debt) => ({ attempts: debt.attempts + 1, ...sent }));
}

async function destroyOne(deps: StrayDebtDeps, { instanceId, lastError, reason, attempts }: Debt): Promise<void> {
  const outcome = await deps.destroy(instanceId);
  const problem =
    outcome.kind === "done" ? null : outcome.kind === "unknown" ? outcome.reason : describeFailure(outcome.failure);
  const answer = { lastAttemptAtMs: deps.now(), lastError: problem, isAccepted: problem === null };
  change(deps.store, instanceId, () => answer);
  if (problem === null && attempts === 0) deps.tell(instanceId, `STRAY: instance ${instanceId} destroyed: ${reason}`);
  if (problem !== null && problem !== lastError)
    deps.tell(instanceId, `DESTROY FAILED: instance ${instanceId} (${problem}); it is tried again after every sweep`);
}

function change(
  { strayDebts }: Pick<AccountStore, "strayDebts">,
  instanceId: number,
  changes: (debt: Debt) => Partial<Debt>,
): void {
  const debt = strayDebts.get(String(instanceId));
  if (debt !== null) strayDebts.put(String(instanceId), { ...debt, ...changes(debt) });
}
