// A worker's verdict: the runbook's word, how much it should worry, and the shape that says so without colour.

import type { WorkerDocument } from "../../../src/fleet/document.ts";
import type { Tone } from "./states.ts";

type Verdict = WorkerDocument["verdict"];
export type Shape = "disc" | "up" | "half" | "ring" | "bars" | "triangle" | "cross" | "dash" | "question";

export interface VerdictView {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: Shape;
  /** For who does not know the runbook's word. */
  readonly meaning: string;
}

export const verdictViews: Readonly<Record<Verdict, VerdictView>> = {
  producing: { word: "OK", tone: "ok", shape: "disc", meaning: "producing" },
  uploading: { word: "OK", tone: "ok", shape: "up", meaning: "producing, uploading now" },
  booting: { word: "BOOT", tone: "busy", shape: "ring", meaning: "the host prepares the container" },
  "setting-up": { word: "SETUP", tone: "busy", shape: "half", meaning: "the start script runs" },
  waiting: { word: "WAIT", tone: "busy", shape: "bars", meaning: "started, no batch yet" },
  undelivered: {
    word: "UNDELIVERED",
    tone: "warn",
    shape: "triangle",
    meaning: "works, but nothing arrives on the Hub",
  },
  stalled: { word: "STALL", tone: "warn", shape: "triangle", meaning: "no new batch for too long" },
  failed: { word: "ERR", tone: "bad", shape: "cross", meaning: "failed" },
  gone: { word: "GONE", tone: "bad", shape: "dash", meaning: "not in the market's list, not yet proven gone" },
  unknown: { word: "POLL", tone: "idle", shape: "question", meaning: "could not be measured; unknown is not dead" },
};

/** Worst first: what one looks for. */
const order: readonly Verdict[] = [
  "failed",
  "gone",
  "stalled",
  "undelivered",
  "unknown",
  "booting",
  "setting-up",
  "waiting",
  "uploading",
  "producing",
];

export function severity(verdict: Verdict): number {
  return order.indexOf(verdict);
}
