// What the account's object is made of, put together: its clients, its list, what fleets share of it, strays, alerts, hints.
// The object keeps its storage, its alarm and its doors.

import { throughputByMachine } from "../db/throughput.ts";
import { type Env, readConfig } from "../env.ts";
import type { Confirmation } from "../fleet/absence.ts";
import type { Result } from "../fleet/result.ts";
import type { SweepReading } from "../fleet/sweep.ts";
import { statusClassOf } from "../fleet/tally.ts";
import { createHubClient, type HubClient, hubHosts } from "../huggingface/client.ts";
import { createOutbound, createSlots, type Outbound } from "../outbound.ts";
import { createVastClient, type VastClient, vastHosts } from "../vast/client.ts";
import { type AccountAlerts, alertFacts, createAccountAlerts } from "./account-alerts.ts";
import { tellAccountEvent } from "./account-events.ts";
import { type AccountList, createAccountList, type NewsByFleet } from "./account-list.ts";
import { type AccountPace, createAccountPace } from "./account-pace.ts";
import { type AccountReader, createAccountReader } from "./account-reader.ts";
import { AccountStore, existingFleets } from "./account-store.ts";
import type { SweepWish } from "./account-words.ts";
import type { BoxFacts, DoorRefusal } from "./rpc.ts";
import { createSharedRates, type SharedRates } from "./shared-rates.ts";
import { createSharedSearches, type SharedSearch } from "./shared-searches.ts";
import { createStrayDesk, LOOK_AGAIN_MS, type StrayDesk } from "./stray-desk.ts";
import { boxFacts } from "./strays.ts";
import { fleetStub } from "./stubs.ts";
import { createVastHints, type VastHints } from "./vast-hints.ts";

export interface AccountParts {
  readonly store: AccountStore;
  readonly pace: AccountPace;
  readonly vast: VastClient;
  readonly hub: HubClient;
  readonly reader: AccountReader;
  readonly list: AccountList;
  readonly searches: SharedSearch;
  readonly rates: SharedRates;
  readonly strayDesk: StrayDesk;
  readonly alerts: AccountAlerts;
  readonly hints: VastHints;
}

/** What the object does for its parts. */
export interface AccountHands {
  env(): Env;
  beforeShown(news: NewsByFleet): Promise<void>;
  onReading(reading: SweepReading): void;
  sweep(wish: SweepWish): Promise<unknown>;
  box(instanceId: number): Promise<Result<BoxFacts, DoorRefusal>>;
  confirm(instanceIds: readonly number[]): Promise<readonly (readonly [number, Confirmation])[]>;
  /** Goes on after the answer. */
  later(work: Promise<unknown>): void;
}

export function makeAccountParts(storage: DurableObjectStorage, hands: AccountHands): AccountParts {
  const config = readConfig(hands.env());
  const now = (): number => Date.now();
  const sleep = (ms: number): Promise<void> => scheduler.wait(ms);
  const store = new AccountStore(storage);
  const pace = createAccountPace({ store, now, sleep });
  const vast = createVastClient({
    outbound: outboundTo(config.vastUrl, vastHosts),
    baseUrl: config.vastUrl ?? "",
    apiKey: config.vastApiKey,
    before: (route) => pace.waitForPlace(route),
    after: (route, status, failure) => {
      store.countCall(route, statusClassOf(status));
      if (route !== "list") store.keepCalls();
      pace.learn(route, failure?.kind === "rate-limited" ? failure : null);
    },
  });
  const reader = createAccountReader({ store, vast, apiKey: () => readConfig(hands.env()).vastApiKey ?? "" });
  const list = createAccountList({
    store,
    vast,
    reader,
    beforeShown: (news) => hands.beforeShown(news),
    onReading: (reading) => hands.onReading(reading),
  });
  return {
    store,
    pace,
    vast,
    hub: createHubClient({
      outbound: outboundTo(config.hubUrl, hubHosts),
      baseUrl: config.hubUrl ?? "",
      token: config.hfToken,
    }),
    reader,
    list,
    searches: createSharedSearches(vast),
    rates: createSharedRates({ store, read: (query) => throughputByMachine(hands.env().DB, query), now }),
    strayDesk: createStrayDesk({
      store,
      reading: (wish) => list.reading(wish),
      lookFor: (instanceId) => hands.box(instanceId),
      destroy: (instanceId) => vast.destroy(instanceId),
      confirm: (instanceIds) => hands.confirm(instanceIds),
      readAccount: async () => (await reader.read()).readAtMs,
      accountReadAtMs: () => reader.view().readAtMs,
      now,
      tell: (instanceId, message) => hands.later(tellAccountEvent(hands.env(), { kind: "stray", instanceId }, message)),
    }),
    alerts: createAccountAlerts({
      store: store.alerts,
      config: () => readConfig(hands.env()),
      facts: () => alertFacts(store, now()),
      fetch: (url, init) => fetch(url, init),
      now,
      newId: () => crypto.randomUUID(),
      tell: (text) => hands.later(tellAccountEvent(hands.env(), { kind: "alert", instanceId: null }, text)),
    }),
    hints: createVastHints({
      kv: storage.kv,
      now,
      sleep,
      fleetNames: () => existingFleets(store),
      boxFacts: (instanceId) => boxFacts(store, instanceId),
      sweep: async (afterMs) => void (await hands.sweep({ afterMs, maxAgeMs: LOOK_AGAIN_MS })),
      readCredit: async () => void (await reader.read()),
      tellFleet: (fleet, hint) => fleetStub(hands.env(), fleet).hearHint(hint),
    }),
  };
}

function outboundTo(url: string | null, hostsOf: (url: string) => readonly string[]): Outbound {
  return createOutbound({
    fetch: (address, init) => fetch(address, init),
    allowedHosts: url === null ? [] : hostsOf(url),
    slots: createSlots(),
  });
}
