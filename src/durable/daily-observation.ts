// Looks at everything that a daily report tells of: the fleets' own words, D1, the Hub, the account. Runs in the Worker that
// answers a door or a tick, where waiting costs nothing. Each part fails by itself, and says why.

import { dailyReportsReadLatest } from "../db/daily-reports.ts";
import { eventsCountByKind, eventsList } from "../db/events.ts";
import { instancesList, instancesSumSpend } from "../db/instances.ts";
import { throughputSumGames } from "../db/throughput.ts";
import { withDeadline } from "../deadline.ts";
import { type Env, readConfig } from "../env.ts";
import type { DayFacts, EventsView, ExamplesView, FleetsView, Measured, ReportWindow } from "../fleet/daily-facts.ts";
import { earlierLearners } from "../fleet/daily-earlier.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { err, ok, type Result } from "../fleet/result.ts";
import type { AccountView } from "../fleet/situation.ts";
import { createHubClient, type ExamplesSummary, hubHosts } from "../huggingface/client.ts";
import { describeHubFailure, type HubFailure } from "../huggingface/errors.ts";
import { logEvent, maskSecrets } from "../log.ts";
import { createOutbound } from "../outbound.ts";
import { createRunReader } from "./daily-run.ts";
import { readFleetNames } from "./fleet-names.ts";
import { describeFleets } from "./fleet-view.ts";
import { accountStub } from "./stubs.ts";

/** A Hub that hangs must not hold a door for long: one call, and one part of the report with all its calls. */
const HUB_CALL_MS = 8_000;
const HUB_PART_MS = 15_000;
/** A night with more deaths than this is told in part. */
const ENDED_MAX = 1000;
const EVENTS_MAX = 200;

const LAUNCH_KINDS = ["launch", "launch-refused", "launch-unknown"] as const;
const TOLD_KINDS = ["strike", "blacklist", "refund", "host", "breaker"] as const;

export async function observeDay(env: Env, window: ReportWindow): Promise<DayFacts> {
  const history = observeHistory(env, window);
  const [fleets, account] = await Promise.all([observeFleets(env), observeAccount(env)]);
  const hub = fleets.ok ? await observeHub(env, fleets.value.fleets) : { examples: [], learners: [] };
  return { window, fleets, account, ...hub, ...(await history) };
}

/** What D1 alone can tell of a day that nobody watched the end of. */
export async function observePastDay(env: Env, window: ReportWindow): Promise<DayFacts> {
  const missed = err("nobody looked when the day ended");
  return {
    window,
    fleets: missed,
    account: missed,
    examples: [],
    learners: [],
    ...(await observeHistory(env, window)),
  };
}

type History = Pick<DayFacts, "ended" | "events" | "spend" | "games" | "earlier">;

async function observeHistory({ DB }: Env, { fromMs, toMs }: ReportWindow): Promise<History> {
  const [ended, events, spend, games, earlier] = await Promise.all([
    measured(
      "D1",
      withDeadline(instancesList(DB, { isEnded: true, sinceMs: fromMs, untilMs: toMs, limit: ENDED_MAX })),
    ),
    measured("D1", withDeadline(readEvents(DB, fromMs, toMs))),
    measured("D1", withDeadline(instancesSumSpend(DB, { fromMs, toMs }))),
    measured("D1", withDeadline(throughputSumGames(DB, { fromMs, toMs }))),
    measured("D1", withDeadline(dailyReportsReadLatest(DB))),
  ]);
  return {
    ended,
    events,
    spend,
    games,
    earlier: earlier.ok ? ok(earlierLearners(earlier.value)) : earlier,
  };
}

async function readEvents(db: D1Database, sinceMs: number, untilMs: number): Promise<EventsView> {
  const [counts, told] = await Promise.all([
    eventsCountByKind(db, { kinds: LAUNCH_KINDS, sinceMs, untilMs }),
    eventsList(db, { kinds: TOLD_KINDS, sinceMs, untilMs, limit: EVENTS_MAX }),
  ]);
  return {
    launched: counts.launch ?? 0,
    refused: counts["launch-refused"] ?? 0,
    unknown: counts["launch-unknown"] ?? 0,
    told,
  };
}

async function observeFleets(env: Env): Promise<Measured<FleetsView>> {
  const names = await measured("who the fleets are", readFleetNames(env));
  if (!names.ok) return names;
  const { fleets, silent } = await describeFleets(env, names.value.names);
  return ok({ fleets: fleets.map(masked), silent });
}

/** Notes and details carry words of the market and of strangers' machines. */
function masked(fleet: FleetDocument): FleetDocument {
  return {
    ...fleet,
    notes: fleet.notes.map((note) => maskSecrets(note)),
    workers: fleet.workers.map((worker) => ({ ...worker, detail: maskSecrets(worker.detail) })),
  };
}

async function observeAccount(env: Env): Promise<Measured<AccountView>> {
  const view = await measured("the account's keeper", accountStub(env).accountView());
  return view.ok && view.value.creditUsd === null ? err("the market has not told it yet") : view;
}

async function observeHub(
  env: Env,
  fleets: readonly FleetDocument[],
): Promise<Pick<DayFacts, "examples" | "learners">> {
  const { hubUrl, hfToken } = readConfig(env);
  if (hubUrl === null) {
    const [missing, places] = [err("HUB_URL cannot be used"), placesOf(fleets)];
    return {
      examples: places.examples.map((place) => ({ ...place, answer: missing })),
      learners: places.learners.map((place) => ({ ...place, answer: missing, run: null })),
    };
  }
  const outbound = createOutbound({
    fetch: (url, init) => fetch(url, init),
    allowedHosts: hubHosts(hubUrl),
    timeoutMs: HUB_CALL_MS,
  });
  const hub = createHubClient({ outbound, baseUrl: hubUrl, token: hfToken });
  const readRun = createRunReader(env);
  const places = placesOf(fleets);
  const [examples, learners] = await Promise.all([
    Promise.all(
      places.examples.map(async (place) => ({
        ...place,
        answer: mapped(await fromHub(hub.examples(place.repo, place.namespace)), examplesView),
      })),
    ),
    Promise.all(
      places.learners.map(async (place) => {
        const answer = await fromHub(hub.learnerState(place.repo, place.weightsName));
        return { ...place, answer, run: await readRun(answer.ok ? answer.value.wandbRunId : null) };
      }),
    ),
  ]);
  return { examples, learners };
}

/** Each namespace and each learner once, of the fleets that are not down and have to do with them. */
function placesOf(fleets: readonly FleetDocument[]) {
  const wanted = fleets.filter(({ mode }) => mode !== "down");
  const writers = wanted.filter(({ hub }) => hub.writesExamples);
  const readers = wanted.filter(({ hub }) => hub.readsWeights);
  const examples = writers.map(({ spec }) => ({ repo: spec.examplesRepo, namespace: spec.weightsName }));
  const learners = readers.map(({ spec }) => ({ repo: spec.weightsRepo, weightsName: spec.weightsName }));
  return { examples: distinct(examples), learners: distinct(learners) };
}

function distinct<T extends object>(places: readonly T[]): readonly T[] {
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}

function examplesView(summary: ExamplesSummary): ExamplesView {
  const oldest = summary.workers.map(({ oldestAtMs }) => oldestAtMs);
  return { ...summary, oldestAtMs: oldest.length === 0 ? null : Math.min(...oldest) };
}

async function fromHub<T>(answer: Promise<Result<T, HubFailure>>): Promise<Measured<T>> {
  const heard = await measured("the Hub", withDeadline(answer, HUB_PART_MS));
  if (!heard.ok) return heard;
  return heard.value.ok ? heard.value : err(describeHubFailure(heard.value.error));
}

function mapped<T, U>(answer: Measured<T>, change: (value: T) => U): Measured<U> {
  return answer.ok ? ok(change(answer.value)) : answer;
}

async function measured<T>(who: string, work: Promise<T>): Promise<Measured<T>> {
  try {
    return ok(await work);
  } catch (error) {
    logEvent({ event: "report.part", outcome: "failed", who, detail: String(error) });
    return err(`${who} does not answer`);
  }
}
