// One virtual clock and everything that is to happen on it. The driver takes the earliest event, lets whatever follows
// from it run to its end, and only then jumps on. Events of one instant come in an order drawn from the seed.
//
// What runs belongs to a context: an invocation of a Worker or of an object. A context that is dead gets no event any
// more: no timer, no answer. So code that "crashed" never runs again, and can write and send nothing.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Chance } from "./chance.ts";

export interface Context {
  readonly name: string;
  /** False once the invocation, or the object that it is of, has died. */
  isAlive(): boolean;
  /** An event that this context has set off: it goes out when the step is over, unless the step ends in a crash. */
  send(event: Event): void;
  /** Runs after each step of this context: commits what it wrote and releases what it sent. */
  endStep(): void;
}

export interface Event {
  readonly atMs: number;
  readonly order: number;
  /** Whose code runs; found when the event's time has come, because an object may have to be born for it. */
  context(): Context;
  run(): void;
  isCancelled: boolean;
}

/** What the code that runs finds around it instead of the real world. */
export interface Surroundings {
  readonly schedule: Schedule;
  fetch(url: string, init: RequestInit): Promise<Response>;
  uuid(): string;
  print(line: string): void;
}

interface Running {
  readonly context: Context;
  readonly surroundings: Surroundings;
}

const TURNS_QUEUED = 256;

const running = new AsyncLocalStorage<Running>();

/** The context whose code is running, and its surroundings; `null` outside of a simulation. */
export function current(): Running | null {
  return running.getStore() ?? null;
}

export class Schedule {
  nowMs: number;
  steps = 0;
  /** By how much the clock was set forward, in all. */
  jumpedMs = 0;
  readonly #heap: Event[] = [];
  readonly #chance: Chance;
  readonly #surroundings: Surroundings;

  constructor(startMs: number, chance: Chance, surroundings: Surroundings) {
    this.nowMs = startMs;
    this.#chance = chance;
    this.#surroundings = surroundings;
  }

  at(atMs: number, context: Context | (() => Context), run: () => void): Event {
    const event = {
      atMs: Math.max(Math.round(atMs), this.nowMs),
      order: this.#chance.next(),
      context: typeof context === "function" ? context : () => context,
      run,
      isCancelled: false,
    };
    push(this.#heap, event);
    return event;
  }

  after(ms: number, context: Context | (() => Context), run: () => void): Event {
    return this.at(this.nowMs + ms, context, run);
  }

  /** Sets the clock forward: all that was due meanwhile comes now, late. */
  jump(ms: number): void {
    this.nowMs += ms;
    this.jumpedMs += ms;
  }

  /** Runs everything up to this moment; ends early when `isOver` says so. */
  runUntil(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      let stepping: Context | null = null;
      let isDone = false;
      // All microtasks of a step end before the next callback, and nothing here waits for anything else. Callbacks are
      // queued by the hundred: the runtime asks the operating system for news after each queue, not after each callback.
      const turn = (isLast: boolean): void => {
        if (isDone) return;
        try {
          const ended = stepping;
          stepping = null;
          ended?.endStep();
          if (ended !== null && isOver()) isDone = true;
          else stepping = this.#step(untilMs);
          if (stepping === null) {
            if (!isDone) this.nowMs = Math.max(this.nowMs, untilMs);
            isDone = true;
          }
          if (isDone) resolve();
          else if (isLast) queue();
        } catch (error) {
          isDone = true;
          reject(error as Error);
        }
      };
      const queue = (): void => {
        for (let index = 1; index <= TURNS_QUEUED; index++) setImmediate(turn, index === TURNS_QUEUED);
      };
      queue();
    });
  }

  /** Begins the step of the next event up to this moment, and says whose it is; `null`: there is none. */
  #step(untilMs: number): Context | null {
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= untilMs; event = this.#heap[0]) {
      pop(this.#heap);
      if (event.isCancelled) continue;
      this.nowMs = Math.max(this.nowMs, event.atMs);
      const context = event.context();
      if (!context.isAlive()) continue;
      this.steps += 1;
      running.run({ context, surroundings: this.#surroundings }, () => event.run());
      return context;
    }
    return null;
  }
}

function push(heap: Event[], event: Event): void {
  let index = heap.length;
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

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
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
}

function isBefore(left: Event, right: Event): boolean {
  return left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs;
}
