/**
 * The way every call comes in: counted, time let pass, general faults and rate limits applied, key checked, body read.
 * A route's handler then answers in one go, from a market that stands still.
 */
import type { Hono } from "hono";
import { broken, failure, hang, tooFrequent, waitReal } from "./answers.ts";
import { accountOf, DEFAULT_ACCOUNT_ID, type Account } from "./billing.ts";
import { countAnswer, countArrival, openCall } from "./calls.ts";
import { findFault, numberValue, takeFault, type ActiveFault, type FaultName, type FaultSubject } from "./faults.ts";
import { refusesCall } from "./limits.ts";
import { isObject, parseJson, type Loose } from "./loose-json.ts";
import { advance, type Market } from "./market.ts";
import type { MarketState } from "./state.ts";

export interface Call {
  readonly market: Market;
  readonly state: MarketState;
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly route: string;
  readonly account: Account;
  /** The parsed JSON body; an empty object when there is none. */
  readonly body: Loose;
}

type Handler = (call: Call) => Response | Promise<Response>;

export interface VastRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path in Hono's form, without the trailing slash; both forms are served. */
  readonly path: string;
  readonly scope: "none" | "misc" | "instance_read" | "instance_write" | "user_read" | "user_write" | "billing_read";
  readonly handle: Handler;
}

/** The path as the reference and `/sim/state` name it: `PUT /api/v0/asks/{id}/`. */
function routeName(method: string, path: string): string {
  return `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}/`;
}

export function addVastRoutes(app: Hono, market: Market, routes: readonly VastRoute[]): void {
  for (const route of routes) {
    const name = routeName(route.method, route.path);
    app.on(route.method, route.path, (c) =>
      counted(market, name, c.req.raw, async (state) =>
        answerVast(market, state, route, name, c.req.raw, c.req.param()),
      ),
    );
  }
}

/** Counts the call from arrival to answer around whatever answers it. */
export async function counted(
  market: Market,
  route: string,
  request: Request,
  answer: (state: MarketState) => Promise<Response>,
): Promise<Response> {
  advance(market);
  const state = market.state;
  countArrival(state, route);
  const close = openCall(state, route, request);
  const leave = (): void => close();
  request.signal.addEventListener("abort", leave);
  try {
    const response = await answer(state);
    countAnswer(state, route, request.signal.aborted ? "aborted" : response.status);
    return response;
  } finally {
    request.signal.removeEventListener("abort", leave);
    close();
  }
}

async function answerVast(
  market: Market,
  state: MarketState,
  route: VastRoute,
  name: string,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<Response> {
  const text = request.method === "GET" ? "" : await request.text();
  const instance = params["id"] ?? null;
  const subject: FaultSubject = { route: name, method: request.method, instance, ...boxOf(state, route, instance) };
  const delayed = await generalFault(state, name, subject, request);
  if (delayed !== null) return delayed;
  advance(market);
  const threshold = refusesCall(state, name, instance);
  if (threshold !== null) return tooFrequent(state.limits.refused++, threshold);
  const url = new URL(request.url);
  const account =
    route.scope === "none" ? accountOf(state, DEFAULT_ACCOUNT_ID) : accountOfKey(state, request, url, route.scope);
  if (account instanceof Response) return account;
  const body = parseBody(text);
  if (body === null) return failure(400, "invalid_request", "Invalid json body");
  const response = await route.handle({ market, state, request, url, params, route: name, account, body });
  market.onChange(route.scope === "instance_write");
  return response;
}

/** Label and machine of the box that the path names, so that faults can be narrowed by them. */
function boxOf(state: MarketState, route: VastRoute, id: string | null): FaultSubject {
  if (id === null || !route.path.includes("/instances")) return {};
  const box = state.boxes.get(Number(id));
  if (box === undefined) return {};
  const slot = /-worker-vast-([^-]+)$/.exec(box.label ?? "")?.[1] ?? null;
  return { label: box.label, machine: box.machineId, slot };
}

async function generalFault(
  state: MarketState,
  route: string,
  subject: FaultSubject,
  request: Request,
): Promise<Response | null> {
  const slow = takeFault(state, "slow-api", subject);
  if (slow !== null) await waitReal(numberValue(slow, 1000), request.signal);
  const hung = takeFault(state, "api-hangs", subject);
  if (hung !== null) return hang(request, numberValue(hung, 120_000));
  const down = takeFault(state, "api-down", subject);
  if (down !== null) return broken(down.value, down.hits);
  const limited =
    takeFault(state, "rate-limit", subject) ?? (isCreate(route) ? takeFault(state, "create-429", subject) : null);
  if (limited !== null) return tooFrequent(numberValue(limited, state.limits.refused++), isCreate(route) ? 4.5 : 1);
  return null;
}

function isCreate(route: string): boolean {
  return route === "PUT /api/v0/asks/{id}/";
}

/** Whose key it is, or the refusal: 403 without one, 404 (so it is documented) for one that matches no user. */
function accountOfKey(state: MarketState, request: Request, url: URL, scope: VastRoute["scope"]): Account | Response {
  const key =
    request.headers
      .get("Authorization")
      ?.replace(/^Bearer\s+/i, "")
      .trim() ||
    (url.searchParams.get("api_key") ?? "");
  if (key === "") return failure(403, "auth_error", "This action requires login.");
  const isKnown =
    state.settings.validKeys === null || state.settings.validKeys.includes(key) || key in state.settings.accountsByKey;
  if (!isKnown || takeFault(state, "bad-key") !== null) return failure(404, "auth_error", "Invalid user key");
  if (scope.endsWith("_write") && key.startsWith("read-only")) {
    return failure(403, "auth_error", `This action requires the ${scope} permission.`);
  }
  const id = state.settings.accountsByKey[key] ?? Number(/^account-(\d+)-/.exec(key)?.[1] ?? DEFAULT_ACCOUNT_ID);
  return accountOf(state, id);
}

function parseBody(text: string): Loose | null {
  if (text.trim() === "") return {};
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : null;
}

/** Takes a fault of this call by the usual subject: the route, the box that the path names, the account. */
export function takeCallFault(call: Call, name: FaultName, more: FaultSubject = {}): ActiveFault | null {
  return takeFault(call.state, name, subjectOf(call, more));
}

export function findCallFault(call: Call, name: FaultName, more: FaultSubject = {}): ActiveFault | null {
  return findFault(call.state, name, subjectOf(call, more));
}

function subjectOf(call: Call, more: FaultSubject): FaultSubject {
  const box = call.state.boxes.get(Number(call.params["id"]));
  return {
    route: call.route,
    method: call.request.method,
    account: call.account.id,
    instance: call.params["id"] ?? null,
    label: box?.label ?? null,
    machine: box?.machineId ?? null,
    slot: /-worker-vast-([^-]+)$/.exec(box?.label ?? "")?.[1] ?? null,
    ...more,
  };
}
