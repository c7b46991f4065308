// What each fleet says of itself, asked side by side. A fleet that does not answer is named, not left out.

import type { Env } from "../env.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { logEvent } from "../log.ts";
import { fleetStub } from "./stubs.ts";

export interface FleetAnswers {
  readonly fleets: readonly FleetDocument[];
  readonly silent: readonly string[];
}

export async function describeFleets(env: Env, names: readonly string[]): Promise<FleetAnswers> {
  const answers = await Promise.allSettled(names.map((name) => fleetStub(env, name).describe()));
  const fleets = answers.flatMap((answer) =>
    answer.status === "fulfilled" && answer.value !== null ? [answer.value] : [],
  );
  const silent = names.filter((_, index) => answers[index]?.status === "rejected");
  for (const fleet of silent) logEvent({ event: "fleet.silent", outcome: "failed", fleet });
  return { fleets, silent };
}
