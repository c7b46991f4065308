// What an open page is told of a fleet: the whole of it once, then what has changed. Ages grow by themselves and money
// with them, so neither is a change; a row that is sent carries them as they are.

import type { FleetDocument, WorkerDocument } from "./document.ts";
import { stableHash } from "./stable-hash.ts";

type FleetPart = Partial<Omit<FleetDocument, "workers">>;

export interface FleetChanges {
  /** The fields of the fleet that have changed, whole. */
  readonly fleet: FleetPart;
  /** Rows that are new or have changed, whole. */
  readonly workers: readonly WorkerDocument[];
  /** Instances whose rows are to be taken away. */
  readonly gone: readonly number[];
}

interface Numbered {
  /** Counts the messages of one connection from 1: whoever misses one asks for the fleet anew. */
  readonly seq: number;
  /** When the state was read: ages are as of then. */
  readonly at: string;
}

export type LiveMessage =
  | ({ readonly type: "fleet"; readonly fleet: FleetDocument } & Numbered)
  | ({ readonly type: "changes" } & FleetChanges & Numbered);

/** What a page may send; everything else ends the connection. */
export const ASK_FLEET = "fleet";
/** Answered by the platform, without the fleet's object. */
export const PING = "ping";
export const PONG = "pong";

/** Why a connection was ended, for the page: codes of the range that is free for applications. */
export const CLOSE = {
  /** Log in anew. */
  sessionOver: { code: 4401, reason: "the session is over" },
  fleetRemoved: { code: 4404, reason: "the fleet has been deleted" },
  notUnderstood: { code: 4400, reason: `only "${PING}" and "${ASK_FLEET}" are understood` },
} as const;

/** `null`: nothing that a page shows has changed. */
export function changesBetween(before: FleetDocument, after: FleetDocument): FleetChanges | null {
  const { workers: rowsBefore, ...partBefore } = before;
  const { workers: rowsAfter, ...partAfter } = after;
  const known = new Map(rowsBefore.map((row) => [row.instanceId, lasting(row)]));
  const there = new Set(rowsAfter.map(({ instanceId }) => instanceId));
  const workers = rowsAfter.filter((row) => known.get(row.instanceId) !== lasting(row));
  const gone = rowsBefore.map(({ instanceId }) => instanceId).filter((instanceId) => !there.has(instanceId));
  const marks = new Map(Object.entries(partBefore).map(([field, value]) => [field, lasting(value)]));
  const changed = Object.entries(partAfter).filter(
    ([field, value]) => field !== "spend" && marks.get(field) !== lasting(value),
  );
  if (workers.length + gone.length + changed.length === 0) return null;
  return { fleet: { ...Object.fromEntries(changed), spend: after.spend }, workers, gone };
}

/** Short, and the same for two documents without changes between them. */
export function markOf({ spend: _spend, ...fleet }: FleetDocument): string {
  return stableHash(lasting(fleet));
}

/** The value without what only time has changed. */
function lasting(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => (key === "ageSeconds" ? undefined : part));
}
