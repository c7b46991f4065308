// All fleets in one sentence: whether a person is needed, and if not, what the keeper is at.

import type { FleetDocument } from "../../../src/fleet/document.ts";
import { count } from "./format.ts";
import { needsAttention, severityOf, stateTone, type Tone, targetOf } from "./states.ts";

export type OverallFacts = Pick<FleetDocument, "state" | "mode" | "spec" | "totals" | "workers">;

type LookFacts = Pick<OverallFacts, "state" | "workers">;

export interface Overall {
  readonly tone: Tone;
  readonly sentence: string;
}

/** So many at once share a token, a quota or the Hub: the keeper leaves them as they are, and a person mends it. */
const UNDELIVERED_TOGETHER = 2;

/** What the keeper replaces by itself when its time is over. */
const AILING: ReadonlySet<string> = new Set(["failed", "stalled", "undelivered", "gone"]);

export function overall(fleets: readonly OverallFacts[]): Overall {
  const looked = fleets.filter(needsALook);
  if (looked.some(({ state }) => isAlarmed(state)))
    return { tone: "bad", sentence: `${count(looked.length, "fleet needs", "fleets need")} a look` };
  const undelivered = looked.reduce((sum, fleet) => sum + undeliveredTogether(fleet), 0);
  if (undelivered > 0)
    return { tone: "bad", sentence: `${count(undelivered, "worker delivers", "workers deliver")} nothing: see why` };
  const active = fleets.filter(({ state }) => !isAtRest(state));
  if (active.length === 0) return { tone: "idle", sentence: "Every fleet is paused or down" };
  const ailing = active.flatMap(({ workers }) => workers).filter(({ verdict }) => AILING.has(verdict)).length;
  if (ailing > 0)
    return { tone: "busy", sentence: `${count(ailing, "worker fails", "workers fail")}: the keeper is at it` };
  const lacking = active.reduce((sum, fleet) => sum + Math.max(0, targetOf(fleet) - fleet.totals.producing), 0);
  if (lacking > 0) return { tone: "busy", sentence: `${count(lacking, "worker")} still to come` };
  return { tone: "ok", sentence: "All is well" };
}

/** Whether a person is needed. */
export function needsALook(fleet: LookFacts): boolean {
  return isAlarmed(fleet.state) || undeliveredTogether(fleet) > 0;
}

/** Smaller: look here first. */
export function urgencyOf(fleet: LookFacts): number {
  return undeliveredTogether(fleet) > 0 ? 0 : severityOf(fleet.state);
}

/** Workers of a fleet that deliver nothing together, which may be its only one. 0: none, or one that the keeper replaces. */
function undeliveredTogether({ state, workers }: LookFacts): number {
  if (isAtRest(state)) return 0;
  const many = workers.filter(({ verdict }) => verdict === "undelivered").length;
  return many < Math.min(UNDELIVERED_TOGETHER, workers.length) ? 0 : many;
}

function isAtRest(state: OverallFacts["state"]): boolean {
  return stateTone(state) === "idle";
}

function isAlarmed(state: OverallFacts["state"]): boolean {
  return needsAttention(stateTone(state));
}
