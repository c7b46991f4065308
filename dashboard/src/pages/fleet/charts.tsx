// A fleet over time as curves: the last hour, day or week.

import { useMemo } from "preact/hooks";
import { type Series, useSeries } from "../../data/series.ts";
import { query, setQuery } from "../../router.ts";
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
  const span = wanted ?? (isYoung(day) ? "1" : DAY);
  const series = useSeries(fleet, Number(span));
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
        <Body series={series} curves={games} label={`games per second of ${fleet}, ${word}`} />
      </Card>
      <Card title={`Workers, ${word}`}>
        <Body series={series} curves={workers} label={`live and producing workers of ${fleet}, ${word}`} />
      </Card>
    </>
  );
}

function isYoung(series: Series | null): boolean {
  const first = series?.atMs[0];
  return first !== undefined && Date.now() - first < HOUR_MS;
}

function Body(props: { readonly series: Series | null; readonly curves: readonly Curve[]; readonly label: string }) {
  const { series, curves, label } = props;
  if (series === null) return <Skeleton rows={1} height={200} />;
  if (series.atMs.length < 2) return <Empty title="No curve yet">It begins with the second CHECK.</Empty>;
  return <TimeChart atMs={series.atMs} curves={curves} label={label} />;
}
