// What others are told of a fleet: its CHECK as a line and a row, its copy in D1, its pulse at the account's object.

import { formatCheckLine } from "../fleet/check-line.ts";
import type { FleetMemory } from "../fleet/memory.ts";
import type { Plan } from "../fleet/plan.ts";
import type { Workload } from "../fleet/workload.ts";
import { logEvent, logLine } from "../log.ts";
import type { FleetPulse } from "./account-words.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetRecord } from "./fleet-record.ts";

/** Between two copies of an unchanged fleet into D1. */
const COPY_EVERY_MS = 600_000;
/** A removed fleet's name is watched this long for boxes that come back (design §4). */
export const WATCH_AFTER_REMOVAL_MS = 7 * 86_400_000;

/** The CHECK's line and its row of history. */
export function publishCheck(deps: CheckDeps, record: FleetRecord, plan: Plan, apiMs: number): void {
  const { store } = deps;
  const nowMs = deps.now();
  const line = formatCheckLine({ number: record.checks, elapsedMs: nowMs - record.createdAtMs, plan, nowMs });
  logLine(`${record.name}: ${line}`);
  const { live, producing, usdPerHour, gamesPerSecond } = plan.totals;
  const summary = {
    fleet: record.name,
    number: record.checks,
    atMs: nowMs,
    state: plan.state,
    live,
    producing,
    usdPerHour,
    gamesPerSecond,
    actions: plan.actions.length,
    apiMs,
  };
  store.enqueue({ kind: "check", row: { ...summary, line, notes: plan.notes } });
  logEvent({ event: "check.done", ...summary });
  publishCopy(deps, record);
}

/** The copy of the fleet in D1: after a change that lists show, else now and then. */
export function publishCopy({ store, now }: CheckDeps, record: FleetRecord): void {
  if (record.removedAtMs !== null) return;
  const { name, mode, state, spec, version, totals, lastCheckAtMs } = record;
  const mark = JSON.stringify([mode, state, version, totals.live, totals.producing]);
  const sent = store.note<{ mark: string; atMs: number }>("copy");
  if (sent?.mark === mark && now() - sent.atMs < COPY_EVERY_MS) return;
  store.enqueue({
    kind: "fleet",
    row: {
      name,
      mode,
      state,
      spec,
      target: spec.target,
      specVersion: version,
      totals,
      lastCheckAtMs,
      updatedAtMs: now(),
    },
  });
  store.setNote("copy", { mark, atMs: now() });
}

/** What the account needs to know of this fleet, so that it looks as closely as the fleet does. */
export function pulseOf(
  record: FleetRecord,
  { adopted, workers, intents, debts }: Pick<FleetMemory, "adopted" | "workers" | "intents" | "debts">,
  { hub }: Workload,
): FleetPulse {
  const { name, spec, mode, cadenceSeconds: seconds, removedAtMs } = record;
  return {
    name,
    isUnsettled: seconds < spec.cadenceSeconds.steady,
    cadenceSeconds: seconds,
    target: mode === "down" ? 0 : spec.target,
    examplesRepo: hub.writesExamples ? spec.examplesRepo : null,
    adopted: adopted.map(({ instanceId }) => instanceId),
    weightsRepo: spec.weightsRepo,
    creditProbeSeconds: spec.cadenceSeconds.creditProbe,
    hasBoxes: workers.length + intents.length + debts.length > 0,
    watchedUntilMs: removedAtMs === null ? null : removedAtMs + WATCH_AFTER_REMOVAL_MS,
  };
}
