/**
 * Faults that happen to boxes: applied to every live box that matches, or, when none does yet, to the first that will.
 */
import { accountOf, changeBilling } from "./billing.ts";
import { boxSubject, killWorker } from "./box-acts.ts";
import { goOffline, haltBox } from "./box-life.ts";
import { countHit, FAULTS, hits, isActive, numberValue, type ActiveFault } from "./faults.ts";
import { printLine, type ActualStatus, type Box } from "./instances.ts";
import { objectOf, textOf, type Loose } from "./loose-json.ts";
import { endBox, noteMostPaid } from "./rent.ts";
import { planAct, type MarketState } from "./state.ts";
import { CRASH_LINES } from "./worker-log.ts";

const STATUSES = [
  "created",
  "loading",
  "running",
  "stopped",
  "exited",
  "rebooting",
  "recycling",
  "unknown",
  "offline",
] as const;

/** Applies a box fault whose moment has come to all boxes that match; without a match it waits for one. */
export function applyBoxFault(state: MarketState, fault: ActiveFault): void {
  for (const box of state.boxes.values()) applyTo(state, fault, box);
  // Hit at least one: a fault without a number of times has had its effect.
  if (fault.hits > 0 && fault.timesLeft === null) state.faults = state.faults.filter((one) => one !== fault);
}

/** Applies waiting box faults to a box that has just come up or played a batch. */
export function applyWaitingFaults(state: MarketState, box: Box): void {
  for (const fault of state.faults) {
    if (FAULTS[fault.name].acts !== "box" || !isActive(state, fault)) continue;
    applyTo(state, fault, box);
    if (fault.hits > 0 && fault.timesLeft === null) state.faults = state.faults.filter((one) => one !== fault);
  }
}

function applyTo(state: MarketState, fault: ActiveFault, box: Box): void {
  if (!state.faults.includes(fault) || !hits(fault.match, boxSubject(box)) || !canHit(fault, box)) return;
  countHit(state, fault);
  strike(state, fault, box);
}

function canHit(fault: ActiveFault, box: Box): boolean {
  if (fault.name === "box-comes-back") return box.endedAtMs !== null || !box.isReachable || box.curState === "stopped";
  if (box.endedAtMs !== null) return false;
  if (fault.name === "host-crash" || fault.name === "box-frozen-log" || fault.name === "box-slows")
    return box.worker !== null && box.worker.phase !== "dead";
  return fault.name === "worker-error" ? box.hasContainer : true;
}

function strike(state: MarketState, fault: ActiveFault, box: Box): void {
  const value = objectOf(fault.value);
  switch (fault.name) {
    case "host-crash":
      return killWorker(
        state,
        box,
        typeof fault.value === "string" ? [CRASH_LINES[0], CRASH_LINES[1], fault.value] : CRASH_LINES,
      );
    case "worker-error": {
      const line =
        typeof fault.value === "string" ? fault.value : textOf(value["line"], "RuntimeError: something broke");
      if (value["dies"] === true) return killWorker(state, box, line.split("\n"));
      for (const one of line.split("\n")) printLine(state, box, one);
      return;
    }
    case "box-vanish":
      return endBox(state, box, "vanish");
    case "box-exited":
      return haltBox(state, box, statusOf(fault.value) ?? "exited");
    case "box-offline":
      return goOffline(box, statusOf(fault.value) ?? "offline");
    case "box-frozen-log":
      return killWorker(state, box, []);
    case "box-comes-back":
      return comeBack(state, box);
    case "box-status":
      return setStatus(box, value);
    case "box-slows":
      if (box.worker !== null) box.worker.gamesPerSecond *= numberValue(fault, 0.5);
      return;
    case "contract-ends":
      return endContract(state, box, numberValue(fault, 600_000));
    case "price-rise":
      return raisePrice(state, box, fault.value, value);
    default:
      return;
  }
}

/** The host is back with the container as it was; a box that had ended is listed and billed again. */
function comeBack(state: MarketState, box: Box): void {
  const host = state.hosts.get(box.machineId);
  changeBilling(state, box, () => {
    box.endedAtMs = null;
    box.endedBy = null;
    box.isGpuBilled = box.hasContainer;
  });
  box.isReachable = true;
  box.curState = "running";
  box.intendedStatus = "running";
  box.actualStatus = box.hasContainer ? "running" : "loading";
  box.portsAtMs = box.hasContainer ? state.nowMs : null;
  if (host !== undefined && host.rentedByBoxId === null) {
    host.lastOffers = host.offers;
    host.offers = [];
    host.rentedByBoxId = box.id;
  }
  noteMostPaid(state, box.label);
}

/** The host promises the machine until then; the box goes with the promise. */
function endContract(state: MarketState, box: Box, inMs: number): void {
  const host = state.hosts.get(box.machineId);
  if (host !== undefined) host.listedUntilMs = state.nowMs + inMs;
  planAct(state, state.nowMs + inMs, { kind: "contract-end", boxId: box.id });
}

function setStatus(box: Box, value: Loose): void {
  if ("actualStatus" in value) box.actualStatus = statusOf(value["actualStatus"]);
  if (value["curState"] === "running" || value["curState"] === "stopped") box.curState = value["curState"];
  if (value["intendedStatus"] === "running" || value["intendedStatus"] === "stopped")
    box.intendedStatus = value["intendedStatus"];
  if (typeof value["statusMsg"] === "string" || value["statusMsg"] === null) box.statusMessage = value["statusMsg"];
}

function raisePrice(state: MarketState, box: Box, value: unknown, fields: Loose): void {
  const pending = fields["pending"];
  if (typeof pending === "number") {
    const account = accountOf(state, box.accountId);
    account.pendingPriceIncreases.push({
      id: 7000 + box.id,
      boxId: box.id,
      oldUsdPerHour: box.gpuUsdPerHour,
      newUsdPerHour: pending,
    });
    return;
  }
  const total = fields["usdPerHour"];
  const factor = typeof value === "number" ? value : 1.5;
  changeBilling(state, box, () => {
    box.gpuUsdPerHour = typeof total === "number" ? total - box.storageUsdPerHour : box.gpuUsdPerHour * factor;
  });
}

function statusOf(value: unknown): ActualStatus | null {
  return STATUSES.find((status) => status === value) ?? null;
}
