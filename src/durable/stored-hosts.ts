// The blacklist as a fleet's object keeps it between two readings of D1, and as its CHECK looks at it.

import type { Strike } from "../fleet/memory.ts";
import type { HostView } from "../fleet/situation.ts";

export interface StoredHosts {
  readonly blocked: readonly number[];
  readonly strikesByMachine: Readonly<Record<number, number>>;
}

/** The stored blacklist, with the strikes that it does not count yet. */
export function hostView(stored: StoredHosts, pending: readonly Strike[], strikeLimit: number): HostView {
  const counts = new Map(
    Object.entries(stored.strikesByMachine).map(([machineId, count]) => [Number(machineId), count]),
  );
  for (const { machineId } of pending) counts.set(machineId, (counts.get(machineId) ?? 0) + 1);
  const struckOut = pending
    .map(({ machineId }) => machineId)
    .filter((machineId) => (counts.get(machineId) ?? 0) >= strikeLimit);
  return { blocked: new Set([...stored.blocked, ...struckOut]), strikesByMachine: counts };
}
