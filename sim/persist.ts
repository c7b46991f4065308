/**
 * The market in a file: written whole and swapped in at once, so that a server killed at any moment leaves either the
 * old state or the new one. Node only.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { MarketState } from "./state.ts";

/** Bumped when the shape of the state changes; a file of another version is not read. */
const VERSION = 1;

export function saveState(path: string, state: MarketState): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  writeFileSync(temporary, JSON.stringify({ version: VERSION, state }, packMaps));
  renameSync(temporary, path);
}

/** The saved state; null when there is none, or none that this version can read. */
export function loadState(path: string): MarketState | null {
  if (!existsSync(path)) return null;
  const parsed: unknown = JSON.parse(readFileSync(path, "utf8"), unpackMaps);
  if (typeof parsed !== "object" || parsed === null || !("version" in parsed) || parsed.version !== VERSION)
    return null;
  if (!("state" in parsed)) return null;
  // Written by `saveState` of this version and by nothing else; programs came later.
  return { programs: new Map(), ...(parsed.state as Omit<MarketState, "programs">) };
}

function packMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? { $map: [...value] } : value;
}

function unpackMaps(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$map" in value)) return value;
  return new Map(value.$map as [unknown, unknown][]);
}
