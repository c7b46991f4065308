/**
 * Renting and destroying: an offer becomes a box, a box ends and its machine is for rent again.
 */
import { accountOf, changeBilling } from "./billing.ts";
import { boxSubject, endLife } from "./box-acts.ts";
import { beginPull } from "./box-life.ts";
import { numberValue, takeFault } from "./faults.ts";
import { DUD_KINDS, type Host, type HostTrait } from "./hosts.ts";
import { fleetOfLabel, type Box, type EndedBy } from "./instances.ts";
import { storageUsdPerHour } from "./offers.ts";
import { drawBetween, drawHex, drawInteger } from "./random.ts";
import { planAct, simSeconds, type MarketState } from "./state.ts";

export interface RentOrder {
  readonly accountId: number;
  readonly offerId: number;
  readonly host: Host;
  readonly gpuCount: number;
  readonly image: string;
  readonly diskGb: number;
  readonly label: string | null;
  readonly env: Record<string, string>;
  readonly onstart: string | null;
  readonly args: readonly string[];
  readonly runtype: string;
  /** $/hr bid; null rents on demand. */
  readonly bid: number | null;
  readonly isStopped: boolean;
}

/** A machine is offered again this long after its box has ended. */
const RELIST_SECONDS = [5, 30] as const;

export function rentBox(state: MarketState, order: RentOrder): Box {
  const { seed } = state.settings;
  const { host } = order;
  const tenant = host.rentedByBoxId === null ? undefined : state.boxes.get(host.rentedByBoxId);
  if (tenant !== undefined && tenant.endedAtMs === null) endBox(state, tenant, "vanish");
  accountOf(state, order.accountId);
  state.counters.box += drawInteger(1, 60, seed, "box-id", state.counters.box);
  const id = state.counters.box;
  host.lastOffers = host.offers;
  host.offers = [];
  host.rentedByBoxId = id;
  const box: Box = {
    id,
    accountId: order.accountId,
    offerId: order.offerId,
    machineId: host.machineId,
    hostId: host.hostId,
    gpuName: host.gpuName,
    gpuCount: order.gpuCount,
    label: order.label,
    image: order.image,
    diskGb: order.diskGb,
    env: order.env,
    onstart: order.onstart,
    args: order.args,
    runtype: order.runtype,
    apiKey: drawHex(64, seed, "instance-key", id),
    isBid: order.bid !== null,
    gpuUsdPerHour: order.bid ?? Number((host.gpuUsdPerHour * order.gpuCount).toFixed(4)),
    storageUsdPerHour: storageUsdPerHour(host, order.diskGb),
    rentedAtMs: state.nowMs,
    listedAtMs: state.nowMs,
    runningAtMs: null,
    endedAtMs: null,
    endedBy: null,
    intendedStatus: "running",
    actualStatus: null,
    curState: "running",
    statusMessage: null,
    hasContainer: false,
    isReachable: true,
    portsAtMs: null,
    isGpuBilled: false,
    billedUsd: 0,
    settledAtMs: state.nowMs,
    life: 0,
    trait: host.trait,
    log: [],
    daemonLog: [],
    loop: null,
    worker: null,
    wasDestroyAsked: false,
  };
  box.listedAtMs += Math.round(listLagMs(state, box));
  box.trait = traitOf(state, box);
  // From an ended box to a live one: only then does the account begin to burn for it.
  box.endedAtMs = state.nowMs;
  changeBilling(state, box, () => {
    box.endedAtMs = null;
  });
  if (takeFault(state, "offer-sold-twice", boxSubject(box)) !== null) host.offers = host.lastOffers;
  state.boxes.set(id, box);
  noteMostPaid(state, order.label);
  if (order.isStopped || takeFault(state, "create-stopped", boxSubject(box)) !== null) {
    box.intendedStatus = "stopped";
    box.curState = "stopped";
    box.actualStatus = "stopped";
    return box;
  }
  beginPull(state, box);
  return box;
}

/** Ends a box: no bill, no list, and the machine is for rent again a little later. */
export function endBox(state: MarketState, box: Box, endedBy: EndedBy): void {
  if (box.endedAtMs !== null) return;
  endLife(box);
  changeBilling(state, box, () => {
    box.endedAtMs = state.nowMs;
    box.isGpuBilled = false;
  });
  box.endedBy = endedBy;
  const seconds = drawBetween(RELIST_SECONDS[0], RELIST_SECONDS[1], state.settings.seed, "relist", box.id);
  planAct(state, state.nowMs + simSeconds(state, seconds), { kind: "relist", machineId: box.machineId });
}

/** Boxes that cost money at this moment. */
function paidBoxes(state: MarketState): Box[] {
  return [...state.boxes.values()].filter((box) => box.endedAtMs === null);
}

/** Takes note of a new high of paid boxes, in all and in the fleet of this label. */
export function noteMostPaid(state: MarketState, label: string | null): void {
  const paid = paidBoxes(state);
  state.mostPaidAtOnce = Math.max(state.mostPaidAtOnce, paid.length);
  const fleet = fleetOfLabel(label);
  const ofFleet = paid.filter((box) => fleetOfLabel(box.label) === fleet).length;
  state.mostPaidAtOnceByFleet[fleet] = Math.max(state.mostPaidAtOnceByFleet[fleet] ?? 0, ofFleet);
}

function listLagMs(state: MarketState, box: Box): number {
  const fault = takeFault(state, "list-late", boxSubject(box));
  if (fault !== null) return numberValue(fault, 20_000);
  const [low, high] = state.settings.listLagMs;
  return drawBetween(low, high, state.settings.seed, "list-lag", box.id);
}

function traitOf(state: MarketState, box: Box): HostTrait {
  const next = takeFault(state, "next-rent-dud", boxSubject(box));
  if (next !== null) return dudKind(next.value) ?? "launcher";
  const dud = takeFault(state, "host-dud", boxSubject(box));
  if (dud !== null) return dudKind(dud.value) ?? "loading";
  return box.trait;
}

function dudKind(value: unknown): HostTrait | null {
  return DUD_KINDS.find((kind) => kind === value) ?? null;
}
