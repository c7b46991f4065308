// A fleet over time as curves: the last hour, day or week.

import { useMemo } from "preact/hooks";
import type { Reading } from "../../data/query.ts";
import { type Series, useSeries } from "../../data/series.ts";
import { query, setQuery } from "../../router.ts";
import { Answered } from "../../ui/answered.tsx";
import { type Curve, TimeChart } from "../../ui/chart.tsx";
import { Card, Empty, Skeleton } from "../../ui/parts.tsx";
import { Tabs } from "../../ui/select.tsx";
import { rate, whole } from "../../view/format.ts";

const spans: readonly (readonly [string, string])[] = [
  ["1", "1 h"],
  ["24", "24 h"],
  ["168", "7 d"],
];
const words: Readonly<Record<string, string>> = { 1: "last hour", 24: "last 24 hours", 168: "last 7 days" };
const DAY = "24";
const HOUR_MS = 3_600_000;

export function FleetCharts({ fleet }: { readonly fleet: string }) {
  const asked = query.value.get("hours");
  const wanted = asked !== null && asked in words ? asked : null;
  const day = useSeries(fleet, Number(wanted ?? DAY));
  // The means of a day's steps say little of a fleet that is some minutes old.
  const span = wanted ?? (isYoung(day.value) ? "1" : DAY);
  const answer = useSeries(fleet, Number(span));
  const series = answer.value;
  const games = useMemo<readonly Curve[]>(
    () => [
      { label: "games/s", colour: "accent-ink", values: series?.gamesPerSecond ?? [], show: rate, isFilled: true },
    ],
    [series],
  );
  const workers = useMemo<readonly Curve[]>(
    () => [
      { label: "live", colour: "muted", values: series?.live ?? [], show: whole, isStepped: true },
      { label: "producing", colour: "ok", values: series?.producing ?? [], show: whole, isStepped: true },
    ],
    [series],
  );
  const word = words[span] ?? "";
  return (
    <>
      <Card
        title={`games/s, ${word}`}
        aside={
          <Tabs label="Span of the curves" value={span} options={spans} onChange={(next) => setQuery("hours", next)} />
        }
      >
        <Body answer={answer} curves={games} label={`games per second of ${fleet}, ${word}`} />
      </Card>
      <Card title={`Workers, ${word}`}>
        <Body answer={answer} curves={workers} label={`live and producing workers of ${fleet}, ${word}`} />
      </Card>
    </>
  );
}

function isYoung(series: Series | null): boolean {
  const first = series?.atMs[0];
  return first !== undefined && Date.now() - first < HOUR_MS;
}

function Body(props: { readonly answer: Reading<Series>; readonly curves: readonly Curve[]; readonly label: string }) {
  const { answer, curves, label } = props;
  return (
    <Answered answer={answer} wait={<Skeleton rows={1} height={200} />}>
      {({ atMs }) =>
        atMs.length < 2 ? (
          <Empty title="No curve yet">It begins with the second CHECK.</Empty>
        ) : (
          <TimeChart atMs={atMs} curves={curves} label={label} />
        )
      }
    </Answered>
  );
}
