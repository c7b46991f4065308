// One reading of the instance list, and the proof that it may be acted upon (design §3, "A proven list").

import type { Instance } from "./instance.ts";

/** What the account's keeper read: rows as they came, and what the market said of their number. */
export type SweepReading =
  | {
      readonly ok: true;
      readonly begunAtMs: number;
      readonly endedAtMs: number;
      /** The account that answered, read with the same key. */
      readonly accountId: number;
      /** `total_instances` of the last page. */
      readonly totalInstances: number;
      readonly rows: readonly Instance[];
    }
  | { readonly ok: false; readonly begunAtMs: number; readonly endedAtMs: number; readonly reason: string };

declare const proof: unique symbol;

/** A list that may cause a rent or a destroy. Only `proveSweep` makes one, so nothing can be done on an unproven list. */
export interface ProvenList {
  readonly [proof]: true;
  readonly begunAtMs: number;
  readonly endedAtMs: number;
  readonly rows: readonly Instance[];
}

export type Sweep =
  | { readonly proven: true; readonly list: ProvenList }
  | { readonly proven: false; readonly begunAtMs: number; readonly reason: string };

export interface ProofTerms {
  /** The account that this deployment is bound to; `null` before the first good reading. */
  readonly accountId: number | null;
  /** The fleet's last rent or destroy; a list begun before it may miss that write. 0: never. */
  readonly lastWriteAtMs: number;
}

/** Judges a reading. Presence only: what an absence proves is decided in `absence.ts`. */
export function proveSweep(reading: SweepReading, terms: ProofTerms): Sweep {
  const { begunAtMs } = reading;
  if (!reading.ok) return { proven: false, begunAtMs, reason: reading.reason };
  if (terms.accountId !== null && terms.accountId !== reading.accountId) {
    return {
      proven: false,
      begunAtMs,
      reason: `the list is of account ${reading.accountId}, this fleet's is ${terms.accountId}`,
    };
  }
  const distinct = new Set(reading.rows.map(({ instanceId }) => instanceId)).size;
  if (distinct !== reading.rows.length || distinct !== reading.totalInstances) {
    return {
      proven: false,
      begunAtMs,
      reason: `the list is partial: ${distinct} instances in ${reading.rows.length} rows, ${reading.totalInstances} announced`,
    };
  }
  if (begunAtMs < terms.lastWriteAtMs) {
    return { proven: false, begunAtMs, reason: "the list was begun before this fleet's last rent or destroy" };
  }
  const list = { begunAtMs, endedAtMs: reading.endedAtMs, rows: reading.rows };
  return { proven: true, list: list as unknown as ProvenList };
}
