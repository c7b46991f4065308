// One small world: the Worker as it is deployed on the simulated platform, the market in process, one clock for both.

import { createApp } from "../../sim/app.ts";
import { advance, createMarket, type Market, type MarketOptions } from "../../sim/market.ts";
import worker, { AccountKeeper, FleetKeeper, LogPoller } from "../../src/index.ts";
import { LightRequest } from "./platform/light-http.ts";
import type { ObjectHost } from "./platform/object-host.ts";
import { Platform } from "./platform/platform.ts";
import type { Act } from "./scenario.ts";

/** Far ahead of any real clock, so that a real one that slipped in is seen at once. */
export const START_MS = Date.parse("2031-05-01T12:00:00Z");
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** What no answer, row, event and line may show. */
export const SECRETS = {
  VAST_API_KEY: "vast-key-of-the-simulation-0123456789abcdef",
  HF_TOKEN: "hf_SimulatedToken0123456789abcdefgh",
  ADMIN_TOKEN: "admin-token-of-the-simulation",
};

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface WorldOptions {
  readonly seed: number;
  readonly market: Omit<MarketOptions, "seed" | "clock">;
  readonly tickMs: number;
}

export class World {
  readonly market: Market;
  readonly platform: Platform;
  /** Acts that have begun, each with its own beginning: what was due while the clock was set forward begins late. */
  readonly begun: Act[] = [];
  /** Hears each answer of the market, with the request. */
  onAnswer: (url: string, init: RequestInit, status: number) => void = () => undefined;
  /** Cron is silent until then. */
  cronSilentUntilMs = 0;
  cronDelayMs = 0;
  /** The next tick comes twice. */
  isTickDoubled = false;

  constructor({ seed, market, tickMs }: WorldOptions) {
    const clock = { kind: "hand", nowMs: () => this.platform?.schedule.nowMs ?? START_MS, moveTo: () => true } as const;
    this.market = createMarket({ ...market, seed, clock });
    const app = createApp(this.market);
    this.platform = new Platform({
      seed,
      startMs: START_MS,
      variables: { ...SECRETS, PUBLIC_URL: "" },
      serve: async (url, init) => {
        const response = await app.fetch(new LightRequest(url, init) as unknown as Request);
        this.onAnswer(url, init, response.status);
        return response;
      },
    });
    this.platform.addObjects("FLEET_KEEPER", FleetKeeper as never);
    this.platform.addObjects("ACCOUNT_KEEPER", AccountKeeper as never);
    this.platform.addEntrypoint("LogPoller", LogPoller as never);
    this.#tickEvery(tickMs);
  }

  get nowMs(): number {
    return this.platform.schedule.nowMs;
  }

  fleet(name: string): ObjectHost | null {
    return this.platform.object("FLEET_KEEPER", name);
  }

  account(): ObjectHost | null {
    return this.platform.object("ACCOUNT_KEEPER", "account");
  }

  /** Does something to the market at this moment. */
  onMarket<T>(change: (market: Market) => T): T {
    advance(this.market);
    return change(this.market);
  }

  /** Asks a door, in a step of its own. */
  async door(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.platform.start(`${method} ${path}`, async () => {
      const request = new Request(`https://keeper.example${path}`, {
        method,
        headers: { Authorization: `Bearer ${SECRETS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const context = { waitUntil: () => undefined, passThroughOnException: () => undefined };
      const response = await worker.fetch(request as never, this.platform.env as never, context as never);
      return { status: response.status, text: await response.text() };
    });
  }

  #tickEvery(tickMs: number): void {
    const { schedule, home } = this.platform;
    const atMs = (Math.floor(this.nowMs / tickMs) + 1) * tickMs;
    schedule.at(atMs, home, () => {
      this.#tickEvery(tickMs);
      if (this.nowMs < this.cronSilentUntilMs) return;
      schedule.after(this.cronDelayMs, home, () => this.#tick(atMs));
      if (this.isTickDoubled) schedule.after(this.cronDelayMs + 300, home, () => this.#tick(atMs));
      this.isTickDoubled = false;
      this.cronDelayMs = 0;
    });
  }

  #tick(scheduledAtMs: number): void {
    const controller = { scheduledTime: scheduledAtMs, cron: "* * * * *", noRetry: () => undefined };
    const work = this.platform.start("cron", () => worker.scheduled(controller as never, this.platform.env as never));
    // Nobody waits for a tick; one that fails has said so.
    work.catch(() => undefined);
  }
}
