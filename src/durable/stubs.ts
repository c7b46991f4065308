// Typed ways to the two objects and to the log poller. The platform's own RPC types cannot see through private fields
// and unions this deep, so the plain-data interfaces stand for them.

import type { Env } from "../env.ts";
import type { AccountKeeper } from "./account-keeper.ts";
import type { LogReport } from "../fleet/report.ts";
import type { BatchToRead, LogBatch } from "./log-rounds.ts";
import type { FleetKeeperRpc, LogReadFailure, LogText } from "./rpc.ts";
import type { Result } from "../fleet/result.ts";

/** What an RPC call of an object's method looks like from outside: every answer is a promise. */
type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;
};

export type AccountKeeperRpc = Remote<Omit<AccountKeeper, "alarm" | "fetch" | "ctx" | "env" | `webSocket${string}`>>;

/** There is one Vast key per deployment, hence one account. */
const ACCOUNT_NAME = "account";

export function accountStub(env: Env): AccountKeeperRpc {
  return env.ACCOUNT_KEEPER.getByName(ACCOUNT_NAME) as unknown as AccountKeeperRpc;
}

export function fleetStub(env: Env, fleet: string): FleetKeeperRpc {
  return env.FLEET_KEEPER.getByName(fleet) as unknown as FleetKeeperRpc;
}

const LIVE_UNTIL = "Fleetkeeper-Live-Until";

/**
 * Opens a live view of a fleet. 101 with the socket, 404: there is no such fleet, 503: too many are open. Only what the
 * object needs goes with it, not the caller's token.
 */
export function openLive(env: Env, fleet: string, untilMs: number | null): Promise<Response> {
  const headers = { Upgrade: "websocket", ...(untilMs === null ? {} : { [LIVE_UNTIL]: String(untilMs) }) };
  return env.FLEET_KEEPER.getByName(fleet).fetch("https://fleet/live", { headers });
}

/** When the session that the view was opened with ends; `null`: it was opened with a token. */
export function readLiveUntil({ headers }: Request): number | null {
  const text = headers.get(LIVE_UNTIL);
  return text === null ? null : Number(text);
}

/** The log poller's entrypoint, by loopback: it runs in an invocation of its own. */
export interface LogPollerRpc {
  poll(batch: LogBatch): Promise<"accepted">;
  readBatch(batch: BatchToRead): Promise<readonly LogReport[]>;
  read(
    instanceId: number,
    wish: { readonly tail: number; readonly daemon: boolean },
  ): Promise<Result<LogText, LogReadFailure>>;
}

export function pollerStub(ctx: { readonly exports: unknown }): LogPollerRpc {
  return (ctx.exports as { readonly LogPoller: LogPollerRpc }).LogPoller;
}
