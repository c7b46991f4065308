// The platform that the Worker runs on: objects by name, calls between them, invocations, D1, the way out. Calls take a
// little time drawn from the seed, so that they overtake each other; trouble with them is asked for by name.

import { exports as workerExports } from "./cloudflare-workers.ts";
import { Chance } from "./chance.ts";
import { copyOf } from "./copy.ts";
import { FakeD1 } from "./d1.ts";
import { installGlobals } from "./globals.ts";
import { type ObjectClass, ObjectHost } from "./object-host.ts";
import { type Context, current, type Event, Schedule, type Surroundings } from "./schedule.ts";

/** What may happen to a call between objects, by "Class.method" or its beginning with a star. */
export interface CallTrouble {
  readonly what: "answer-lost" | "late" | "twice";
  readonly method: string;
  readonly ms: number;
  times: number;
}

/** What may happen to a request on its way: it, or its answer, is lost; the caller hears of it, or waits in vain. */
export interface NetTrouble {
  readonly what: "request-lost" | "answer-lost";
  readonly method: string;
  readonly path: string;
  readonly isSilent: boolean;
  times: number;
}

export type Serve = (url: string, init: RequestInit) => Promise<Response>;

/** A finished invocation may go on this long (platform reference §1). */
const AFTER_ANSWER_MS = 30_000;
const LINES_KEPT = 4000;

class Invocation implements Context {
  readonly name: string;
  isDead = false;

  constructor(name: string) {
    this.name = name;
  }

  isAlive(): boolean {
    return !this.isDead;
  }

  send(): void {
    // A Worker has no storage: nothing of it waits for a write.
  }

  endStep(): void {
    // The same.
  }
}

export interface PlatformOptions {
  readonly seed: number;
  readonly startMs: number;
  readonly serve: Serve;
  readonly variables: Readonly<Record<string, string>>;
}

export class Platform implements Surroundings {
  readonly schedule: Schedule;
  readonly chance: Chance;
  readonly d1: FakeD1;
  readonly env: Record<string, unknown>;
  readonly exports: Record<string, unknown> = {};
  readonly objects = new Map<string, ObjectHost>();
  readonly callTroubles: CallTrouble[] = [];
  readonly netTroubles: NetTrouble[] = [];
  readonly lines: string[] = [];
  /** Hears each line printed. */
  onLine: (line: string) => void = () => undefined;
  /** Hears each request that leaves an object or an invocation. */
  onSend: (by: string, url: string, init: RequestInit) => void = () => undefined;
  /** How much later than others the answer to a request comes. */
  slowBy: (url: string) => number = () => 0;
  calls = 0;
  /** The outside: nobody crashes it. */
  readonly home: Context = new Invocation("outside");
  readonly #serve: Serve;

  constructor({ seed, startMs, serve, variables }: PlatformOptions) {
    installGlobals();
    this.chance = new Chance(seed, "platform");
    this.schedule = new Schedule(startMs, new Chance(seed, "order"), this);
    this.#serve = serve;
    this.d1 = new FakeD1(this);
    this.env = { ...variables, DB: this.d1 };
  }

  addObjects(binding: string, type: ObjectClass): void {
    this.env[binding] = { getByName: (name: string) => this.#stub(binding, type, name) };
  }

  /** An entrypoint of the Worker, made anew for each call. */
  addEntrypoint(name: string, type: ObjectClass): void {
    const stub = new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: unknown[]) =>
            this.#callEntrypoint(name, type, String(method), args),
      },
    );
    this.exports[name] = stub;
    workerExports[name] = stub;
  }

  object(binding: string, name: string): ObjectHost | null {
    return this.objects.get(`${binding}:${name}`) ?? null;
  }

  /** Starts an invocation of the Worker from outside: a door, a tick. */
  start<T>(name: string, work: () => Promise<T>): Promise<T> {
    const invocation = new Invocation(name);
    return new Promise((resolve, reject) => {
      this.schedule.after(0, invocation, () => void work().then(resolve, reject));
    });
  }

  close(): void {
    this.d1.db.close();
    for (const object of this.objects.values()) object.storage.close();
  }

  // --- what code in a context finds -----------------------------------------------------------------------------------

  uuid(): string {
    return this.chance.uuid();
  }

  print(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.splice(0, LINES_KEPT / 2);
    this.onLine(line);
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    const context = contextOf();
    const trouble = takeFirst(this.netTroubles, ({ method, path }) => method === init.method && url.includes(path));
    return new Promise((resolve, reject) => {
      const lost = (): void => {
        if (trouble?.isSilent !== true) reject(new TypeError("Network connection lost."));
      };
      init.signal?.addEventListener("abort", () => reject(new DOMException("The operation was aborted", "AbortError")));
      const back = (run: () => void): void =>
        void this.schedule.after(this.#latencyMs() + this.slowBy(url), context, run);
      context.send(
        this.schedule.after(this.#latencyMs(), this.home, () => {
          this.onSend(context.name, url, init);
          if (trouble?.what === "request-lost") return back(lost);
          this.#serve(url, init).then(
            (response) => back(trouble === null ? () => resolve(response) : lost),
            () => back(lost),
          );
        }),
      );
    });
  }

  /** A call of a service of the platform from the running context. */
  call<T>(_service: string, work: () => T | Promise<T>): Promise<T> {
    const context = contextOf();
    return new Promise((resolve, reject) => {
      const back = (run: () => void): void => void this.schedule.after(this.#latencyMs(), context, run);
      context.send(
        this.schedule.after(this.#latencyMs(), this.home, () => {
          Promise.resolve()
            .then(work)
            .then(
              (value) => back(() => resolve(value)),
              (error: unknown) => back(() => reject(error)),
            );
        }),
      );
    });
  }

  // --- calls between objects ------------------------------------------------------------------------------------------

  #stub(binding: string, type: ObjectClass, name: string): object {
    return new Proxy(
      {},
      {
        get: (_, method) =>
          method === "then"
            ? undefined
            : (...args: unknown[]) => this.#callObject(this.#host(binding, type, name), binding, String(method), args),
      },
    );
  }

  #host(binding: string, type: ObjectClass, name: string): ObjectHost {
    const key = `${binding}:${name}`;
    const known = this.objects.get(key);
    if (known !== undefined) return known;
    const made = new ObjectHost(key, name, type, this);
    this.objects.set(key, made);
    return made;
  }

  #callObject(host: ObjectHost, binding: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const context = contextOf();
    const copies = copyOf(args);
    this.calls += 1;
    const trouble = takeFirst(this.callTroubles, (one) => one.method === `${binding}.${method}`);
    return new Promise((resolve, reject) => {
      const answer = (value: unknown): Event => {
        const copy = copyOf(value);
        const isLost = trouble?.what === "answer-lost";
        return this.schedule.after(this.#latencyMs(), context, () =>
          isLost ? reject(new Error("Network connection lost.")) : resolve(copy),
        );
      };
      const fail = (error: Error): Event => this.schedule.after(this.#latencyMs(), context, () => reject(error));
      const deliver = (lateMs: number): void =>
        context.send(
          this.schedule.after(this.#latencyMs() + lateMs, host.wake, () => host.invoke(method, copies, answer, fail)),
        );
      deliver(trouble?.what === "late" ? trouble.ms : 0);
      if (trouble?.what === "twice") deliver(trouble.ms);
    });
  }

  #callEntrypoint(name: string, type: ObjectClass, method: string, args: readonly unknown[]): Promise<unknown> {
    const context = contextOf();
    const copies = copyOf(args);
    const invocation = new Invocation(name);
    this.calls += 1;
    return new Promise((resolve, reject) => {
      const answered = (run: () => void): void => {
        this.schedule.after(this.#latencyMs(), context, run);
        this.schedule.after(AFTER_ANSWER_MS, this.home, () => {
          invocation.isDead = true;
        });
      };
      context.send(
        this.schedule.after(this.#latencyMs(), invocation, () => {
          const state = {
            exports: this.exports,
            waitUntil: (work: Promise<unknown>) => void work.catch(() => undefined),
          };
          const made = new type(state as never, this.env as never) as Record<string, (...args: unknown[]) => unknown>;
          Promise.resolve()
            .then(() => made[method]?.(...copies))
            .then(
              (value) => answered(() => resolve(copyOf(value))),
              (error: unknown) => answered(() => reject(error)),
            );
        }),
      );
    });
  }

  #latencyMs(): number {
    return this.chance.between(1, 25);
  }
}

function contextOf(): Context {
  const running = current();
  if (running === null) throw new Error("nothing of the platform is there outside of a step");
  return running.context;
}

/** Takes one use of the first that fits. */
function takeFirst<T extends { times: number }>(items: T[], fits: (item: T) => boolean): T | null {
  const index = items.findIndex(fits);
  const found = items[index];
  if (found === undefined) return null;
  found.times -= 1;
  if (found.times <= 0) items.splice(index, 1);
  return found;
}
