// The Vast client: every call that the fleets need, in domain words. One object per invocation or Durable Object.
// It never retries and never decides; a failure is a value whose kind says whether anything may have happened.

import type { Instance } from "../fleet/instance.ts";
import type { OfferQuery } from "../fleet/offer.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import { z } from "zod";
import { classifyAnswer } from "./errors.ts";
import { createVastCaller, type VastCaller, type VastClientOptions } from "./call.ts";
import { toInstance } from "./convert.ts";
import type { VastFailure } from "./errors.ts";
import { readList, readListPage, type ListPage, type ListReading } from "./list.ts";
import { readLog, requestLogs, type LogText, type LogWish } from "./logs.ts";
import { destroy, destroyMany, rent, type DestroyOutcome, type Rental, type RentOutcome } from "./rent.ts";
import { accountSchema, countSshKeyRows, instanceOneSchema } from "./schema.ts";
import { searchPage, searchPriced, type OfferPage, type PricedOffers } from "./search.ts";

export type { VastFailure, VastRoute } from "./errors.ts";
export { describeFailure, isOutcomeUnknown } from "./errors.ts";
export { vastHosts, type LogText } from "./logs.ts";
export { DESTROY_MANY_MAX, type DestroyOutcome, type Rental, type RentOutcome } from "./rent.ts";

export interface Account {
  readonly accountId: number;
  /** Spendable dollars: `credit`, else `balance`; `null` where neither is said. */
  readonly creditUsd: number | null;
}

export interface VastClient {
  /** One page of at most 64 offers, cheapest first. */
  search(query: OfferQuery): Promise<Result<OfferPage, VastFailure>>;
  /** Pages by price up to the cap, then asks by type for wanted GPUs without a row. */
  searchPriced(query: OfferQuery, pagesMax?: number): Promise<Result<PricedOffers, VastFailure>>;
  rent(offerId: number, rental: Rental): Promise<RentOutcome>;
  /** One page of the list; `null` asks for the first. */
  listPage(afterToken: string | null): Promise<Result<ListPage, VastFailure>>;
  /** The whole list, or why there is none. */
  list(): Promise<ListReading>;
  /** One instance; `null` where Vast says that there is no such id. */
  one(instanceId: number): Promise<Result<Instance | null, VastFailure>>;
  destroy(instanceId: number): Promise<DestroyOutcome>;
  /** At most 64 ids a call. */
  destroyMany(instanceIds: readonly number[]): Promise<DestroyOutcome>;
  label(instanceId: number, label: string): Promise<Result<null, VastFailure>>;
  requestLogs(instanceId: number, wish: LogWish): Promise<Result<{ readonly url: string }, VastFailure>>;
  /** Reads a log's address without the key. Not paced: it is not Vast's API. */
  readLog(url: string, timeoutMs?: number): Promise<Result<LogText | "not-ready", VastFailure>>;
  account(): Promise<Result<Account, VastFailure>>;
  /** How many SSH keys the account has. */
  sshKeys(): Promise<Result<number, VastFailure>>;
}

export function createVastClient(options: VastClientOptions): VastClient {
  const caller = createVastCaller(options);
  return {
    search: (query) => searchPage(caller, query),
    searchPriced: (query, pagesMax) => searchPriced(caller, query, pagesMax),
    rent: (offerId, rental) => rent(caller, offerId, rental),
    listPage: (afterToken) => readListPage(caller, afterToken),
    list: () => readList(caller),
    one: (instanceId) => readOne(caller, instanceId),
    destroy: (instanceId) => destroy(caller, instanceId),
    destroyMany: (instanceIds) => destroyMany(caller, instanceIds),
    label: (instanceId, label) => setLabel(caller, instanceId, label),
    requestLogs: (instanceId, wish) => requestLogs(caller, options.baseUrl, instanceId, wish),
    readLog: (url, timeoutMs) => readLog(options.outbound, options.baseUrl, url, timeoutMs),
    account: () => readAccount(caller),
    sshKeys: () => countSshKeys(caller),
  };
}

/** Only `{"instances":null}` and its older twins mean gone; a 404 never does by itself (Vast API reference §1, §4). */
async function readOne(caller: VastCaller, instanceId: number): Promise<Result<Instance | null, VastFailure>> {
  const call = {
    route: "one",
    method: "GET",
    path: `/api/v0/instances/${instanceId}/`,
    query: { owner: "me" },
  } as const;
  const answer = await caller.read(call, instanceOneSchema);
  if (!answer.ok) return answer;
  const { instances } = answer.value;
  const row = Array.isArray(instances) ? (instances[0] ?? null) : instances;
  if (row === null) return ok(null);
  if (row.id !== instanceId) return err({ kind: "unreadable", status: 200, message: "the answer is another instance" });
  return ok(toInstance(row));
}

async function setLabel(caller: VastCaller, instanceId: number, label: string): Promise<Result<null, VastFailure>> {
  const call = { route: "manage", method: "PUT", path: `/api/v0/instances/${instanceId}/`, body: { label } } as const;
  const answer = await caller.read(call, z.object({}));
  return answer.ok ? ok(null) : answer;
}

async function readAccount(caller: VastCaller): Promise<Result<Account, VastFailure>> {
  const answer = await caller.read({ route: "account", method: "GET", path: "/api/v0/users/current/" }, accountSchema);
  if (!answer.ok) return answer;
  const { id, credit, balance } = answer.value;
  return ok({ accountId: id, creditUsd: credit ?? balance });
}

/** Answered as a bare array, or as an object around it; no keys is a 404 that is no `auth_error` (§9). */
async function countSshKeys(caller: VastCaller): Promise<Result<number, VastFailure>> {
  const answered = await caller.answer({ route: "ssh-keys", method: "GET", path: "/api/v0/ssh/" });
  if (!answered.ok) return answered;
  const { status, text } = answered.value;
  const count = status >= 200 && status < 300 ? countSshKeyRows(text) : null;
  const failure = count === null ? classifyAnswer(answered.value, "ssh-keys", caller.now()) : null;
  caller.report("ssh-keys", status, failure);
  if (failure?.kind === "not-found") return ok(0);
  return failure === null ? ok(count ?? 0) : err(failure);
}
