// With which eyes offers are looked at: a fleet's own terms and memory, or those of a fleet that there is not yet.

import { hostsListBlocked } from "../db/hosts.ts";
import { withDeadline } from "../deadline.ts";
import { throughputOf } from "../fleet/offer.ts";
import { offerTerms } from "../fleet/replenish.ts";
import { type FleetSpec, rateNameOf, resolveSpec } from "../fleet/spec.ts";
import { zeb } from "../fleet/zeb.ts";
import type { CheckDeps } from "./deps.ts";
import { hostsOf } from "./observe.ts";
import type { OfferView } from "./rpc.ts";
import type { AccountKeeperRpc } from "./stubs.ts";

/** As the fleet's next CHECK would look. While D1 is silent: with the last known blacklist and rates. */
export async function offerViewOf(deps: CheckDeps, spec: FleetSpec): Promise<OfferView> {
  const { store } = deps;
  const workload = deps.workload();
  const rates = await deps.account.rates(rateNameOf(spec));
  const memory = store.memory(deps.now());
  const hosts = hostsOf(deps, spec);
  return {
    terms: offerTerms({ spec, diskGb: workload.diskGb, hosts, nowMs: deps.now() }, memory.workers, memory),
    throughput: throughputOf(workload, rates),
    strikesByMachine: hosts.strikesByMachine,
  };
}

/** As a new fleet of the default preset would look. Rejects when D1 does not answer. */
export async function newFleetOfferView(
  db: D1Database,
  account: Pick<AccountKeeperRpc, "rates">,
  nowMs: number,
): Promise<OfferView> {
  const spec = resolveSpec("zeb", {}, null);
  const [blacklist, rates] = await withDeadline(
    Promise.all([hostsListBlocked(db, { nowMs, strikeLimit: spec.strikeLimit }), account.rates(rateNameOf(spec))]),
  );
  return {
    terms: {
      spec,
      diskGb: zeb.diskGb,
      blocked: new Set(blacklist.blocked),
      excludedGpus: new Set(),
      occupiedMachines: new Set(),
      passedOver: [],
    },
    throughput: throughputOf(zeb, rates),
    strikesByMachine: new Map(Object.entries(blacklist.strikesByMachine).map(([id, count]) => [Number(id), count])),
  };
}
