// The fields of the form as the patch that they mean: only what differs from the fleet as it was seen.

import type { FleetDocument } from "../../../src/fleet/document.ts";

export interface Fields {
  readonly target: string;
  readonly cap: string;
  readonly budget: string;
}

export interface SpecPatch {
  target?: number;
  maxPriceUsdPerHour?: number | null;
  budgetUsdPerDay?: number | null;
}

export interface ReadPatch {
  /** `null`: some field cannot be read. */
  readonly patch: SpecPatch | null;
  readonly isEmpty: boolean;
  readonly faults: { readonly [Name in keyof Fields]: string | null };
}

type Seen = Pick<FleetDocument, "mode"> & {
  readonly spec: Pick<FleetDocument["spec"], "target" | "maxPriceUsdPerHour" | "budgetUsdPerDay">;
};

/** As the spec's own (`target` 0 to 1000). */
const TARGET_MAX = 1000;

export function readPatch(fields: Fields, { mode, spec }: Seen): ReadPatch {
  const target = /^\d{1,4}$/.test(fields.target.trim()) ? Number(fields.target) : Number.NaN;
  const cap = readUsd(fields.cap);
  const budget = readUsd(fields.budget);
  const faults = {
    target: target <= TARGET_MAX ? null : `a whole number from 0 to ${TARGET_MAX}`,
    cap: cap === undefined ? "dollars an hour, such as 0.09" : null,
    budget: budget === undefined ? "dollars, such as 8" : null,
  };
  if (Object.values(faults).some((fault) => fault !== null) || cap === undefined || budget === undefined)
    return { patch: null, isEmpty: false, faults };
  const patch: SpecPatch = {
    // A fleet that is down begins again with any target, the same one too.
    ...(target === spec.target && mode !== "down" ? {} : { target }),
    ...(cap === spec.maxPriceUsdPerHour ? {} : { maxPriceUsdPerHour: cap }),
    ...(budget === spec.budgetUsdPerDay ? {} : { budgetUsdPerDay: budget }),
  };
  return { patch, isEmpty: Object.keys(patch).length === 0, faults };
}

/** `null`: none is wanted; `undefined`: it cannot be read. */
function readUsd(text: string): number | null | undefined {
  const trimmed = text.trim().replace(/^\$/, "");
  if (trimmed === "") return null;
  const value = /^\d{1,6}(?:\.\d{1,6})?$/.test(trimmed) ? Number(trimmed) : 0;
  return value > 0 ? value : undefined;
}
