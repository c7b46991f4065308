// A fleet over the last hours, for curves. The overview asks once for all fleets; both answers come from D1 and wake no
// object.

import { useMemo } from "preact/hooks";
import type { OneSeriesDocument, SeriesDocument, SeriesPoint } from "../api/shapes.ts";
import { fleetCell } from "./fleets.ts";
import { useAnswer } from "./query.ts";

export interface Series {
  readonly atMs: readonly number[];
  readonly gamesPerSecond: readonly number[];
  readonly live: readonly number[];
  readonly producing: readonly number[];
}

const HOUR_MS = 3_600_000;

/** `null`: not read yet. */
export function useSeries(fleet: string, hours: number): Series | null {
  const points = useAnswer<OneSeriesDocument>(`/api/fleets/${fleet}/series?hours=${hours}`, 60).value?.points ?? null;
  return useWithTrail(fleet, points, hours);
}

/** Coarser, for small curves. */
export function useSmallSeries(fleet: string): Series | null {
  const fleets = useAnswer<SeriesDocument>("/api/series?hours=24", 120).value?.fleets ?? null;
  return useWithTrail(
    fleet,
    fleets === null ? null : (fleets.find((one) => one.fleet === fleet)?.points ?? NO_POINTS),
    24,
  );
}

const NO_POINTS: readonly SeriesPoint[] = [];

/** The keeper's points, then what the page has seen since the last of them. */
function useWithTrail(fleet: string, points: readonly SeriesPoint[] | null, hours: number): Series | null {
  const trail = fleetCell(fleet)?.trail.value ?? NO_POINTS;
  return useMemo(() => {
    if (points === null) return null;
    const last = points.at(-1)?.at ?? "";
    const since = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const all = [...points, ...trail.filter(({ at }) => at > last && at > since)];
    return {
      atMs: all.map(({ at }) => Date.parse(at)),
      gamesPerSecond: all.map(({ gamesPerSecond }) => gamesPerSecond),
      live: all.map(({ live }) => live),
      producing: all.map(({ producing }) => producing),
    };
  }, [points, trail, hours]);
}
