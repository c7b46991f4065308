// A Vast client behind a fake server, with a key whose appearance anywhere is a fault.

import { createOutbound } from "../../src/outbound.ts";
import type { VastClientOptions } from "../../src/vast/call.ts";
import { createVastClient, vastHosts, type VastClient } from "../../src/vast/client.ts";
import { fakeServer, type Answer, type Call, type FakeServer } from "./fake-server.ts";

const VAST_URL = "https://console.vast.ai";
export const API_KEY = "vast-key-of-the-tests-0123456789";
export const NOW = Date.parse("2026-11-23T18:00:00Z");

export function aClient(
  answers: ((call: Call, index: number) => Answer) | readonly Answer[],
  options: Partial<VastClientOptions> = {},
): { readonly vast: VastClient; readonly calls: FakeServer["calls"] } {
  const server = fakeServer(answers);
  const baseUrl = options.baseUrl ?? VAST_URL;
  const outbound = createOutbound({ fetch: server.fetch, allowedHosts: vastHosts(baseUrl) });
  return {
    calls: server.calls,
    vast: createVastClient({ outbound, baseUrl, apiKey: API_KEY, now: () => NOW, ...options }),
  };
}
