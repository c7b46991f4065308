// Waiting for what takes minutes, with a line for each change. Ctrl-C ends the waiting, never the work.

import type { FleetDocument } from "../src/fleet/document.ts";
import { step } from "./connection.ts";
import type { Context } from "./context.ts";
import { patiently } from "./patience.ts";

const LOOK_EVERY_MS = 3000;

/** Until every worker of the target produces, or the fleet says that it cannot go on by itself. */
export async function waitUntilUp(context: Context, fleet: string): Promise<void> {
  await waitFor(context, fleet, ({ totals, spec, state }) => totals.producing >= spec.target || HELD.has(state));
}

export async function waitUntilDown(context: Context, fleet: string): Promise<void> {
  await waitFor(context, fleet, ({ state }) => state === "down");
}

/** States that only a person, money or the market ends. */
const HELD: ReadonlySet<FleetDocument["state"]> = new Set([
  "down",
  "draining",
  "paused",
  "no-credentials",
  "credit-wait",
  "over-budget",
  "waiting-for-weights",
  "breaker-open",
  "no-offers",
]);

async function waitFor(context: Context, name: string, isDone: (fleet: FleetDocument) => boolean): Promise<void> {
  let last = "";
  for (;;) {
    const ask = { param: { fleet: step(name) }, query: {} };
    const look = (): Promise<FleetDocument> => context.keeper.json((doors) => doors.fleets[":fleet"].$get(ask));
    const fleet = await patiently(context, look);
    const line = lineOf(fleet);
    if (line !== last) context.tell(line);
    last = line;
    if (isDone(fleet)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function lineOf({ name, state, totals, spec, debts, notes }: FleetDocument): string {
  const owed = debts.length === 0 ? "" : `, ${debts.length} destroys to prove`;
  const why = HELD.has(state) && notes[0] !== undefined ? `: ${notes[0]}` : "";
  return `${name}: ${totals.live} of ${spec.target} up, ${totals.producing} producing${owed} [${state}]${why}`;
}
