/** A market in the same process with a hand-moved clock, and short words for what tests do with it. */
import { createApp } from "../../sim/app.ts";
import { handClock, HAND_CLOCK_START_MS } from "../../sim/clock.ts";
import type { HostOverride } from "../../sim/hosts.ts";
import { advance, createMarket, type Market, type MarketOptions } from "../../sim/market.ts";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const NOW = HAND_CLOCK_START_MS;

export type Json = Record<string, unknown>;

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export interface TestMarket {
  readonly market: Market;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The offers of a search, cheapest first. */
  offers(query?: Json): Promise<Json[]>;
  /** Rents the offer, or the cheapest; gives the box's id. */
  rent(label: string, more?: Json, offerId?: number): Promise<number>;
  pass(ms: number): Promise<void>;
  fault(name: string, more?: Json): Promise<Json>;
  truth(): Promise<Json>;
  boxTruth(id: number): Promise<Json>;
  row(id: number): Promise<Json>;
  rows(): Promise<Json[]>;
  log(id: number, body?: Json): Promise<string>;
}

export const KEY = { Authorization: "Bearer test-key" };
export const START_SCRIPT =
  'echo "commit $(git rev-parse HEAD)"; exec python -u -m forge.zeb.worker.run --repo-id jasonyandell/zeb-42 ' +
  '--examples-repo-id jasonyandell/zeb-42-examples --worker-id "$WORKER_ID" --weights-name large --upload-interval 240';

/** Good machines without whims, unless the test names its own. */
export function goodHosts(count: number, each: HostOverride = {}): { list: HostOverride[] } {
  return {
    list: Array.from({ length: count }, (_, index) => ({
      machineId: 5000 + index,
      gpuName: "RTX 3070",
      gpuCount: 1,
      gpuUsdPerHour: 0.06 + index / 10_000,
      storageUsdPerGbMonth: 0.15,
      gamesPerSecond: 2.4,
      trait: "good",
      verified: true,
      ...each,
    })),
  };
}

export function aMarket(options: MarketOptions = {}): TestMarket {
  const market = createMarket({ clock: handClock(), hosts: goodHosts(12), ...options });
  const app = createApp(market);

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = KEY,
  ): Promise<Answer> {
    const init = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
    const response = await app.request(`http://market.test${path}`, { method, headers, ...init });
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get("Content-Type"),
      headers: response.headers,
      text,
      json: parse(text),
    };
  }

  async function offers(query: Json = {}): Promise<Json[]> {
    const answer = await call("POST", "/api/v0/bundles/", {
      order: [["dph_total", "asc"]],
      num_gpus: { eq: 1 },
      ...query,
    });
    return listOf(answer.json["offers"]);
  }

  async function rent(label: string, more: Json = {}, offerId?: number): Promise<number> {
    const id = offerId ?? Number((await offers())[0]?.["id"]);
    const env = { HF_TOKEN: "hf_test", WORKER_ID: label };
    const body = {
      client_id: "me",
      image: "pytorch/pytorch:2.6.0",
      disk: 15,
      label,
      env,
      onstart: START_SCRIPT,
      runtype: "ssh",
      ...more,
    };
    const answer = await call("PUT", `/api/v0/asks/${id}/`, body);
    if (answer.status !== 200) throw new Error(`rent refused: ${answer.status} ${answer.text}`);
    return Number(answer.json["new_contract"]);
  }

  async function truth(): Promise<Json> {
    return (await call("GET", "/sim/state")).json;
  }

  async function row(id: number): Promise<Json> {
    return objectOf((await call("GET", `/api/v0/instances/${id}/?owner=me`)).json["instances"]);
  }

  return {
    market,
    call,
    offers,
    rent,
    pass: async (ms) => {
      await call("POST", "/sim/clock", { advanceMs: ms });
    },
    fault: async (name, more = {}) => {
      const answer = await call("POST", "/sim/faults", { name, ...more });
      if (answer.status !== 201) throw new Error(answer.text);
      return answer.json;
    },
    truth,
    boxTruth: async (id) => listOf((await truth())["boxes"]).find((box) => box["id"] === id) ?? {},
    row,
    rows: async () => listOf((await call("GET", "/api/v1/instances/")).json["instances"]),
    log: async (id, body = {}) => {
      const answer = await call("PUT", `/api/v0/instances/request_logs/${id}/`, body);
      const url = new URL(String(answer.json["result_url"]));
      return (await call("GET", url.pathname, undefined, {})).text;
    },
  };
}

/** Advances in steps of this size up to the moment. */
export function advanceInSteps(test: TestMarket, untilMs: number, stepMs: number): void {
  for (let now = test.market.state.nowMs; now < untilMs; now = Math.min(untilMs, now + stepMs)) {
    test.market.clock.moveTo(Math.min(untilMs, now + stepMs));
    advance(test.market);
  }
}

export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

export function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parse(text: string): Json {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    // Not every answer is JSON; tests look at `text` then.
    return {};
  }
}
