// What a CHECK works with on the real platform: the clients of the market and the Hub, D1's history, the clock and ids.

import { hostsListBlocked } from "../db/hosts.ts";
import { workloadsListNames, workloadsRead } from "../db/workloads.ts";
import { type Config, type Env, readConfig } from "../env.ts";
import { createHubClient, hubHosts } from "../huggingface/client.ts";
import { createOutbound, createSlots } from "../outbound.ts";
import { createVastClient, vastHosts } from "../vast/client.ts";
import { createCallCounter } from "./call-counter.ts";
import type { CheckDeps } from "./deps.ts";
import type { FleetStore } from "./fleet-store.ts";
import { accountStub } from "./stubs.ts";
import { workloadInUse } from "./workload-records.ts";

export function makeCheckDeps(env: Env, store: FleetStore, announce: () => void): CheckDeps {
  const config = readConfig(env);
  const slots = createSlots();
  const calls = createCallCounter();
  const send = (allowedHosts: readonly string[]): ReturnType<typeof createOutbound> =>
    createOutbound({ fetch: (url, init) => fetch(url, init), allowedHosts, slots });
  const vastUrl = config.vastUrl ?? "";
  const hubUrl = config.hubUrl ?? "";
  return {
    store,
    // Asked for anew each time: a stub whose object has failed stays broken.
    get account() {
      return accountStub(env);
    },
    vast: createVastClient({
      outbound: send(vastUrl === "" ? [] : vastHosts(vastUrl)),
      baseUrl: vastUrl,
      apiKey: config.vastApiKey,
      after: (route, status) => calls.count(route, status),
    }),
    calls,
    hub: createHubClient({
      outbound: send(hubUrl === "" ? [] : hubHosts(hubUrl)),
      baseUrl: hubUrl,
      token: config.hfToken,
    }),
    history: {
      readBlacklist: (query) => hostsListBlocked(env.DB, query),
      readWorkload: (name) => workloadsRead(env.DB, name),
      listWorkloads: () => workloadsListNames(env.DB),
    },
    workload: () => workloadInUse(store),
    missingCredentials: missingCredentials(config),
    hubToken: config.hfToken,
    hasAlertReceiver: config.alertWebhookUrl !== null,
    now: () => Date.now(),
    newId: () => crypto.randomUUID(),
    sleep: (ms) => scheduler.wait(ms),
    announce,
  };
}

function missingCredentials(config: Config): string | null {
  const missing = [
    config.vastApiKey === null ? "VAST_API_KEY" : null,
    config.vastUrl === null ? "VAST_URL" : null,
  ].filter((name) => name !== null);
  if (missing.length === 0) return null;
  return `${missing.join(" and ")} missing: nothing can be seen or rented; set it with \`wrangler secret put\` (locally: in the environment or .dev.vars)`;
}
