// A planned action in words.

import type { PlanDocument } from "../../../src/fleet/document.ts";
import { NONE, usdPerHour } from "./format.ts";
import type { Tone } from "./states.ts";
import type { Shape } from "./verdicts.ts";

type Action = PlanDocument["actions"][number];

export interface ActionView {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly word: string;
  readonly what: string;
}

const marks: Readonly<Record<string, readonly [Tone, Shape]>> = {
  rent: ["busy", "up"],
  destroy: ["bad", "cross"],
  strike: ["warn", "cross"],
  alert: ["bad", "triangle"],
};

export function actionView({ kind, slot, instanceId, evidence }: Action): ActionView {
  const [tone, shape] = marks[kind] ?? (["idle", "ring"] as const);
  const { gpu, usdPerHour: price, machineId } = evidence;
  const parts = [
    slot === null ? "" : `worker ${slot}`,
    instanceId === null ? "" : `instance ${instanceId}`,
    typeof gpu === "string" ? gpu : "",
    typeof price === "number" ? usdPerHour(price) : "",
    typeof machineId === "number" && instanceId === null ? `machine ${machineId}` : "",
  ];
  return { tone, shape, word: kind.toUpperCase(), what: parts.filter((part) => part !== "").join(" · ") };
}

export function diffText(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
