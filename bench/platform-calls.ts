// Counts what the platform bills besides rows: invocations of the Worker, requests to objects (each call and each alarm), and
// what an object waits for. Puts itself between the code and the classes, once per run.

import { AccountKeeper, FleetKeeper, LogPoller } from "../src/index.ts";

export interface PlatformCalls {
  objectCalls: number;
  alarms: number;
  /** Batches of logs; a service binding carries no request fee, its processor time is billed. */
  pollerCalls: number;
  /** Requests that objects make themselves and wait for: their time is billed. Logs are the pollers'. */
  objectFetches: number;
}

export const platformCalls: PlatformCalls = { objectCalls: 0, alarms: 0, pollerCalls: 0, objectFetches: 0 };

type Method = (this: unknown, ...args: unknown[]) => unknown;

function watch(type: { readonly prototype: object }, seen: (method: string) => void): void {
  const prototype = type.prototype as Record<string, Method>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const original = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown;
    if (name === "constructor" || typeof original !== "function") continue;
    prototype[name] = function (...args) {
      seen(name);
      return Reflect.apply(original, this, args);
    };
  }
}

/** An object that calls a method of its own is counted as if it had been called: the figure is an upper bound. */
export function countPlatformCalls(): void {
  const onObject = (method: string): void => {
    if (method === "alarm") platformCalls.alarms += 1;
    else platformCalls.objectCalls += 1;
  };
  watch(FleetKeeper, onObject);
  watch(AccountKeeper, onObject);
  watch(LogPoller, () => (platformCalls.pollerCalls += 1));
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!/instance_logs|request_logs|\/sim\//.test(url)) platformCalls.objectFetches += 1;
    return send(input, init);
  };
}
