// Curves over the last hours as answers show them.

import { z } from "zod";
import type { FleetSeries, OneSeriesDocument, SeriesDocument, SeriesPoint } from "../series.ts";
import { instantText, partOf, schemaOf } from "./schema-of.ts";

const pointExample: SeriesPoint = {
  at: "2026-11-23T18:00:00.000Z",
  live: 8,
  producing: 7,
  gamesPerSecond: 19.4,
  usdPerHour: 0.58,
};
const fleetExample: FleetSeries = { fleet: "zeb-large", state: "steady", target: 8, points: [pointExample] };
const spanExample = { since: "2026-11-22T18:05:00.000Z", until: "2026-11-23T18:05:00.000Z", stepSeconds: 300 };

const point = partOf<SeriesPoint>()({
  at: instantText.meta({ description: "The beginning of the step that the means are of" }),
  live: z.number(),
  producing: z.number(),
  gamesPerSecond: z.number(),
  usdPerHour: z.number(),
});
const span = { since: instantText, until: instantText, stepSeconds: z.int() };
const ofFleet = {
  fleet: z.string(),
  state: z.string().meta({ description: "As of the last CHECK that was published" }),
  target: z.int(),
  points: z.array(point).meta({ description: "Oldest first; a step without a CHECK has none" }),
};

export const seriesSchema = schemaOf<SeriesDocument>()(
  "Series",
  { ...span, fleets: z.array(partOf<FleetSeries>()(ofFleet)) },
  { about: "How all fleets went over the last hours", example: { ...spanExample, fleets: [fleetExample] } },
);

export const fleetSeriesSchema = schemaOf<OneSeriesDocument>()(
  "FleetSeries",
  { ...span, ...ofFleet },
  { about: "How one fleet went over the last hours", example: { ...spanExample, ...fleetExample } },
);
