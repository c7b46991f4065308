// The label ties an instance to its fleet and slot: `<fleet>-worker-vast-<slot>`, in both directions.
// The fleet is everything before the last `-worker-vast-<digits>`, compared for equality, never by prefix
// (fleet behaviour reference §6.2: prefix matching let `zeb` take `zeb-large`).

const FLEET_NAME = /^[a-z0-9][a-z0-9-]{0,40}$/;
const LABEL = /^(.+)-worker-vast-(0|[1-9][0-9]{0,5})$/;
const MARKER = "-worker-vast";

export interface LabelParts {
  readonly fleet: string;
  readonly slot: number;
}

export function formatLabel(fleet: string, slot: number): string {
  return `${fleet}${MARKER}-${slot}`;
}

/** The fleet and slot that a label names, or `null` for any other text. */
export function parseLabel(label: string | null): LabelParts | null {
  const match = label === null ? null : LABEL.exec(label);
  const [, fleet, slot] = match ?? [];
  return fleet === undefined || slot === undefined ? null : { fleet, slot: Number(slot) };
}

/** Why a text cannot name a fleet, in words; `null` when it can. */
export function fleetNameProblem(name: string): string | null {
  if (!FLEET_NAME.test(name)) {
    return "a fleet name is 1 to 41 characters of a-z, 0-9 and -, and starts with a letter or digit";
  }
  if (name.includes(`${MARKER}-`) || name.endsWith(MARKER)) {
    return `a fleet name may not contain "${MARKER}": its labels could be taken for another fleet's`;
  }
  return null;
}

/** The name the worker program goes by; it carries the fleet, so that files on the Hub tell who made them. */
export function formatWorkerId(fleet: string, slot: number): string {
  return `${fleet}-worker-vast-${slot}`;
}
