// All fleets in one sentence: whether a person is needed, and if not, what the keeper is at.

import type { FleetDocument } from "../../../src/fleet/document.ts";
import { count } from "./format.ts";
import { needsAttention, stateTone, type Tone, targetOf } from "./states.ts";

export type OverallFacts = Pick<FleetDocument, "state" | "mode" | "spec" | "totals" | "workers">;

export interface Overall {
  readonly tone: Tone;
  readonly sentence: string;
}

/** What the keeper replaces by itself when its time is over. */
const AILING: ReadonlySet<string> = new Set(["failed", "stalled", "undelivered", "gone"]);

export function overall(fleets: readonly OverallFacts[]): Overall {
  const tones = fleets.map(({ state }) => stateTone(state));
  const alarmed = tones.filter(needsAttention).length;
  if (alarmed > 0) return { tone: "bad", sentence: `${count(alarmed, "fleet needs", "fleets need")} a look` };
  const active = fleets.filter((_, index) => tones[index] !== "idle");
  if (active.length === 0) return { tone: "idle", sentence: "Every fleet is paused or down" };
  const ailing = active.flatMap(({ workers }) => workers).filter(({ verdict }) => AILING.has(verdict)).length;
  if (ailing > 0)
    return { tone: "busy", sentence: `${count(ailing, "worker fails", "workers fail")}: the keeper is at it` };
  const lacking = active.reduce((sum, fleet) => sum + Math.max(0, targetOf(fleet) - fleet.totals.producing), 0);
  if (lacking > 0) return { tone: "busy", sentence: `${count(lacking, "worker")} still to come` };
  return { tone: "ok", sentence: "All is well" };
}
