// The last 24 hours of a fleet as curves.

import { useMemo } from "preact/hooks";
import { useSeries } from "../../data/series.ts";
import { type Curve, TimeChart } from "../../ui/chart.tsx";
import { Card, Empty, Skeleton } from "../../ui/parts.tsx";
import { rate, whole } from "../../view/format.ts";

export function FleetCharts({ fleet }: { readonly fleet: string }) {
  const series = useSeries(fleet);
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
  return (
    <>
      <Card title="games/s, last 24 hours">
        <Body series={series} curves={games} label={`games per second of ${fleet} over the last 24 hours`} />
      </Card>
      <Card title="Workers, last 24 hours">
        <Body
          series={series}
          curves={workers}
          label={`live and producing workers of ${fleet} over the last 24 hours`}
        />
      </Card>
    </>
  );
}

function Body(props: {
  readonly series: ReturnType<typeof useSeries>;
  readonly curves: readonly Curve[];
  readonly label: string;
}) {
  const { series, curves, label } = props;
  if (series === null) return <Skeleton rows={1} height={200} />;
  if (series.atMs.length < 2) return <Empty title="No curve yet">It begins with the second CHECK.</Empty>;
  return <TimeChart atMs={series.atMs} curves={curves} label={label} />;
}
