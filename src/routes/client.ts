// The doors as typed functions, for programs in TypeScript: `keeperClient(url, …).api.fleets[":fleet"].up.$post({ … })`.
// Types come from the app itself; what runs is Hono's client alone. Hono fills path parameters in as they are, so a text
// that may hold a slash is encoded by the caller.

import { type ClientRequestOptions, hc } from "hono/client";
import type { AppType } from "./app.ts";

export type KeeperClient = ReturnType<typeof hc<AppType>>;

export function keeperClient(url: string, options: ClientRequestOptions): KeeperClient {
  return hc<AppType>(url, options);
}
