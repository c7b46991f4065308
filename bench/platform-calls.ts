// Counts what the platform bills besides rows: requests to objects (each call and each alarm), batches of logs, and what an
// object waits for. Puts itself between the code and the classes, once per run.

import { AccountKeeper, FleetKeeper, LogPoller } from "../src/index.ts";

export interface PlatformCalls {
  /** Calls of a fleet's object, its alarms, and what it and its pollers ask of the account's. */
  fleetRequests: number;
  /** The account's alarms and what cron asks it: the same for one fleet as for ten. */
  accountRequests: number;
  /** Invocations of the poller; a service binding carries no request fee, its processor time is billed. */
  pollerCalls: number;
  /** Requests that objects make themselves and wait for: their time is billed. Logs are the pollers', the list is apart. */
  objectFetches: number;
}

export const platformCalls: PlatformCalls = {
  fleetRequests: 0,
  accountRequests: 0,
  pollerCalls: 0,
  objectFetches: 0,
};

/** What the account's object calls itself, for each page of a list: no request. A round of logs reserves once. */
const ITS_OWN: ReadonlySet<string> = new Set(["reserve", "learnPace", "accountView"]);
const BY_CRON: ReadonlySet<string> = new Set(["alarm", "fleetNames"]);

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

export function countPlatformCalls(): void {
  watch(FleetKeeper, () => (platformCalls.fleetRequests += 1));
  watch(AccountKeeper, (method) => {
    if (ITS_OWN.has(method)) return;
    platformCalls[BY_CRON.has(method) ? "accountRequests" : "fleetRequests"] += 1;
  });
  watch(LogPoller, (method) => {
    platformCalls.pollerCalls += 1;
    // Its reservation.
    if (method === "poll") platformCalls.fleetRequests += 1;
  });
  const send = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!/instance_logs|request_logs|api\/v1\/instances|\/sim\//.test(url)) platformCalls.objectFetches += 1;
    return send(input, init);
  };
}
