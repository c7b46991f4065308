// Once there is peace: what the keeper shows beside what the market bills.

import type { KeeperProcess } from "./keeper-process.ts";
import type { EndedWorker, Witness } from "./witness.ts";

interface FleetShown {
  readonly mode: string;
  readonly state: string;
  readonly spec: { readonly target: number };
  readonly totals: { readonly live: number; readonly producing: number };
  readonly workers: readonly { readonly instanceId: number; readonly label: string; readonly verdict: string }[];
  readonly intents: readonly unknown[];
  readonly debts: readonly unknown[];
  readonly notes: readonly string[];
}

interface LedgerRow {
  readonly instanceId: number;
  readonly endedAt: string | null;
  readonly endCause: string | null;
  readonly endReason: string | null;
  readonly costUsd: number | null;
}

/** Causes for which a worker that plays may go. */
const GOOD_CAUSES = new Set(["downscale", "down", "over-cost", "duplicate", "came-back", "by-hand"]);

/** What still differs from a fleet that is whole; empty: nothing. */
export async function differences(keeper: KeeperProcess, witness: Witness, fleet: string): Promise<readonly string[]> {
  const { status, json } = await keeper.call("GET", `/api/fleets/${fleet}`);
  if (status !== 200) return [`${fleet}: answers ${status}`];
  const shown = json as FleetShown;
  const alive = witness.alive(fleet).map(({ id }) => id);
  const believed = shown.workers.map(({ instanceId }) => instanceId);
  const { target } = shown.spec;
  return [
    ...(alive.length === target ? [] : [`the market bills ${alive.length}, the target is ${target}`]),
    ...(shown.totals.producing === target ? [] : [`${shown.totals.producing} of ${target} produce`]),
    ...(shown.intents.length === 0 ? [] : [`${shown.intents.length} intents open`]),
    ...(shown.debts.length === 0 ? [] : [`${shown.debts.length} debts`]),
    ...alive.filter((id) => !believed.includes(id)).map((id) => `${id} is billed and not shown`),
    ...believed.filter((id) => !alive.includes(id)).map((id) => `${id} is shown and not billed`),
  ].map((what) => `${fleet} (${shown.state}): ${what}; ${shown.notes.join(" / ")}`);
}

/** All rows of the ledger, page by page. */
export async function readLedger(keeper: KeeperProcess): Promise<ReadonlyMap<number, LedgerRow>> {
  const rows = new Map<number, LedgerRow>();
  let before: string | null = null;
  do {
    const position = before === null ? "" : `&before=${encodeURIComponent(before)}`;
    const { status, json } = await keeper.call("GET", `/api/instances?limit=100${position}`);
    if (status !== 200) throw new Error(`the ledger answers ${status}`);
    const page = json as { instances: readonly LedgerRow[]; nextBefore: string | null };
    for (const row of page.instances) rows.set(row.instanceId, row);
    before = page.nextBefore;
  } while (before !== null);
  return rows;
}

export interface LedgerVerdict {
  readonly missing: readonly number[];
  readonly withoutReason: readonly number[];
  /** Workers that played and were ended for a cause that says they did not. */
  readonly falseKills: readonly string[];
}

export function judgeLedger(
  ledger: ReadonlyMap<number, LedgerRow>,
  boxes: readonly { readonly id: number; readonly hasEnded: boolean }[],
  endedPlaying: readonly EndedWorker[],
): LedgerVerdict {
  return {
    missing: boxes.filter(({ id }) => !ledger.has(id)).map(({ id }) => id),
    withoutReason: boxes
      .filter(({ id, hasEnded }) => hasEnded && ledger.has(id) && (ledger.get(id)?.endReason ?? "") === "")
      .map(({ id }) => id),
    falseKills: endedPlaying
      .map(({ id, label }) => ({ id, label, row: ledger.get(id) }))
      .filter(({ row }) => !GOOD_CAUSES.has(row?.endCause ?? ""))
      .map(
        ({ id, label, row }) => `${label} (${id}): ${row?.endCause ?? "no cause"}, ${row?.endReason ?? "no reason"}`,
      ),
  };
}
