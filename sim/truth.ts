/**
 * The truth that tests compare with what a keeper believes: who is billed, since when, what was called and how often.
 */
import { boxBilledUsd, boxUsdPerHour, creditAt } from "./billing.ts";
import { countOpen } from "./calls.ts";
import { isListed, type Box } from "./instances.ts";
import type { Market } from "./market.ts";
import { hubTruth } from "./routes-hub.ts";
import type { MarketState } from "./state.ts";

export function tellTruth(market: Market): Readonly<Record<string, unknown>> {
  const { state } = market;
  const boxes = [...state.boxes.values()];
  const billed = boxes.filter((box) => box.endedAtMs === null);
  const byLabel: Record<string, number[]> = {};
  for (const box of billed) (byLabel[box.label ?? ""] ??= []).push(box.id);
  return {
    nowMs: state.nowMs,
    startedAtMs: state.startedAtMs,
    seed: state.settings.seed,
    speed: state.settings.speed,
    clock: market.clock.kind,
    account: accountTruth(state),
    accounts: [...state.accounts.values()].map((account) => ({
      id: account.id,
      credit: creditAt(account, state.nowMs),
      burnUsdPerHour: account.burnUsdPerHour,
      isStoppedForCredit: account.isStoppedForCredit,
    })),
    boxes: boxes.map((box) => boxTruth(state, box)),
    now: { listed: boxes.filter((box) => isListed(box, state.nowMs)).length, billed: billed.length, byLabel },
    mostPaidAtOnce: state.mostPaidAtOnce,
    mostPaidAtOnceByFleet: state.mostPaidAtOnceByFleet,
    billedUsd: boxes.reduce((sum, box) => sum + boxBilledUsd(box, state.nowMs), 0),
    calls: state.calls.byRoute,
    callsPerMinute: state.calls.byMinute,
    inFlightMax: { all: state.calls.openMost, logs: state.calls.openLogsMost, rents: state.calls.openRentsMost },
    inFlightNow: countOpen(state),
    refusedByRateLimit: state.limits.refused,
    leaks: { authorizationToLogs: state.calls.authorizationToLogs },
    hub: hubTruth(state),
    faults: state.faults.map((fault) => ({ id: fault.id, name: fault.name, hits: fault.hits })),
  };
}

function accountTruth(state: MarketState): Readonly<Record<string, unknown>> {
  const account = state.accounts.values().next().value;
  if (account === undefined) return {};
  return {
    id: account.id,
    credit: creditAt(account, state.nowMs),
    burnUsdPerHour: account.burnUsdPerHour,
    isStoppedForCredit: account.isStoppedForCredit,
  };
}

function boxTruth(state: MarketState, box: Box): Readonly<Record<string, unknown>> {
  const worker = box.worker;
  return {
    id: box.id,
    accountId: box.accountId,
    label: box.label,
    machineId: box.machineId,
    offerId: box.offerId,
    gpu: box.gpuName,
    trait: box.trait,
    dph: box.gpuUsdPerHour + box.storageUsdPerHour,
    usdPerHourNow: boxUsdPerHour(box),
    rentedAtMs: box.rentedAtMs,
    listedAtMs: box.listedAtMs,
    runningAtMs: box.runningAtMs,
    endedAtMs: box.endedAtMs,
    endedBy: box.endedBy,
    wasDestroyAsked: box.wasDestroyAsked,
    billedUsd: boxBilledUsd(box, state.nowMs),
    status: box.actualStatus,
    intendedStatus: box.intendedStatus,
    curState: box.curState,
    producing:
      box.endedAtMs === null && box.curState === "running" && worker?.phase === "producing" && worker.batches > 0,
    weightsName: worker?.weightsName ?? null,
    uploadIntervalSeconds: worker?.uploadIntervalSeconds ?? null,
    batches: worker?.batches ?? 0,
    uploads: worker?.uploads ?? 0,
    lastBatchAtMs: worker?.lastBatchAtMs ?? null,
    image: box.image,
    diskGb: box.diskGb,
    /** Names only: values may be secrets. */
    env: Object.keys(box.env),
    intentId: box.env["FLEETKEEPER_INTENT"] ?? null,
    keeperId: box.env["FLEETKEEPER_ID"] ?? null,
  };
}
