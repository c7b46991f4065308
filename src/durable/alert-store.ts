// What an object keeps of its alerts: what is firing, what waits to be sent, where to. A few keys, written on change alone:
// an object that has no receiver and nothing to say writes none.

import type { AlertFormat } from "../fleet/alert-formats.ts";
import type { AlertMemory } from "../fleet/alert.ts";
import type { AlertMessage } from "../fleet/alert-message.ts";

/** A receiver of a fleet's own. The address and the secret stay in the object: no door, event or row shows them. */
export interface AlertTarget {
  readonly url: string;
  /** `null`: the host decides. */
  readonly format: AlertFormat | null;
  /** Signs the generic format; `null`: the deployment's secret does. */
  readonly secret: string | null;
}

export interface WaitingMessage {
  readonly message: AlertMessage;
  readonly createdAtMs: number;
  readonly attempts: number;
  readonly refusals: number;
  readonly nextAttemptAtMs: number;
  readonly lastError: string | null;
}

export interface LastDelivery {
  readonly atMs: number;
  readonly isTaken: boolean;
  readonly detail: string;
}

/** A receiver that is dead for a day gets the newest of this many; the others are given up, and that is said. */
const WAITING_MAX = 20;

export class AlertStore {
  readonly #kv: SyncKvStorage;

  constructor(kv: SyncKvStorage) {
    this.#kv = kv;
  }

  memory(): AlertMemory {
    return this.#kv.get<AlertMemory>("alerts") ?? [];
  }

  setMemory(memory: AlertMemory): void {
    this.#set("alerts", memory.length === 0 ? null : memory);
  }

  target(): AlertTarget | null {
    return this.#kv.get<AlertTarget>("alert_target") ?? null;
  }

  setTarget(target: AlertTarget | null): void {
    this.#set("alert_target", target);
  }

  lastDelivery(): LastDelivery | null {
    return this.#kv.get<LastDelivery>("alert_delivery") ?? null;
  }

  setLastDelivery(delivery: LastDelivery): void {
    this.#set("alert_delivery", delivery);
  }

  /** In the order in which they were made. */
  waiting(): readonly WaitingMessage[] {
    return this.#kv.get<readonly WaitingMessage[]>("alert_outbox") ?? [];
  }

  /** Answers those that there is no room for. */
  setWaiting(waiting: readonly WaitingMessage[]): readonly WaitingMessage[] {
    const kept = waiting.slice(-WAITING_MAX);
    this.#set("alert_outbox", kept.length === 0 ? null : kept);
    return waiting.slice(0, waiting.length - kept.length);
  }

  /** When the next message wants to go; `null`: none waits. */
  dueAtMs(): number | null {
    const waiting = this.waiting();
    return waiting.length === 0 ? null : Math.min(...waiting.map(({ nextAttemptAtMs }) => nextAttemptAtMs));
  }

  /** The report of this UTC day was taken over for sending. */
  reportDay(): string | null {
    return this.#kv.get<string>("alert_report_day") ?? null;
  }

  setReportDay(day: string): void {
    this.#set("alert_report_day", day);
  }

  #set(key: string, value: unknown): void {
    const known = this.#kv.get(key) ?? null;
    if (JSON.stringify(known) === JSON.stringify(value)) return;
    if (value === null) this.#kv.delete(key);
    else this.#kv.put(key, value);
  }
}
