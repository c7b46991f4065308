// What a fleet's object tells those who watch figures: what is there now, and the sums that only grow. Read from the rows
// of what lives; nothing that has happened is looked through.

import { blindMsSince, callsOf, workOf } from "../fleet/counters.ts";
import type { Verdict, WorkerMemory } from "../fleet/memory.ts";
import { isWorking } from "../fleet/slots.ts";
import type { CheckDeps } from "./deps.ts";
import { hostsOf } from "./observe.ts";
import type { FleetMetrics, WorkerGroup } from "./rpc.ts";

export function fleetMetricsOf(deps: CheckDeps): FleetMetrics {
  const { store, now } = deps;
  const record = store.fleet();
  if (record === null) throw new Error("a fleet that does not exist was asked for its figures");
  const { workers, intents, debts, spend, blindSinceMs } = store.memory(now());
  const { name, mode, state, spec, checks, lastCheckAtMs, checkMs = null } = record;
  const counters = store.counters();
  return {
    name,
    mode,
    state,
    preset: spec.preset,
    workload: spec.workload,
    weightsName: spec.weightsName,
    target: mode === "down" ? 0 : spec.target,
    live: workers.length,
    producing: workers.filter(isWorking).length,
    intents: intents.length,
    debts: debts.length,
    groups: groupsOf(workers),
    maxPriceUsdPerHour: spec.maxPriceUsdPerHour,
    checks,
    lastCheckAtMs,
    checkMs,
    nowMs: now(),
    hostsBlocked: hostsOf(deps, spec).blocked.size,
    // As of the last CHECK: an estimate up to now could be taken back by what the next list shows.
    spentUsd: spend.totalUsd,
    counters: {
      ...counters,
      blindMs: counters.blindMs + blindMsSince(blindSinceMs, { lastCheckAtMs, nowMs: now() }),
      work: workOf(counters, workers),
      calls: callsOf(counters, workers),
    },
  };
}

function groupsOf(workers: readonly WorkerMemory[]): readonly WorkerGroup[] {
  const groups = Map.groupBy(workers, ({ gpu, verdict }) => JSON.stringify([gpu, verdict]));
  return [...groups].map(([key, members]) => {
    const [gpu, verdict] = JSON.parse(key) as [string | null, Verdict];
    return {
      gpu,
      verdict,
      workers: members.length,
      gamesPerSecond: sum(members.filter(isWorking), ({ progress }) => progress?.gamesPerSecond ?? 0),
      usdPerHour: sum(members, ({ usdPerHour }) => usdPerHour ?? 0),
    };
  });
}

function sum(workers: readonly WorkerMemory[], of: (worker: WorkerMemory) => number): number {
  return workers.reduce((total, worker) => total + of(worker), 0);
}
