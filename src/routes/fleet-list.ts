// Which fleets there are, and what each says of itself. Nothing that fails hides: a fleet that cannot be asked is named in the notes.

import { readFleetNames as readAll } from "../durable/fleet-names.ts";
import { describeFleets } from "../durable/fleet-view.ts";
import { accountStub } from "../durable/stubs.ts";
import type { Env } from "../env.ts";
import type { FleetDocument } from "../fleet/document.ts";
import { logEvent } from "../log.ts";

export interface FleetNames {
  readonly names: readonly string[];
  /** What the reader should know about the list, in words. */
  readonly notes: readonly string[];
}

export interface FleetList {
  readonly fleets: readonly FleetDocument[];
  readonly notes: readonly string[];
}

export interface InstanceTotal {
  readonly instances: number;
  readonly usdPerHour: number;
  readonly usdPerDay: number;
}

/** The fleets named `prefix` or `prefix-…`, in order; `null`: all. */
export async function readFleetNames(env: Env, prefix: string | null): Promise<FleetNames> {
  const { names, notes } = await readAllNames(env);
  if (prefix === null) return { names, notes };
  const found = names.filter((name) => name === prefix || name.startsWith(`${prefix}-`));
  return { names: found, notes: [...notes, ...(found.length === 0 ? nearNotes(names, prefix) : [])] };
}

/** A prefix is whole words of a name: `zeb` is not part of `zebra`, so that a down of the one never ends the other. */
function nearNotes(names: readonly string[], prefix: string): readonly string[] {
  const near = names.filter((name) => name.startsWith(prefix));
  if (names.length === 0) return [];
  const known = near.length > 0 ? `these begin so: ${near.join(", ")}` : `there are: ${names.join(", ")}`;
  return [`no fleet is named ${prefix} or ${prefix}-…; ${known}`];
}

export async function readFleets(env: Env, prefix: string | null): Promise<FleetList> {
  const { names, notes } = await readFleetNames(env, prefix);
  const { fleets, silent } = await describeFleets(env, names);
  return { fleets, notes: [...notes, ...silent.map((name) => `${name} does not answer; it is missing here`)] };
}

/** What bills on the account and is no fleet's. A keeper of the account that does not answer is said by the list itself. */
export async function strayNotes(env: Env): Promise<readonly string[]> {
  try {
    const { strays, usdPerHour } = await accountStub(env).strayBill();
    if (strays === 0) return [];
    const what = strays === 1 ? "1 stray bills" : `${strays} strays bill`;
    return [`${what} $${usdPerHour.toFixed(3)}/hr: GET /api/strays`];
  } catch (error) {
    logEvent({ event: "strays.silent", outcome: "failed", detail: String(error) });
    return [];
  }
}

export function totalOf(fleets: readonly FleetDocument[]): InstanceTotal {
  const instances = fleets.reduce((sum, { workers }) => sum + workers.length, 0);
  const usdPerHour = fleets.reduce((sum, { totals }) => sum + totals.usdPerHour, 0);
  return { instances, usdPerHour, usdPerDay: usdPerHour * 24 };
}

async function readAllNames(env: Env): Promise<FleetNames> {
  const { names, silent } = await readAll(env);
  return { names, notes: silent === null ? [] : [NOTES[silent]] };
}

const NOTES = {
  D1: "D1 does not answer; the fleets are those the account's keeper knows",
  account: "the account's keeper does not answer; the fleets are those D1 knows",
};
