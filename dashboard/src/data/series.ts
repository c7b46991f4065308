// A fleet over the last hours, for curves. The overview asks once for all fleets; both answers come from D1 and wake no
// object.

import { useMemo } from "preact/hooks";
import type { OneSeriesDocument, SeriesDocument, SeriesPoint } from "../api/shapes.ts";
import { fleetCell } from "./fleets.ts";
import { type Reading, useAnswer } from "./query.ts";

export interface Series {
  readonly atMs: readonly number[];
  readonly gamesPerSecond: readonly number[];
  readonly live: readonly number[];
  readonly producing: readonly number[];
}

const HOUR_MS = 3_600_000;

export function useSeries(fleet: string, hours: number): Reading<Series> {
  const answer = useAnswer<OneSeriesDocument>(`/api/fleets/${fleet}/series?hours=${hours}`, 60);
  return { ...answer, value: useWithTrail(fleet, answer.value?.points ?? null, hours) };
}

/** Coarser, for small curves; of all fleets at once. */
export function useAllSeries(): Reading<SeriesDocument> {
  return useAnswer<SeriesDocument>("/api/series?hours=24", 120);
}

export function useSmallSeries(fleet: string): Reading<Series> {
  const answer = useAllSeries();
  const points = answer.value?.fleets.find((one) => one.fleet === fleet)?.points ?? NO_POINTS;
  return { ...answer, value: useWithTrail(fleet, answer.value === null ? null : points, 24) };
}

const NO_POINTS: readonly SeriesPoint[] = [];

/** The keeper's points, then what the page has seen since the last of them. `null`: the keeper's are not read yet. */
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
