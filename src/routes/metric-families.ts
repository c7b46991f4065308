// Every figure that `/metrics` has: name, meaning, labels. Base units; the values of every label are of a closed list, but
// for the names of fleets and the GPU types of the workers that are there now.

import type { AccountMetrics, FleetMetrics } from "../durable/rpc.ts";
import { type Counts, rentOutcomes } from "../fleet/counters.ts";
import { destroyCauses, fleetStates } from "../fleet/plan.ts";
import { faultClasses } from "../fleet/report.ts";
import type { CallCounts } from "../fleet/tally.ts";
import type { MetricFamily, Sample } from "./metric-text.ts";

export interface Measured {
  readonly fleets: readonly FleetMetrics[];
  /** Fleets that did not answer. */
  readonly silent: readonly string[];
  /** Fleets that this answer has no room for. */
  readonly omitted: number;
  /** `null`: the account's keeper did not answer. */
  readonly account: AccountMetrics | null;
}

type Describe = Pick<MetricFamily, "type" | "help" | "unit">;
type Labels = Sample["labels"];
type Values = number | null | readonly Sample[];

const UNKNOWN_GPU = "unknown";

export function metricFamilies(measured: Measured): readonly MetricFamily[] {
  return [
    ...ofKeeper(measured),
    ...ofAccount(measured.account),
    ...ofFleets(measured.fleets),
    ...sumsOf(measured.fleets),
    apiCalls(measured),
  ];
}

function ofKeeper({ fleets, silent, omitted, account }: Measured): readonly MetricFamily[] {
  const answers = [
    ...fleets.map(({ name }) => ({ labels: { fleet: name }, value: 1 })),
    ...silent.map((name) => ({ labels: { fleet: name }, value: 0 })),
  ];
  return [
    family("fleet_answers", gauge("1 where the fleet's keeper answered this request"), answers),
    family("fleets_omitted", gauge("Fleets left out of this answer for want of room: ask by fleet or shard"), omitted),
    family("account_answers", gauge("1 where the account's keeper answered this request"), account === null ? 0 : 1),
  ];
}

function ofAccount(account: AccountMetrics | null): readonly MetricFamily[] {
  if (account === null) return [];
  const { creditUsd, hoursLeft, usdPerHour, isWaitingForCredit, strays, listAgeMs } = account;
  return [
    family("credit_usd", gauge("Credit of the account, less the burn since it was read", "usd"), creditUsd),
    family(
      "credit_left_seconds",
      gauge("How long the credit lasts at the present burn", "seconds"),
      hoursLeft === null ? null : hoursLeft * 3600,
    ),
    family("credit_wait", gauge("1 while all fleets wait for credit"), isWaitingForCredit ? 1 : 0),
    family("account_burn_usd_per_hour", gauge("Price of every box of the account"), usdPerHour),
    family("strays", gauge("Boxes of the account that are no fleet's, without the ignored ones"), strays.strays),
    family("strays_burn_usd_per_hour", gauge("What the strays cost"), strays.usdPerHour),
    family(
      "list_age_seconds",
      gauge("Since the market's list was last read", "seconds"),
      listAgeMs === null ? null : listAgeMs / 1000,
    ),
  ];
}

function ofFleets(fleets: readonly FleetMetrics[]): readonly MetricFamily[] {
  const each = perFleet(fleets);
  const groups = (of: (group: FleetMetrics["groups"][number]) => number): readonly Sample[] =>
    fleets.flatMap((fleet) =>
      fleet.groups.map((group) => ({
        labels: { fleet: fleet.name, gpu: group.gpu ?? UNKNOWN_GPU, verdict: group.verdict },
        value: of(group),
      })),
    );
  return [
    family(
      "fleet",
      { type: "info", help: "What the fleet is" },
      fleets.map(({ name, mode, preset, workload, weightsName }) => ({
        labels: { fleet: name, mode, preset, workload, weights_name: weightsName },
        value: 1,
      })),
    ),
    family(
      "fleet_state",
      gauge("1 for the state that the fleet is in, 0 for the others"),
      fleets.flatMap(({ name, state }) =>
        fleetStates.map((known) => ({ labels: { fleet: name, state: known }, value: known === state ? 1 : 0 })),
      ),
    ),
    family(
      "target_workers",
      gauge("Workers that the fleet should have"),
      each(({ target }) => target),
    ),
    family(
      "live_workers",
      gauge("Boxes of the fleet that are not to be destroyed"),
      each(({ live }) => live),
    ),
    family(
      "producing_workers",
      gauge("Workers that produce or upload"),
      each(({ producing }) => producing),
    ),
    family(
      "intents",
      gauge("Rents whose box the list has not shown yet"),
      each(({ intents }) => intents),
    ),
    family(
      "debts",
      gauge("Destroys that are not proven yet"),
      each(({ debts }) => debts),
    ),
    family(
      "workers",
      gauge("Live boxes by GPU type and verdict"),
      groups(({ workers }) => workers),
    ),
    family(
      "games_per_second",
      gauge("Games a second of the workers that produce"),
      groups(({ gamesPerSecond }) => gamesPerSecond),
    ),
    family(
      "burn_usd_per_hour",
      gauge("Price of the live boxes"),
      groups(({ usdPerHour }) => usdPerHour),
    ),
    family(
      "price_cap_usd_per_hour",
      gauge("What one box may cost; absent where there is no cap"),
      each(({ maxPriceUsdPerHour }) => maxPriceUsdPerHour),
    ),
    family(
      "last_check_age_seconds",
      gauge("Since the last CHECK", "seconds"),
      each(({ lastCheckAtMs, nowMs }) => seconds(lastCheckAtMs === null ? null : Math.max(0, nowMs - lastCheckAtMs))),
    ),
    family(
      "last_check_timestamp_seconds",
      gauge("When the last CHECK was decided", "seconds"),
      each(({ lastCheckAtMs }) => seconds(lastCheckAtMs)),
    ),
    family(
      "last_check_duration_seconds",
      gauge("How long the last CHECK took, its calls included", "seconds"),
      each(({ checkMs }) => seconds(checkMs)),
    ),
    family(
      "hosts_blocked",
      gauge("Machines that the fleet may not rent"),
      each(({ hostsBlocked }) => hostsBlocked),
    ),
  ];
}

function perFleet(fleets: readonly FleetMetrics[]) {
  return (of: (fleet: FleetMetrics) => number | null): readonly Sample[] =>
    fleets.flatMap((fleet) => one({ fleet: fleet.name }, of(fleet)));
}

/** Sums since the fleet was made. */
function sumsOf(fleets: readonly FleetMetrics[]): readonly MetricFamily[] {
  const each = perFleet(fleets);
  const counts = <Key extends string>(label: string, keys: readonly Key[], of: (fleet: FleetMetrics) => Counts<Key>) =>
    fleets.flatMap((fleet) =>
      keys.map((key) => ({ labels: { fleet: fleet.name, [label]: key }, value: of(fleet)[key] ?? 0 })),
    );
  return [
    family(
      "checks",
      counter("CHECKs that were carried out"),
      each(({ checks }) => checks),
    ),
    family(
      "rents",
      counter("Rents that were sent, by what became of them"),
      counts("outcome", rentOutcomes, ({ counters }) => counters.rents),
    ),
    family(
      "destroys",
      counter("Boxes given up, by why"),
      counts("reason", destroyCauses, ({ counters }) => counters.destroys),
    ),
    family(
      "vanished",
      counter("Boxes that went without being asked to"),
      each(({ counters }) => counters.vanished),
    ),
    family(
      "strikes",
      counter("Strikes given to hosts, by class of fault"),
      counts("class", faultClasses, ({ counters }) => counters.strikes),
    ),
    family(
      "strike_refunds",
      counter("Strikes that the breaker took back"),
      each(({ counters }) => counters.refunds),
    ),
    family(
      "breaker_openings",
      counter("Times that the breaker opened"),
      each(({ counters }) => counters.breakerOpenings),
    ),
    family(
      "blind_seconds",
      counter("Time without a proven list", "seconds"),
      each(({ counters }) => counters.blindMs / 1000),
    ),
    family(
      "spent_usd",
      counter("Price × time of the boxes, up to the last CHECK", "usd"),
      each(({ spentUsd }) => spentUsd),
    ),
    family(
      "batches",
      counter("Batches that the workers' logs have shown"),
      each(({ counters }) => counters.work.batches),
    ),
    family(
      "games",
      counter("Games that the workers' logs have shown"),
      each(({ counters }) => counters.work.games),
    ),
    family(
      "uploads",
      counter("Completed uploads that the workers' logs have shown"),
      each(({ counters }) => counters.work.uploads),
    ),
  ];
}

/** Calls for all fleets together (lists, searches, the account) bear no fleet's name. */
function apiCalls({ fleets, account }: Measured): MetricFamily {
  return family("api_calls", counter("Calls of the market's API, by route and how they ended"), [
    ...callSamples({}, account?.calls ?? {}),
    ...fleets.flatMap(({ name, counters }) => callSamples({ fleet: name }, counters.calls)),
  ]);
}

function callSamples(labels: Labels, calls: CallCounts): readonly Sample[] {
  return Object.entries(calls).flatMap(([route, counts]) =>
    Object.entries(counts).map(([status, value]) => ({ labels: { ...labels, route, status }, value })),
  );
}

function family(name: string, describe: Describe, values: Values): MetricFamily {
  const samples = typeof values === "object" && values !== null ? values : one({}, values);
  return { name: `fleetkeeper_${name}`, ...describe, samples };
}

/** What is not known has no sample. */
function one(labels: Labels, value: number | null): readonly Sample[] {
  return value === null ? [] : [{ labels, value }];
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

function gauge(help: string, unit?: string): Describe {
  return { type: "gauge", help, ...(unit === undefined ? {} : { unit }) };
}

function counter(help: string, unit?: string): Describe {
  return { type: "counter", help, ...(unit === undefined ? {} : { unit }) };
}
