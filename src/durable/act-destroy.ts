// Carries out the destroys of a plan. Each is a debt already; the call only tries to pay it, and its answer proves
// nothing: the debt stands until sweeps have shown the instance gone.
//
// A crash before the call leaves the debt with no attempt: the next CHECK sends it. A crash after the call leaves the
// attempt unrecorded: the next CHECK sends it again, and destroying what is gone is success.

import { isWorthTelling } from "../fleet/failed-attempt.ts";
import type { Debt } from "../fleet/memory.ts";
import type { DestroyAction, DestroyCause } from "../fleet/plan.ts";
import { describeFailure, DESTROY_MANY_MAX, type DestroyOutcome } from "../vast/client.ts";
import { countersWithCalls } from "./call-counter.ts";
import type { CheckDeps } from "./deps.ts";
import { recordEvent } from "./history.ts";
import { rateRefusal } from "./rate-refusal.ts";

/** Above this many, first attempts go out together: single destroys are paced 3 s apart (Vast API reference §0). */
const SINGLE_DESTROYS_MAX = 4;
/** At 3 s apart these take half a minute of a CHECK; more would outlast its lease. */
const RETRIES_MAX = 8;
/** What the market said where it refused nothing. */
const ACCEPTED = "accepted";

export async function actDestroys(deps: CheckDeps, fleet: string, actions: readonly DestroyAction[]): Promise<void> {
  const first = actions.filter(({ instanceId }) => attemptsOf(deps, instanceId) === 0);
  const together = first.length > SINGLE_DESTROYS_MAX ? first : [];
  const single = [...first.filter((action) => !together.includes(action)), ...retriesOf(deps, actions)];
  const batches = Array.from({ length: Math.ceil(together.length / DESTROY_MANY_MAX) }, (_, index) =>
    together.slice(index * DESTROY_MANY_MAX, (index + 1) * DESTROY_MANY_MAX),
  );
  await Promise.all([
    ...batches.map((batch) => destroyTogether(deps, fleet, batch)),
    destroySingly(deps, fleet, single),
  ]);
}

/** Debts that have been tried before, the longest untried first; the others have their turn at the next CHECKs. */
function retriesOf(deps: CheckDeps, actions: readonly DestroyAction[]): readonly DestroyAction[] {
  const lastTry = ({ instanceId }: DestroyAction): number => deps.store.debt(instanceId)?.lastAttemptAtMs ?? 0;
  return actions
    .filter(({ instanceId }) => attemptsOf(deps, instanceId) > 0)
    .toSorted((a, b) => lastTry(a) - lastTry(b))
    .slice(0, RETRIES_MAX);
}

function attemptsOf({ store }: CheckDeps, instanceId: number): number {
  return store.debt(instanceId)?.attempts ?? 0;
}

async function destroyTogether(deps: CheckDeps, fleet: string, actions: readonly DestroyAction[]): Promise<void> {
  await waitForPlace(deps, "destroy-many");
  noteAttempts(deps, actions);
  const outcome = await deps.vast.destroyMany(actions.map(({ instanceId }) => instanceId));
  await noteOutcome(deps, fleet, "destroy-many", actions, outcome);
}

async function destroySingly(deps: CheckDeps, fleet: string, actions: readonly DestroyAction[]): Promise<void> {
  await Promise.all(
    actions.map(async (action) => {
      await waitForPlace(deps, "destroy");
      noteAttempts(deps, [action]);
      const outcome = await deps.vast.destroy(action.instanceId);
      await noteOutcome(deps, fleet, "destroy", [action], outcome);
    }),
  );
}

async function waitForPlace(deps: CheckDeps, route: "destroy" | "destroy-many"): Promise<void> {
  const [startAtMs = 0] = await deps.account.reserve(route, 1);
  const waitMs = startAtMs - deps.now();
  if (waitMs > 0) await deps.sleep(waitMs);
}

/** Before the call: from here on, only a sweep begun later can prove anything about these instances. */
function noteAttempts(deps: CheckDeps, actions: readonly DestroyAction[]): void {
  const { store } = deps;
  store.atomically(() => {
    store.changeFleet({ lastWriteAtMs: deps.now() });
    for (const { instanceId } of actions)
      changeDebt(deps, instanceId, (debt) => ({
        attempts: debt.attempts + 1,
        lastAttemptAtMs: deps.now(),
        isAccepted: false,
        missing: null,
      }));
  });
}

async function noteOutcome(
  deps: CheckDeps,
  fleet: string,
  route: "destroy" | "destroy-many",
  actions: readonly DestroyAction[],
  outcome: DestroyOutcome,
): Promise<void> {
  const { store } = deps;
  const problem =
    outcome.kind === "done" ? null : outcome.kind === "unknown" ? outcome.reason : describeFailure(outcome.failure);
  store.atomically(() => {
    store.changeFleet({ lastWriteAtMs: deps.now(), counters: countersWithCalls(store, deps.calls) });
    for (const action of actions) {
      const { attempts = 1, lastError = null, reason = action.reason } = store.debt(action.instanceId) ?? {};
      const answer = { lastAttemptAtMs: deps.now(), lastError: problem, isAccepted: problem === null };
      changeDebt(deps, action.instanceId, () => answer);
      const before = attempts <= 1 ? null : (lastError ?? ACCEPTED);
      if (!isWorthTelling(attempts, problem ?? ACCEPTED, before)) continue;
      recordEvent(
        store,
        { id: deps.newId(), fleet, nowMs: deps.now() },
        {
          kind: problem === null ? "destroy" : "destroy-failed",
          message:
            problem === null
              ? describeDestroy(action)
              : `DESTROY FAILED: instance ${action.instanceId}, attempt ${attempts} (${problem}); it is tried again at every CHECK. It goes for: ${reason}`,
          slot: action.slot,
          instanceId: action.instanceId,
          machineId: typeof action.evidence["machineId"] === "number" ? action.evidence["machineId"] : null,
          evidence: { cause: action.cause, ...action.evidence },
        },
      );
    }
  });
  await deps.account.learnPace(route, rateRefusal(outcome));
}

function changeDebt({ store }: CheckDeps, instanceId: number, change: (debt: Debt) => Partial<Debt>): void {
  const debt = store.debt(instanceId);
  if (debt !== null) store.putDebt({ ...debt, ...change(debt) });
}

/** The monitor's event words (fleet behaviour reference §4.8). */
const WORDS: Readonly<Record<DestroyCause | "debt", string>> = {
  duplicate: "DEDUP",
  status: "REPLACE",
  "start-error": "REPLACE",
  "fatal-error": "ERROR",
  "stuck-boot": "REPLACE",
  "stuck-setup": "REPLACE",
  "no-progress": "REPLACE",
  stalled: "STALL",
  undelivered: "UNDELIVERED",
  "over-cost": "COST",
  downscale: "TRIM",
  budget: "BUDGET",
  down: "DOWN",
  "came-back": "DESTROY",
  "by-hand": "DESTROY",
  "roll-out": "ROLL OUT",
  debt: "DESTROY AGAIN",
};

function describeDestroy({ cause, slot, instanceId, reason }: DestroyAction): string {
  return `${WORDS[cause]}: worker ${slot ?? "?"} (instance ${instanceId}) destroyed: ${reason}`;
}
