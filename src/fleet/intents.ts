// Rents whose outcome may be unknown (design rule 3): matched to rows, or settled as "never happened" when two proven
// sweeps begun after the call have shown nothing, the last of them begun when the settle time was over: a list may not show
// a box for almost that long after it was rented. Until then the slot is taken.

import { type Confirmation, isAbsenceProven, trackMissing } from "./absence.ts";
import type { Instance } from "./instance.ts";
import type { Intent } from "./memory.ts";
import type { RecordAction } from "./plan.ts";

/** An intent without a recorded answer may still be under way this long after it was written: the call's own time-out. */
export const CALL_LIMIT_MS = 35_000;
const SETTLING_SWEEPS = 2;

export interface IntentTerms {
  readonly sweepBegunAtMs: number;
  readonly settleMs: number;
  /** Instances already known as workers or debts; a row among them cannot be a rent just made. */
  readonly knownIds: ReadonlySet<number>;
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  /** When our account last answered well; `null`: never. */
  readonly accountReadAtMs: number | null;
  /** Every instance of the account's list, this fleet's or not. */
  readonly listedIds: ReadonlySet<number>;
  /** The list has lost what is known to be there: only the answer by its id settles a rent. */
  readonly isListInDoubt: boolean;
}

export interface IntentOutcome {
  readonly open: readonly Intent[];
  /** By instance id: the intent that made the row. */
  readonly adopted: ReadonlyMap<number, Intent>;
  readonly actions: readonly RecordAction[];
}

export function settleIntents(
  intents: readonly Intent[],
  rows: readonly Instance[],
  terms: IntentTerms,
): IntentOutcome {
  const open: Intent[] = [];
  const adopted = new Map<number, Intent>();
  const actions: RecordAction[] = [];
  const candidatesOf = candidates(rows);
  for (const intent of intents) {
    const row = candidatesOf(intent).find(
      (candidate) => !adopted.has(candidate.instanceId) && isMadeBy(candidate, intent, terms.knownIds),
    );
    if (row !== undefined) {
      adopted.set(row.instanceId, intent);
      continue;
    }
    if (intent.instanceId !== null && terms.listedIds.has(intent.instanceId)) {
      actions.push(takenAway(intent));
      continue;
    }
    const next = { ...intent, missing: trackMissing(intent.missing, terms.sweepBegunAtMs, settleFromMs(intent)) };
    if (isOver(next, terms)) actions.push(neverHappened(next));
    else open.push(next);
  }
  return { open, adopted, actions };
}

/** The few rows that `isMadeBy` can accept, marked ones first: many rents meet many rows, and each row is looked at once. */
function candidates(rows: readonly Instance[]): (intent: Intent) => readonly Instance[] {
  const byMark = Map.groupBy(rows, ({ intentId }) => intentId);
  const unmarked = byMark.get(null) ?? [];
  const byId = Map.groupBy(unmarked, ({ instanceId }) => instanceId);
  const byLabel = Map.groupBy(unmarked, ({ label }) => label);
  return ({ id, instanceId, label }) => [
    ...(byMark.get(id) ?? []),
    ...((instanceId === null ? byLabel.get(label) : byId.get(instanceId)) ?? []),
  ];
}

/** The uuid proves it; where the environment is unreadable, the same label and machine on an instance unseen before. */
function isMadeBy(row: Instance, intent: Intent, knownIds: ReadonlySet<number>): boolean {
  if (row.intentId !== null) return row.intentId === intent.id;
  if (intent.instanceId !== null) return row.instanceId === intent.instanceId;
  if (row.envReadable || knownIds.has(row.instanceId)) return false;
  return row.label === intent.label && row.machineId !== null && row.machineId === intent.machineId;
}

/** Sweeps begun before this may have missed the instance. */
function settleFromMs(intent: Intent): number {
  return intent.answeredAtMs ?? intent.createdAtMs + CALL_LIMIT_MS;
}

function isOver(intent: Intent, terms: IntentTerms): boolean {
  const confirmation = intent.instanceId === null ? undefined : terms.confirmations.get(intent.instanceId);
  if (terms.isListInDoubt && confirmation !== "absent") return false;
  if (intent.instanceId !== null && confirmation === undefined) return false;
  const { missing } = intent;
  const isSwept =
    missing !== null &&
    missing.sweeps >= SETTLING_SWEEPS &&
    missing.lastBegunAtMs - settleFromMs(intent) >= terms.settleMs;
  return isSwept && isAbsenceProven(missing, confirmation, { isMass: false, accountReadAtMs: terms.accountReadAtMs });
}

/** Rents that the market answered so long ago that any list shows what they made. */
export function overdueRents(intents: readonly Intent[], nowMs: number, settleMs: number): readonly Intent[] {
  return intents.filter(
    ({ instanceId, answeredAtMs }) => instanceId !== null && answeredAtMs !== null && nowMs - answeredAtMs >= settleMs,
  );
}

/** The box is there and no longer bears this fleet's label: somebody took it over by hand. */
function takenAway(intent: Intent): RecordAction {
  const { slot, instanceId } = intent;
  return {
    kind: "intent-settled",
    slot,
    instanceId,
    reason: `instance ${instanceId} bears another label now: left alone; slot ${slot} is free again`,
    evidence: { intent: intent.id, offerId: intent.offerId, machineId: intent.machineId },
  };
}

function neverHappened(intent: Intent): RecordAction {
  const what =
    intent.state === "rented"
      ? `instance ${intent.instanceId} never appeared`
      : "the rent with the lost answer made no instance";
  return {
    kind: "intent-settled",
    slot: intent.slot,
    instanceId: intent.instanceId,
    reason: `${what}; slot ${intent.slot} is free again`,
    evidence: {
      intent: intent.id,
      offerId: intent.offerId,
      machineId: intent.machineId,
      sweeps: intent.missing?.sweeps ?? 0,
    },
  };
}
