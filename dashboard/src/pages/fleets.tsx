// All fleets, a card each: in five seconds, is everything all right.

import { useState } from "preact/hooks";
import { mayWrite } from "../api/session.ts";
import type { CostDocument, FleetDocument } from "../api/shapes.ts";
import { nowMs } from "../data/clock.ts";
import { type FleetCell, fleetCells, fleetNotes } from "../data/fleets.ts";
import { link } from "../data/live.ts";
import { useAnswer } from "../data/query.ts";
import { type Series, useAllSeries, useSmallSeries } from "../data/series.ts";
import { AnswerNote } from "../ui/answered.tsx";
import { Button, Empty, Notes, PageHead, Skeleton } from "../ui/parts.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { Badge } from "../ui/status.tsx";
import { Ago } from "../ui/times.tsx";
import { count, duration, hours, rate, usd, usdPerHour } from "../view/format.ts";
import { overall, urgencyOf } from "../view/overall.ts";
import { stateView, targetOf } from "../view/states.ts";
import { NewFleetDialog } from "./fleet/new-fleet.tsx";
import { LastDay } from "./last-day.tsx";

export function FleetsPage() {
  const [isNew, setNew] = useState(false);
  const cells = fleetCells.value;
  return (
    <>
      <PageHead title="Fleets" lead={cells === null ? "Asking the keeper …" : <Lead cells={cells} />}>
        {mayWrite.value ? (
          <Button icon="plus" onClick={() => setNew(true)} testId="new-fleet">
            New fleet
          </Button>
        ) : null}
      </PageHead>
      <Notes notes={fleetNotes.value} />
      {cells === null ? (
        link.value === "silent" ? (
          <Empty title="The keeper does not answer">
            <p>It is asked again every 10 seconds. The workers go on without this page.</p>
          </Empty>
        ) : (
          <Skeleton rows={2} height={220} />
        )
      ) : cells.length === 0 ? (
        <Empty title="No fleet yet">
          <p>Make the first one: say how many workers, look at what would be rented, and let it go.</p>
          {mayWrite.value ? (
            <Button kind="primary" icon="plus" onClick={() => setNew(true)}>
              Make a fleet
            </Button>
          ) : null}
        </Empty>
      ) : (
        <>
          <LastDay />
          <CurvesNote />
          <div class="fleet-cards">
            {inOrder(cells).map((cell) => (
              <FleetCard key={cell.name} cell={cell} />
            ))}
          </div>
        </>
      )}
      {isNew ? <NewFleetDialog onClose={() => setNew(false)} /> : null}
    </>
  );
}

/** One answer holds the curves of all fleets: what is wrong with it is said once, above the cards. */
function CurvesNote() {
  return <AnswerNote answer={useAllSeries()} what="The small curves are" />;
}

/** What is wrong comes first; else by name. */
function inOrder(cells: readonly FleetCell[]): FleetCell[] {
  return cells.toSorted(
    (a, b) => urgencyOf(a.document.value) - urgencyOf(b.document.value) || a.name.localeCompare(b.name),
  );
}

function Lead({ cells }: { readonly cells: readonly FleetCell[] }) {
  const fleets = cells.map(({ document }) => document.value);
  if (fleets.length === 0) return <>Nothing is rented.</>;
  const { tone, sentence } = overall(fleets);
  const sum = (of: (fleet: FleetDocument) => number): number => fleets.reduce((total, fleet) => total + of(fleet), 0);
  const producing = sum(({ totals }) => totals.producing);
  const wanted = sum(targetOf);
  const newest = fleets
    .flatMap(({ lastCheckAt }) => lastCheckAt ?? [])
    .toSorted()
    .at(-1);
  return (
    <>
      <strong class={`tone-${tone}`} data-testid="overall">
        {sentence}.
      </strong>{" "}
      {producing} of {count(wanted, "worker")} producing {rate(sum(({ totals }) => totals.gamesPerSecond))} games/s
      {newest === undefined ? null : (
        <>
          , looked at <Ago at={newest} />
        </>
      )}
      .
    </>
  );
}

function FleetCard({ cell }: { readonly cell: FleetCell }) {
  const fleet = cell.document.value;
  const view = stateView(fleet, nowMs.value);
  const { totals, spec, spend } = fleet;
  const series = useSmallSeries(cell.name).value;
  const cost = useAnswer<CostDocument>("/api/cost", 60).value;
  const target = targetOf(fleet);
  return (
    <article class={`card fleet-card edge-${view.tone}`} data-testid={`fleet-${cell.name}`}>
      <div class="fleet-card-head">
        <h2>
          <a class="cover" href={`/fleets/${cell.name}`}>
            {cell.name}
          </a>
        </h2>
        <Badge tone={view.tone}>{view.word}</Badge>
      </div>
      <p class="fleet-sentence">{view.sentence}</p>
      <WorkerDots producing={totals.producing} live={totals.live} target={target} />
      <dl class="fleet-figures">
        <Figure label="games/s" value={rate(totals.gamesPerSecond)} />
        <Figure label="$/hr" value={usd(totals.usdPerHour, 3)} />
        <Figure label="$/day" value={usd(totals.usdPerHour * 24)} />
        <Figure label="today" value={usd(spend.todayUsd)} />
        <Figure label="credit" value={hours(cost?.hoursLeft ?? null)} />
      </dl>
      <div class="fleet-sparks">
        <Spark name="games/s" series={series} values={series?.gamesPerSecond ?? []} tone="games" />
        <Spark name="workers" series={series} values={series?.live ?? []} tone="live" />
      </div>
      {fleet.notes.length === 0 ? (
        <p class="muted fleet-quiet">
          {spec.workload === spec.preset ? spec.preset : `${spec.preset}, ${spec.workload}`} · cap{" "}
          {spec.maxPriceUsdPerHour === null ? "none" : usdPerHour(spec.maxPriceUsdPerHour)}
        </p>
      ) : (
        <Notes notes={fleet.notes.slice(0, 2)} />
      )}
    </article>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Spark(props: {
  readonly name: string;
  readonly series: Series | null;
  readonly values: readonly number[];
  readonly tone: string;
}) {
  const atMs = props.series?.atMs ?? [];
  return (
    <div class="fleet-spark">
      <Sparkline values={props.values} atMs={atMs} isFromZero class={props.tone} />
      <p>
        {props.name}, {spanWords(atMs)}
      </p>
    </div>
  );
}

/** Steps of a quarter of an hour: what begins in the first of them is a day long. */
const NEARLY_DAY_SECONDS = 23.5 * 3600;

function spanWords(atMs: readonly number[]): string {
  const seconds = ((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)) / 1000;
  return seconds === 0 || seconds >= NEARLY_DAY_SECONDS ? "24 h" : duration(seconds);
}

/** So many are drawn one by one; more are a bar. */
const DOTS_MAX = 48;

function WorkerDots(props: { readonly producing: number; readonly live: number; readonly target: number }) {
  const { producing, live, target } = props;
  const total = Math.max(live, target);
  const label = `${producing} producing, ${live} live, target ${target}`;
  return (
    <div class="worker-line">
      {total > 0 && total <= DOTS_MAX ? (
        <div class="dots" aria-hidden="true">
          {Array.from({ length: total }, (_, index) => (
            <i key={index} class={index < producing ? "on" : index < live ? "half" : ""} />
          ))}
        </div>
      ) : (
        <meter class="dots-bar" min={0} max={Math.max(1, target)} value={producing} aria-hidden="true" />
      )}
      <p>
        <span class="sr-only">{label}</span>
        <span aria-hidden="true">
          <strong>{producing}</strong> / {target}
          {live === target ? "" : ` · ${live} live`}
        </span>
      </p>
    </div>
  );
}
