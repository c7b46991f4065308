// A fleet as a tool tells it: what a reader needs to judge it, without the spec's forty settings.

import { z } from "zod";
import type { FleetDocument } from "../../fleet/document.ts";

/** More workers than this are counted only; `why` and `logs` take any of them by number. */
const WORKERS_SHOWN = 60;

export const fleetSummarySchema = z.looseObject({
  name: z.string(),
  mode: z.string(),
  state: z.string(),
  target: z.number(),
  live: z.number(),
  producing: z.number(),
  gamesPerSecond: z.number(),
  usdPerHour: z.number(),
  notes: z.array(z.string()),
  workers: z.array(
    z.looseObject({ slot: z.number(), instanceId: z.number(), gpu: z.string().nullable(), verdict: z.string() }),
  ),
});

export function fleetSummary(fleet: FleetDocument) {
  const { name, mode, state, spec, totals, workers, intents, debts } = fleet;
  return {
    name,
    mode,
    state,
    target: mode === "down" ? 0 : spec.target,
    live: totals.live,
    producing: totals.producing,
    gamesPerSecond: totals.gamesPerSecond,
    usdPerHour: totals.usdPerHour,
    spentTodayUsd: fleet.spend.todayUsd,
    spentUsd: fleet.spend.totalUsd,
    maxPriceUsdPerHour: spec.maxPriceUsdPerHour,
    gpus: spec.gpus,
    checkIntervalSeconds: { ramp: spec.cadenceSeconds.ramp, steady: spec.cadenceSeconds.steady },
    stopAfterChecks: spec.stopAfterChecks,
    checks: fleet.checks,
    lastCheckAt: fleet.lastCheckAt,
    lookAgainAt: fleet.lookAgainAt,
    openRents: intents.length,
    unprovenDestroys: debts.length,
    breaker: fleet.breaker,
    notes: fleet.notes,
    workers: workers.slice(0, WORKERS_SHOWN).map((worker) => ({
      slot: worker.slot,
      instanceId: worker.instanceId,
      machineId: worker.machineId,
      gpu: worker.gpu,
      status: worker.status,
      verdict: worker.verdict,
      detail: worker.detail,
      batch: worker.batch,
      gamesPerSecond: worker.gamesPerSecond,
      usdPerHour: worker.usdPerHour,
      ageSeconds: worker.ageSeconds,
    })),
    workersLeftOut: Math.max(0, workers.length - WORKERS_SHOWN),
  };
}
