// A fleet's outbox on its way to D1. What D1 does not take stays and is tried again; no fleet needs D1 to run.

import { OUTBOX_ROWS_MAX, writeOutbox } from "../db/outbox-writer.ts";
import { withDeadline } from "../deadline.ts";
import { describeFault, logEvent } from "../log.ts";
import type { FleetStore } from "./fleet-store.ts";

/** D1 took nothing: the outbox is tried again. */
const FLUSH_RETRY_MS = 30_000;

/**
 * Sends one batch; `false`: nothing was waiting. The caller sees to it that there is one flush at a time, and arms the alarm
 * for what is left.
 */
export async function flushOutbox(store: FleetStore, database: D1Database, now: () => number): Promise<boolean> {
  const failures = store.note<number>("flush-failures") ?? 0;
  const waiting = store.outbox(flushLimit(failures));
  const last = waiting.at(-1);
  if (last === undefined) return false;
  const fleet = store.fleet()?.name ?? "";
  try {
    // A batch that arrives after all is stored once: every row has its own key.
    await withDeadline(
      writeOutbox(
        database,
        waiting.map(({ row }) => row),
      ),
    );
    store.removeFromOutbox(last.id);
    store.markStrikesDelivered(
      waiting.flatMap(({ row }) => (row.kind === "strike" ? [row.row.id] : [])),
      now(),
    );
    store.setNote("flush-failures", 0);
    if (store.outbox(1).length > 0) store.timers.setNoLater("flush", now() + 1);
  } catch (error) {
    logEvent({ event: "fleet.flush", outcome: "failed", fleet, rows: waiting.length, detail: describeFault(error) });
    const isUnacceptable = waiting.length === 1 && /constraint|mismatch/i.test(String(error));
    if (isUnacceptable) {
      // A row that D1 will never take must not hold back all that comes after it.
      logEvent({ event: "fleet.outbox.dropped", outcome: "failed", fleet, row: last.row });
      store.removeFromOutbox(last.id);
    }
    store.setNote("flush-failures", isUnacceptable ? 0 : failures + 1);
    store.timers.setNoLater("flush", now() + (isUnacceptable ? 1 : FLUSH_RETRY_MS));
  }
  return true;
}

/** Each failure halves the batch, so that one row that D1 refuses is found; an outage ends at one row as well. */
function flushLimit(failures: number): number {
  return Math.max(1, Math.floor(OUTBOX_ROWS_MAX / 2 ** Math.min(failures, 16)));
}
