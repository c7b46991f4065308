// One Durable Object: its storage, which outlives everything, and at most one live instance. An instance may be evicted
// when idle and may crash at any await: what the step wrote is then lost or kept, its answers never come, its alarm comes
// again.

import type { Chance } from "./chance.ts";
import type { Context, Event, Schedule } from "./schedule.ts";
import { Storage } from "./storage.ts";

type Methods = Record<string, (...args: unknown[]) => unknown>;
export type ObjectClass = new (ctx: never, env: never) => object;

interface PendingCall {
  readonly fail: (error: Error) => void;
}

const RESET = "The Durable Object's isolate was reset.";
const ALARM_RETRY_MS = 2000;
const ALARM_RETRIES_MAX = 6;

export interface Surrounded {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly env: unknown;
  readonly exports: Record<string, unknown>;
  readonly home: Context;
}

class Instance implements Context {
  readonly name: string;
  readonly pending = new Set<PendingCall>();
  /** Calls whose answers leave when this step is over. */
  answered: PendingCall[] = [];
  object: Methods | null = null;
  isDead = false;
  isAlarmRunning = false;
  readonly #host: ObjectHost;
  #sent: Event[] = [];

  constructor(host: ObjectHost) {
    this.name = host.name;
    this.#host = host;
  }

  isAlive(): boolean {
    return !this.isDead;
  }

  send(event: Event): void {
    this.#sent.push(event);
  }

  /** Nothing of this step leaves; who waits for an answer of it waits on. */
  takeBackSent(): void {
    for (const event of this.#sent) event.isCancelled = true;
    for (const call of this.answered) this.pending.add(call);
  }

  endStep(): void {
    this.#host.endStep(this);
    this.#sent = [];
    this.answered = [];
  }
}

export class ObjectHost {
  readonly name: string;
  readonly storage = new Storage();
  /** A crash in wait: after so many more steps; with `losesStep` that step has written and sent nothing. */
  crashPlan: { stepsLeft: number; losesStep: boolean } | null = null;
  /** How late alarms of this object come; `null`: the next one is lost. */
  alarmDelayMs: number | null = 0;
  crashes = 0;
  #instance: Instance | null = null;
  #alarm: { readonly event: Event; readonly atMs: number } | null = null;
  #alarmRetries = 0;
  readonly #id: string;
  readonly #type: ObjectClass;
  readonly #around: Surrounded;

  constructor(name: string, id: string, type: ObjectClass, around: Surrounded) {
    this.name = name;
    this.#id = id;
    this.#type = type;
    this.#around = around;
  }

  /** The live instance; born now when there is none. Runs the constructor, so only inside of a step. */
  readonly wake = (): Instance => {
    if (this.#instance !== null) return this.#instance;
    this.#instance = new Instance(this);
    return this.#instance;
  };

  #object(instance: Instance): Methods {
    if (instance.object === null) {
      const { env, exports } = this.#around;
      const state = {
        id: { name: this.#id, toString: () => this.#id },
        storage: this.storage,
        exports,
        waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined),
        // Nobody looks on.
        getWebSockets: () => [],
        blockConcurrencyWhile: (work: () => Promise<unknown>) => work(),
      };
      instance.object = new this.#type(state as never, env as never) as Methods;
    }
    return instance.object;
  }

  /** Runs a method in the live instance; `answer` and `fail` are sent when the step that made them is over. */
  invoke(
    method: string,
    args: readonly unknown[],
    answer: (value: unknown) => Event,
    fail: (error: Error) => Event,
  ): void {
    const instance = this.wake();
    const call: PendingCall = { fail };
    instance.pending.add(call);
    const done = (send: () => Event): void => {
      instance.pending.delete(call);
      instance.answered.push(call);
      instance.send(send());
    };
    void Promise.resolve()
      .then(() => this.#object(instance)[method]?.(...args))
      .then(
        (value) => done(() => answer(value)),
        (error: unknown) => done(() => fail(error instanceof Error ? error : new Error(String(error)))),
      );
  }

  endStep(instance: Instance): void {
    if (instance.isDead) return;
    const plan = this.crashPlan;
    if (plan !== null && --plan.stepsLeft <= 0) {
      this.crashPlan = null;
      this.crash(plan.losesStep);
      return;
    }
    this.#commit();
  }

  /** The instance dies. With `losesStep` all that the step under way has written and sent is as if it had not been. */
  crash(losesStep: boolean): void {
    const instance = this.#instance;
    if (instance === null) return;
    this.crashes += 1;
    instance.isDead = true;
    this.#instance = null;
    if (losesStep) {
      this.storage.rollBack();
      instance.takeBackSent();
    }
    for (const call of instance.pending) call.fail(new Error(RESET));
    if (instance.isAlarmRunning && this.storage.alarmAtMs === null)
      void this.storage.setAlarm(this.#around.schedule.nowMs + ALARM_RETRY_MS);
    this.#commit();
  }

  /** An idle instance is forgotten; one that works stays. */
  evict(): void {
    if (this.#instance === null || this.#instance.pending.size > 0 || this.#instance.isAlarmRunning) return;
    this.#instance.isDead = true;
    this.#instance = null;
  }

  #commit(): void {
    this.storage.commit();
    const { alarmAtMs } = this.storage;
    if (alarmAtMs === (this.#alarm?.atMs ?? null)) return;
    if (this.#alarm !== null) this.#alarm.event.isCancelled = true;
    this.#alarm = null;
    if (alarmAtMs === null) return;
    const { schedule, chance } = this.#around;
    const dueAtMs = Math.max(alarmAtMs, schedule.nowMs) + chance.between(0, 5) + (this.alarmDelayMs ?? 0);
    const event = schedule.at(dueAtMs, this.wake, () => this.#fireAlarm());
    // Lost: the object still sees it set, in the past.
    if (this.alarmDelayMs === null) event.isCancelled = true;
    this.alarmDelayMs = 0;
    this.#alarm = { event, atMs: alarmAtMs };
  }

  #fireAlarm(): void {
    const instance = this.wake();
    const { schedule } = this.#around;
    if (instance.isAlarmRunning) {
      // Never two at once: it comes when the running one has ended.
      const atMs = this.#alarm?.atMs ?? schedule.nowMs;
      this.#alarm = { event: schedule.after(50, this.wake, () => this.#fireAlarm()), atMs };
      return;
    }
    this.#alarm = null;
    this.storage.takeAlarm();
    instance.isAlarmRunning = true;
    void Promise.resolve()
      .then(() => this.#object(instance)["alarm"]?.())
      .then(
        () => {
          instance.isAlarmRunning = false;
          this.#alarmRetries = 0;
        },
        async () => {
          instance.isAlarmRunning = false;
          if (this.storage.alarmAtMs !== null || this.#alarmRetries++ >= ALARM_RETRIES_MAX) return;
          await this.storage.setAlarm(schedule.nowMs + ALARM_RETRY_MS * 2 ** this.#alarmRetries);
        },
      );
  }
}
