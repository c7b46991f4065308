// observation + memory + spec + now → plan. Pure: the same situation gives the same plan, a dry run and a CHECK alike.
// The steps follow the rules of design §4 in their order.

import { workerUsdPerHour } from "./billing.ts";
import { afterSending } from "./breaker.ts";
import { budgetDeadlines, projectionNotes, reachedBudget, reachedNote } from "./budget.ts";
import { isOverdue, lookAgain } from "./cadence.ts";
import { type Census, takeCensus } from "./census.ts";
import { chargesSince, paidUsdPerHour } from "./charges.ts";
import { beginClock, gapLimitMs } from "./clock.ts";
import { projectCommits } from "./commit-load.ts";
import { restartClocks } from "./credit-wait.ts";
import { excusedRents } from "./limits.ts";
import { learnerCommands } from "./learner-commands.ts";
import { lastReadAtMs } from "./health.ts";
import type { Debt, FleetMemory, WorkerMemory } from "./memory.ts";
import type { Action, DestroyAction, FleetMode, FleetState, Plan, Totals } from "./plan.ts";
import { obeyOrders, orderNotes } from "./orders.ts";
import { planRemovals } from "./removals.ts";
import { planRents, type RentPlan } from "./replenish.ts";
import { planRollOut } from "./roll-out.ts";
import type { Situation } from "./situation.ts";
import { isWorking } from "./slots.ts";
import { addCharges } from "./spend.ts";
import { withLogAsked } from "./status.ts";
import type { ProvenList } from "./sweep.ts";

/** A sweep follows a first destroy at once (design §3); a debt that stands after that waits for the cadence. */
const SWEEP_AFTER_DESTROY_MS = 1000;

/** Boxes that go for one of these were chosen among others by what they give for their price (design rule 16). */
const COMPARED: ReadonlySet<DestroyAction["cause"]> = new Set(["downscale", "roll-out"]);

export function decide(situation: Situation): Plan {
  const { sweep } = situation;
  if (situation.missingCredentials !== null) return idlePlan(situation, "no-credentials", situation.missingCredentials);
  if (!sweep.proven) return blindPlan(situation, sweep.reason);
  return planOnProvenList(situation, sweep.list);
}

function idlePlan(situation: Situation, state: FleetState, note: string): Plan {
  const { memory, spec, nowMs } = situation;
  const again = lookAgain({ spec, nowMs, isUnsettled: true, changedAtMs: memory.changedAtMs, deadlinesMs: [] });
  return {
    actions: [],
    spareOffers: [],
    state: stateOfMode(situation.mode, memory) ?? state,
    totals: totalsOf(memory.workers),
    memory,
    met: [],
    needs: { confirm: [], account: false, offers: false, rates: false, logs: [] },
    lookAgainAtMs: again.atMs,
    isEarly: false,
    cadenceSeconds: again.cadenceSeconds,
    projectedCommitsPerHour: projectCommits(situation, memory.workers).perHour,
    notes: [note, ...orderNotes(memory.orders)],
  };
}

/** Nothing is rented and nothing destroyed on a list that is not proven (design rule 1). */
function blindPlan(situation: Situation, reason: string): Plan {
  const sinceMs = situation.memory.blindSinceMs ?? situation.nowMs;
  const forSeconds = Math.round((situation.nowMs - sinceMs) / 1000);
  const plan = idlePlan(situation, "blind", `blind for ${forSeconds} s: ${reason}; nothing is rented or destroyed`);
  return { ...plan, memory: { ...situation.memory, blindSinceMs: sinceMs } };
}

function planOnProvenList(situation: Situation, list: ProvenList): Plan {
  const { spec, nowMs, mode } = situation;
  const byHand = obeyOrders(situation, list, keepAccounts(situation, list, takeCensus(situation, list)));
  const { census } = byHand;
  const removal = planRemovals(situation, list, census);
  const paid = census.debtsDue.map((debt) => payDebt(debt, list, nowMs));
  const { excludedGpus, breaker, faults, delivery } = removal;
  const remembered = { excludedGpus, breaker, faults, delivery };
  const kept = without(census.workers, removal.destroys);
  const owed = [...census.memory.debts, ...removal.debts];
  const rollOut = planRollOut(situation, list, kept, { ...census.memory, ...remembered, debts: owed });
  const live = without(kept, rollOut.destroys);
  const debts = [...owed, ...rollOut.debts];
  const rentedAtMs = excusedRents(census.memory.rentedAtMs, rollOut.destroys.length);
  const rents = planRents(situation, list, live, { ...census.memory, ...remembered, rentedAtMs, debts });
  const destroys = [...byHand.destroys, ...removal.destroys, ...rollOut.destroys];
  const records = [...census.actions, ...rollOut.records, ...removal.records];
  const actions: Action[] = [...records, ...paid, ...removal.strikes, ...destroys, ...rents.actions];
  const isChanged = records.length + destroys.length + rents.actions.length > 0;
  const memory: FleetMemory = {
    ...census.memory,
    workers: live.map((worker) => withLogAsked(worker, removal.logsAsked.get(worker.instanceId))),
    debts,
    blindSinceMs: null,
    changedAtMs: isChanged ? nowMs : census.memory.changedAtMs,
    drought: rents.drought ?? rollOut.drought,
    excludedGpus,
    breaker: breaker !== null && rents.actions.length > 0 ? afterSending(breaker, nowMs) : breaker,
    faults,
    delivery,
    rollOut: rollOut.next,
    ...filled({ ...census.memory, rentedAtMs }, live.length, situation),
  };
  const reached = reachedBudget(spec, memory.spend, nowMs);
  const usdPerHour = paidUsdPerHour(memory) + rents.actions.reduce((sum, { offer }) => sum + offer.offer.usdPerHour, 0);
  const isUnsettled =
    memory.intents.length + debts.length > 0 ||
    // What a budget keeps from being rented is not looked for each minute: its end is a deadline.
    ((rents.shortfall > 0 || rollOut.next !== null) && reached === null) ||
    live.some((worker) => !isWorking(worker) || worker.badStatus !== null);
  const isSweepWanted =
    rents.heldBy === "ceiling" && debts.some(({ missing, attempts }) => missing === null && attempts === 0);
  const again = lookAgain({
    spec,
    nowMs,
    isUnsettled: mode === "paused" ? debts.length > 0 : isUnsettled,
    changedAtMs: memory.changedAtMs,
    deadlinesMs: [
      ...census.deadlinesMs,
      ...removal.deadlinesMs,
      rents.drought?.nextSearchAtMs ?? null,
      isSweepWanted ? nowMs + SWEEP_AFTER_DESTROY_MS : null,
      situation.account.creditWait?.nextProbeAtMs ?? null,
      ...(mode === "active" ? budgetDeadlines(spec, memory.spend, usdPerHour, nowMs) : []),
    ],
  });
  const commits = projectCommits(situation, live);
  const isSearchNeeded = rents.isSearchNeeded || rollOut.isSearchNeeded;
  const state = stateOf(situation, memory, rents, isUnsettled);
  return {
    actions,
    spareOffers: rents.spareOffers,
    state,
    totals: totalsOf(live),
    memory,
    met: census.met,
    needs: {
      confirm: census.confirm,
      account: census.isAccountNeeded || removal.isAccountNeeded,
      offers: isSearchNeeded,
      rates: isSearchNeeded || destroys.some(({ cause }) => COMPARED.has(cause)),
      logs: [...removal.logsAsked.keys()],
    },
    lookAgainAtMs: again.atMs,
    isEarly: again.isEarly,
    cadenceSeconds: again.cadenceSeconds,
    projectedCommitsPerHour: commits.perHour,
    notes: [
      ...(mode === "active" && reached !== null ? [reachedNote(reached, spec, memory.isHeldForCredit)] : []),
      // What explains the state comes first: it is told with it.
      ...rollOut.notes,
      ...rents.notes,
      ...removal.notes,
      ...census.notes,
      ...(state === "waiting-for-weights" ? learnerCommands(spec) : []),
      ...projectionNotes(spec, memory.spend, usdPerHour, nowMs),
      ...commits.notes,
    ],
  };
}

/**
 * What the boxes have cost since the last CHECK is counted first; after a wait for credit their clocks begin anew, and after
 * time in which no CHECK looked the clock of a second boot, which lists alone move: its log had no turn to deny it.
 */
function keepAccounts(situation: Situation, list: ProvenList, census: Census): Census {
  const { memory: before, account, nowMs, spec, wantedAtMs } = situation;
  const { workers, memory } = census;
  const isUnproven = nowMs - before.spend.atMs > 2 * spec.cadenceSeconds.steady * 1000 + gapLimitMs(spec);
  const isGap = isUnproven || isOverdue(wantedAtMs, nowMs);
  const isHeldForCredit = account.creditWait !== null;
  const isWaitOver = before.isHeldForCredit && !isHeldForCredit;
  const charges = chargesSince(before, { workers, debts: memory.debts }, list.rows, nowMs);
  return {
    ...census,
    workers: workers.map((worker) => {
      if (isWaitOver) return restartClocks(worker, nowMs);
      return isGap && worker.reboot !== null ? { ...worker, reboot: beginClock("boot", nowMs) } : worker;
    }),
    memory: {
      ...memory,
      spend: addCharges(before.spend, charges, nowMs),
      isHeldForCredit,
      lookingSinceMs: isGap ? nowMs : before.lookingSinceMs,
      logsReadAtMs: lastReadAtMs(before.workers, before.logsReadAtMs),
      // What the missing credit has ended may be rented anew at once.
      rentedAtMs: isWaitOver ? [] : memory.rentedAtMs,
    },
  };
}

function without(workers: readonly WorkerMemory[], leaving: readonly DestroyAction[]): readonly WorkerMemory[] {
  const ids = new Set(leaving.map(({ instanceId }) => instanceId));
  return workers.filter(({ instanceId }) => !ids.has(instanceId));
}

/** A debt of this very CHECK is a box that came back; any other is one that did not go. */
function payDebt(debt: Debt, proof: ProvenList, nowMs: number): DestroyAction {
  return {
    kind: "destroy",
    slot: debt.slot,
    instanceId: debt.instanceId,
    cause: debt.createdAtMs === nowMs ? "came-back" : "debt",
    reason: debt.attempts === 0 ? debt.reason : `not proven gone after ${debt.attempts} destroys: ${debt.reason}`,
    evidence: { attempts: debt.attempts, lastError: debt.lastError, sinceMs: debt.createdAtMs },
    proof,
  };
}

/** Once the target has been filled, its first-fill rents no longer weigh on the hourly limit (design rule 15). */
function filled(
  memory: FleetMemory,
  live: number,
  { spec }: Situation,
): Pick<FleetMemory, "filledTarget" | "rentedAtMs"> {
  const { filledTarget, rentedAtMs } = memory;
  if (live < spec.target || spec.target <= filledTarget) return { filledTarget, rentedAtMs };
  return { filledTarget: spec.target, rentedAtMs: rentedAtMs.slice(spec.target - filledTarget) };
}

function totalsOf(workers: readonly WorkerMemory[]): Totals {
  const working = workers.filter(isWorking);
  return {
    live: workers.length,
    producing: working.length,
    usdPerHour: workers.reduce((sum, worker) => sum + (workerUsdPerHour(worker) ?? 0), 0),
    gamesPerSecond: working.reduce((sum, { progress }) => sum + (progress?.gamesPerSecond ?? 0), 0),
  };
}

function stateOf(situation: Situation, memory: FleetMemory, rents: RentPlan, isUnsettled: boolean): FleetState {
  const { mode, account, weights } = situation;
  const ofMode = stateOfMode(mode, memory);
  if (ofMode !== null) return ofMode;
  if (weights === "no-credentials") return "no-credentials";
  if (account.creditWait !== null) return "credit-wait";
  if (reachedBudget(situation.spec, memory.spend, situation.nowMs) !== null) return "over-budget";
  if (weights === "missing") return "waiting-for-weights";
  if (memory.breaker !== null) return "breaker-open";
  if (rents.drought !== null && rents.shortfall > 0) return "no-offers";
  return isUnsettled ? "ramping" : "steady";
}

/** The states that a person has ordered come before all others; `null` while the fleet is active. */
function stateOfMode(mode: FleetMode, memory: FleetMemory): FleetState | null {
  if (mode === "paused") return "paused";
  if (mode === "active") return null;
  return memory.workers.length + memory.intents.length + memory.debts.length === 0 ? "down" : "draining";
}
