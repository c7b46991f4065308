// A guard, the change of the source that takes exactly it away, and what must fail then. The working tree is never edited:
// the change is made to the text of a module while it is loaded.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
/** Names the guard that is taken away in this process; without it everything is as it is. */
export const GUARD_VARIABLE = "FLEETKEEPER_WITHOUT_GUARD";

/** `from` stands exactly once in the file; where the code has changed, the run says so instead of proving nothing. */
export interface Change {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * What fails without the guard: one test by its name, and a seed of the simulation besides where `seeds.json` has one; or the
 * seed alone, where a test of its own would say the same.
 */
export type Killer = "seed" | { readonly test: string; readonly name: string };

export interface Guard {
  readonly name: string;
  /** What the change does to it. */
  readonly without: string;
  readonly changes: readonly Change[];
  readonly killedBy: Killer;
}

/** The text of a module without the guard; throws where the code that is to be changed is not there. */
export function changed(file: string, text: string, changes: readonly Change[]): string {
  return changes
    .filter((change) => change.file === file)
    .reduce((result, { from, to }) => {
      const parts = result.split(from);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} of: ${from}`);
      return parts.join(to);
    }, text);
}

/** What keeps the changes of a guard from being made; `null`: nothing. */
export function missingAnchor({ changes }: Pick<Guard, "changes">): string | null {
  try {
    for (const file of new Set(changes.map((change) => change.file)))
      changed(file, readFileSync(join(ROOT, file), "utf8"), changes);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
