/**
 * The whole market as plain data: what a state file holds, what a seed and a list of calls lead to. Code that changes
 * it lives with its idea (instances.ts, box-life.ts, worker-life.ts, hub.ts, billing.ts, …); nothing here acts.
 */
import type { Account } from "./billing.ts";
import type { BoxAct } from "./box-acts.ts";
import type { CallStats } from "./calls.ts";
import type { ActiveFault } from "./faults.ts";
import type { Host } from "./hosts.ts";
import type { HubState } from "./hub.ts";
import type { ImageProgram } from "./image-programs.ts";
import type { Box } from "./instances.ts";
import type { LimitSettings, LimitState } from "./limits.ts";

export interface Settings {
  readonly seed: number;
  /** Durations of things that happen are divided by this; published times and money stay wall time. */
  readonly speed: number;
  /** Short pulls and set-ups, for a demonstration that has to produce within half a minute at speed 20. */
  readonly demo: boolean;
  readonly limits: LimitSettings;
  /** A new box shows up in the list after a delay drawn from this range. */
  readonly listLagMs: readonly [number, number];
  /** How long after a log request its file is there. */
  readonly logDelayMs: number;
  /** Keys that exist; null takes any key that is not empty. */
  readonly validKeys: readonly string[] | null;
  /** Keys that belong to another account than the default one. */
  readonly accountsByKey: Readonly<Record<string, number>>;
  /** The commit that the start script finds at the head of the branch. */
  readonly commit: string;
  readonly commitsPerHour: number;
  readonly keepExampleFiles: number;
}

export interface MarketState {
  settings: Settings;
  startedAtMs: number;
  nowMs: number;
  counters: { box: number; offer: number; event: number; fault: number; log: number };
  accounts: Map<number, Account>;
  /** By machine id, in the order of making. */
  hosts: Map<number, Host>;
  /** Every box ever rented, in the order of renting, by id. */
  boxes: Map<number, Box>;
  /** What will happen, as a binary heap: earliest first, then in the order of planning. */
  events: SimEvent[];
  /** What images do that are not the self-play worker's, by image. */
  programs: Map<string, ImageProgram>;
  hub: HubState;
  faults: ActiveFault[];
  limits: LimitState;
  calls: CallStats;
  mostPaidAtOnce: number;
  mostPaidAtOnceByFleet: Record<string, number>;
}

export interface SimEvent {
  readonly atMs: number;
  readonly order: number;
  readonly act: MarketAct;
}

export type MarketAct =
  /** Something in the life of one box; dropped when the box has been restarted since (`life`). */
  | { readonly kind: "box"; readonly boxId: number; readonly life: number; readonly act: BoxAct }
  /** The host takes a box back: what it promised of the machine is over. */
  | { readonly kind: "contract-end"; readonly boxId: number }
  /** A machine is for rent again. */
  | { readonly kind: "relist"; readonly machineId: number }
  /** The learner of one weights name pushes, if it has new examples. */
  | { readonly kind: "learner"; readonly repo: string; readonly weightsName: string }
  /** A fault with a time of its own takes effect. */
  | { readonly kind: "fault"; readonly faultId: number };

/** Plans an act. Acts of one moment happen in the order in which they were planned. */
export function planAct(state: MarketState, atMs: number, act: MarketAct): void {
  state.counters.event += 1;
  const heap = state.events;
  let index = heap.length;
  const event: SimEvent = { atMs, order: state.counters.event, act };
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || isBefore(above, event)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = event;
}

/** Takes the earliest act that is due at this moment, or null. */
export function takeDueAct(state: MarketState, untilMs: number): SimEvent | null {
  const heap = state.events;
  const first = heap[0];
  if (first === undefined || first.atMs > untilMs) return null;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    const left = heap[child];
    if (left === undefined) break;
    const right = heap[child + 1];
    let smaller = left;
    if (right !== undefined && isBefore(right, left)) {
      child += 1;
      smaller = right;
    }
    if (isBefore(last, smaller)) break;
    heap[index] = smaller;
    index = child;
  }
  heap[index] = last;
  return first;
}

function isBefore(left: SimEvent, right: SimEvent): boolean {
  return left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs;
}

/** A duration in seconds of the simulated world, in milliseconds of wall time. */
export function simSeconds(state: MarketState, seconds: number): number {
  return Math.round((seconds * 1000) / state.settings.speed);
}
