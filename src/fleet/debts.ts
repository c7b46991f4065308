// Destroys not yet proven (design rule 4): retried each CHECK for as long as the list or the by-id answer shows the
// instance, settled when its absence is proven, and watched for seven days after, because an instance can come back with
// its host. While the market has not taken a destroy, a list without the instance is no proof: it is asked for by its id,
// and where nobody answers that, the destroy is sent again, whose good answer is worth as much.

import { type Confirmation, isAbsenceProven, trackMissing } from "./absence.ts";
import type { Instance } from "./instance.ts";
import type { Debt, Watched } from "./memory.ts";
import type { RecordAction } from "./plan.ts";

export const WATCH_MS = 7 * 86_400_000;

export interface DebtOutcome {
  readonly debts: readonly Debt[];
  readonly watched: readonly Watched[];
  /** Debts whose instance is still there, by the list or by its id, or of which nobody can tell: to be destroyed again. */
  readonly due: readonly Debt[];
  readonly actions: readonly RecordAction[];
}

export interface DebtTerms {
  readonly sweepBegunAtMs: number;
  readonly nowMs: number;
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  /** When our account last answered well; `null`: never. */
  readonly accountReadAtMs: number | null;
}

/** `rows` are the account's rows: a debt is known by its id, whatever its label says now. */
export function settleDebts(
  debts: readonly Debt[],
  watched: readonly Watched[],
  rows: readonly Instance[],
  terms: DebtTerms,
): DebtOutcome {
  const listed = new Set(rows.map((row) => row.instanceId));
  const isThere = ({ instanceId }: Debt): boolean =>
    listed.has(instanceId) || terms.confirmations.get(instanceId) === "present";
  const kept: Debt[] = [];
  const settled: Debt[] = [];
  for (const debt of debts) {
    if (isThere(debt)) {
      kept.push({ ...debt, missing: null });
      continue;
    }
    const missing = trackMissing(debt.missing, terms.sweepBegunAtMs, debt.lastAttemptAtMs ?? debt.createdAtMs);
    const next = { ...debt, missing };
    const confirmation = terms.confirmations.get(debt.instanceId);
    const isPaid =
      (debt.isAccepted || confirmation === "absent") &&
      isAbsenceProven(missing, confirmation, { isMass: false, accountReadAtMs: terms.accountReadAtMs });
    (isPaid ? settled : kept).push(next);
  }
  const untilMs = terms.nowMs + WATCH_MS;
  return {
    debts: kept,
    watched: [
      ...watched.filter((known) => known.untilMs > terms.nowMs),
      ...settled.map((debt) => ({ instanceId: debt.instanceId, slot: debt.slot, untilMs })),
    ],
    due: kept.filter((debt) => isThere(debt) || isUnanswered(debt, terms)),
    actions: settled.map((debt) => ({
      kind: "debt-settled",
      slot: debt.slot,
      instanceId: debt.instanceId,
      reason: `instance ${debt.instanceId} is proven gone; it went for: ${debt.reason}`,
      evidence: { destroyAttempts: debt.attempts, sweeps: debt.missing?.sweeps ?? 0 },
    })),
  };
}

/** No destroy was taken, no list shows it, and its id was asked for in vain. */
function isUnanswered({ instanceId, missing, isAccepted }: Debt, { confirmations }: DebtTerms): boolean {
  return !isAccepted && missing !== null && confirmations.get(instanceId) === "unknown";
}

/** A destroy that is ordered and not yet sent. */
export function newDebt(
  box: Pick<Instance, "instanceId" | "label" | "machineId" | "usdPerHour">,
  slot: number | null,
  reason: string,
  nowMs: number,
): Debt {
  const { instanceId, label, machineId, usdPerHour } = box;
  return {
    instanceId,
    slot,
    label,
    machineId,
    usdPerHour,
    reason,
    createdAtMs: nowMs,
    lastAttemptAtMs: null,
    attempts: 0,
    lastError: null,
    isAccepted: false,
    missing: null,
  };
}

/**
 * A debt counts against the ceiling until one sweep begun after its destroy has not shown it (design §3). What the market
 * has not taken is no destroy.
 */
export function isUnconfirmed({ missing, isAccepted }: Debt): boolean {
  return missing === null || !isAccepted;
}

/** Debts that the list does not show though no destroy of them was taken: only the answer by their ids settles them. */
export function unprovenDebts(debts: readonly Debt[]): readonly number[] {
  return debts.flatMap(({ instanceId, missing, isAccepted }) => (missing !== null && !isAccepted ? [instanceId] : []));
}
