// The old scripts' list of bad hosts (fleet behaviour reference §5): machine ids between white space, one for each strike.
// It says no time, reason or fleet.

import { err, ok, type Result } from "./result.ts";

/** Ten digits are far more than the market's numbers have; more are lines that lost their ends on the way. */
const MACHINE_ID = /^[1-9]\d{0,9}$/;

export interface BadLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export interface ImportedStrike {
  /** The same list gives the same ids, so that it counts once however often it is taken over. */
  readonly id: string;
  readonly machineId: number;
}

/** The machine ids in their order, or every line that is not made of them. Empty lines say nothing. */
export function parseBadHosts(text: string): Result<number[], BadLine[]> {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.split(/\s+/).filter((word) => word !== ""));
  const bad = lines.flatMap((words, index): BadLine[] =>
    words.every((word) => MACHINE_ID.test(word)) ? [] : [{ line: index + 1, text: words.join(" ") }],
  );
  return bad.length > 0 ? err(bad) : ok(lines.flat().map(Number));
}

/** The nth mention of a machine is its nth strike. */
export function importedStrikes(machineIds: readonly number[]): ImportedStrike[] {
  const counts = new Map<number, number>();
  return machineIds.map((machineId) => {
    const count = (counts.get(machineId) ?? 0) + 1;
    counts.set(machineId, count);
    return { id: `import:${machineId}:${count}`, machineId };
  });
}
