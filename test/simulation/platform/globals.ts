// Clock, timers, chance, fetch and console as the running context sees them. Outside of a simulation everything is as it
// was, so that the test runner beside it keeps its own.

import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { LightAbortController, LightResponse } from "./light-http.ts";
import { current, type Event } from "./schedule.ts";

let isInstalled = false;

class VirtualTimer {
  readonly event: Event;

  constructor(event: Event) {
    this.event = event;
  }
}

export function installGlobals(): void {
  if (isInstalled) return;
  isInstalled = true;
  installClock();
  installTimers();
  installCrypto();
  installLight("Response", LightResponse);
  installLight("AbortController", LightAbortController);
  installEffects();
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

function installClock(): void {
  const RealDate = Date;
  class VirtualDate extends RealDate {
    constructor(...args: readonly unknown[]) {
      // The overloads of Date take no spread.
      if (args.length === 0) super(VirtualDate.now());
      else super(...(args as [number]));
    }

    static override now(): number {
      return current()?.surroundings.schedule.nowMs ?? RealDate.now();
    }
  }
  define("Date", VirtualDate);
}

function installTimers(): void {
  const realSet = globalThis.setTimeout;
  const realClear = globalThis.clearTimeout;
  define("setTimeout", (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): unknown => {
    const running = current();
    if (running === null) return realSet(work, ms, ...args);
    const { context, surroundings } = running;
    return new VirtualTimer(surroundings.schedule.after(Math.max(0, ms), context, () => work(...args)));
  });
  define("clearTimeout", (timer: unknown): void => {
    if (timer instanceof VirtualTimer) timer.event.isCancelled = true;
    else realClear(timer as Parameters<typeof clearTimeout>[0]);
  });
  define("scheduler", {
    wait: (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms)),
  });
}

/** The real digests run on other threads; these answer at once, so that the order of events stays the seed's. */
function installCrypto(): void {
  const real = crypto;
  const subtle = {
    digest: async (_algorithm: string, data: Uint8Array): Promise<ArrayBuffer> =>
      bytesOf(createHash("sha256").update(data).digest()),
    importKey: async (_format: string, key: Uint8Array): Promise<Uint8Array> => key,
    sign: async (_algorithm: string, key: Uint8Array, data: Uint8Array): Promise<ArrayBuffer> =>
      bytesOf(createHmac("sha256", key).update(data).digest()),
    timingSafeEqual: (a: ArrayBuffer, b: ArrayBuffer): boolean => timingSafeEqual(new Uint8Array(a), new Uint8Array(b)),
  };
  const virtual = { subtle, randomUUID: (): string => current()?.surroundings.uuid() ?? real.randomUUID() };
  Object.defineProperty(globalThis, "crypto", {
    configurable: true,
    get: () => (current() === null ? real : virtual),
  });
}

/** Classes whose real ones cost more than what they are used for. */
function installLight(name: "Response" | "AbortController", light: unknown): void {
  const real: unknown = Reflect.get(globalThis, name);
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => (current() === null ? real : light),
  });
}

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}

function installEffects(): void {
  const realFetch = globalThis.fetch;
  define("fetch", (url: string, init: RequestInit = {}): Promise<Response> => {
    const running = current();
    return running === null ? realFetch(url, init) : running.surroundings.fetch(url, init);
  });
  for (const method of ["log", "warn", "error"] as const) {
    const real = console[method].bind(console);
    console[method] = (...args: unknown[]): void => {
      const running = current();
      if (running === null) real(...args);
      else running.surroundings.print(args.map(String).join(" "));
    };
  }
}
