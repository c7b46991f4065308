// What a door says that it would end, in lines.

import { z } from "zod";

const previews = z.array(
  z.object({
    fleet: z.string(),
    workers: z.array(
      z.object({
        slot: z.number(),
        instanceId: z.number(),
        gpu: z.string().nullable(),
        usdPerHour: z.number().nullable(),
        verdict: z.string(),
      }),
    ),
    intents: z.array(z.unknown()),
  }),
);

/** Beyond this many boxes of a fleet the rest is counted. */
const SHOWN = 20;

export function wouldEnd(problem: Readonly<Record<string, unknown>>): readonly string[] {
  const parsed = previews.safeParse(problem["fleets"]);
  if (!parsed.success) return [];
  return parsed.data.flatMap(({ fleet, workers, intents }) => [
    `${fleet}: ${workers.length} workers, ${intents.length} open rents`,
    ...workers
      .slice(0, SHOWN)
      .map(
        ({ slot, instanceId, gpu, usdPerHour, verdict }) =>
          `  worker ${slot}: instance ${instanceId}, ${gpu ?? "?"}, $${usdPerHour?.toFixed(3) ?? "?"}/hr, ${verdict}`,
      ),
    ...(workers.length > SHOWN ? [`  and ${workers.length - SHOWN} more`] : []),
  ]);
}
