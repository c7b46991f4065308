// What a fleet's CHECK needs of the world, as narrow methods: time, chance and every effect come in here, so that the
// same code runs in the object, in a test and in a simulation.

import type { Blacklist, BlacklistQuery } from "../db/hosts.ts";
import type { StoredWorkload } from "../db/workloads.ts";
import type { Workload } from "../fleet/workload.ts";
import type { HubClient } from "../huggingface/client.ts";
import type { VastClient } from "../vast/client.ts";
import type { CallCounter } from "./call-counter.ts";
import type { FleetStore } from "./fleet-store.ts";
import type { AccountKeeperRpc } from "./stubs.ts";

/** The blacklist and the workloads, from D1. Every method may fail; nothing of a CHECK depends on it (design §2). */
interface History {
  readBlacklist(query: BlacklistQuery): Promise<Blacklist>;
  /** The workload that people put under this name; `null`: none. */
  readWorkload(name: string): Promise<StoredWorkload | null>;
  /** The names of all that people have put. */
  listWorkloads(): Promise<readonly string[]>;
}

export interface CheckDeps {
  readonly store: FleetStore;
  readonly account: AccountKeeperRpc;
  readonly vast: Pick<VastClient, "rent" | "destroy" | "destroyMany">;
  /** The calls of `vast`. */
  readonly calls: Pick<CallCounter, "take">;
  readonly hub: Pick<HubClient, "weightsPresent" | "whoami">;
  readonly history: History;
  /** The record that the fleet keeps; it may be replaced at any time, like the spec. */
  readonly workload: () => Workload;
  /** What is missing to reach the market, in words; `null`: nothing. */
  readonly missingCredentials: string | null;
  /** Goes to rented machines; `null`: none is configured. */
  readonly hubToken: string | null;
  /** The deployment has a receiver of alerts; a fleet's own is in its store. */
  readonly hasAlertReceiver: boolean;
  readonly now: () => number;
  readonly newId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
  /** The fleet has changed in the midst of something longer: whoever looks on is told. Never fails, never waits. */
  readonly announce: () => void;
}
