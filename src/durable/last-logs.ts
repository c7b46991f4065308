// The last lines of each worker's log, so that it can be read why a box went once the market has forgotten it. They wait
// in a table of their own, because no CHECK reads them, and go to D1 when the worker has left, whatever made it leave.

import type { LogReport } from "../fleet/report.ts";
import type { FleetStore } from "./fleet-store.ts";

/** Keeps the lines of a measured report in place of older ones. Rows are billed: nothing new is not written. */
export function noteLastLog(store: FleetStore, report: LogReport): void {
  if (report.kind !== "measured" || report.isStale || report.lastLines === "") return;
  const key = String(report.instanceId);
  const text = report.lastLines;
  if (store.lastLogs.get(key)?.text !== text) store.lastLogs.put(key, { readAtMs: report.requestedAtMs, text });
}

/** Sends what is kept of workers that are no longer there. */
export function sendLastLogs(
  store: FleetStore,
  isThere: (instanceId: number) => boolean,
  { fleet, nowMs }: { readonly fleet: string; readonly nowMs: number },
): void {
  for (const key of store.lastLogs.keys()) {
    const instanceId = Number(key);
    const kept = isThere(instanceId) ? null : store.lastLogs.get(key);
    if (kept === null) continue;
    store.enqueue({ kind: "last-log", row: { instanceId, fleet, atMs: nowMs, ...kept } });
    store.lastLogs.delete(key);
  }
}
