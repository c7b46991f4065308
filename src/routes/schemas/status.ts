// Lists of fleets as answers show them.

import { z } from "zod";
import type { FleetList, InstanceTotal } from "../fleet-list.ts";
import { fleetExample, fleetSchema } from "./fleet.ts";
import { notes, partOf, schemaOf } from "./schema-of.ts";

export const fleetListSchema = schemaOf<FleetList>()(
  "FleetList",
  { fleets: z.array(fleetSchema), notes },
  {
    about: "The fleets; one that cannot be asked is named in the notes",
    example: { fleets: [fleetExample], notes: [] },
  },
);

export const statusSchema = schemaOf<FleetList & { readonly total: InstanceTotal }>()(
  "Status",
  {
    fleets: z.array(fleetSchema),
    notes,
    total: partOf<InstanceTotal>()({ instances: z.int(), usdPerHour: z.number(), usdPerDay: z.number() }),
  },
  {
    about: "The fleets that were asked for, and what they cost together",
    example: { fleets: [fleetExample], notes: [], total: { instances: 1, usdPerHour: 0.072, usdPerDay: 1.728 } },
  },
);
