// Hosts as their doors show them (design §6): what counts against a machine now, and what is known of it besides.

import { type HostFacts, type HostRecords, hostsListRecords, hostsReadFacts } from "../db/hosts.ts";
import type { StrikeRecord, StrikeRow } from "../db/strikes.ts";
import { blockedUntilMs, isBlocked } from "../fleet/host-block.ts";
import { resolveSpec } from "../fleet/spec.ts";
import { DAY_MS, iso, isoOrNull, shortTime } from "./history.ts";
import type { Column } from "./table.ts";

/** A fleet may have another limit and judges by its own; these are the defaults that all begin with. */
export const { strikeLimit, strikeExpiryDays } = resolveSpec("zeb", {}, null);
/** Facts come from the last 30 days: as long as a strike counts. */
const FACTS_DAYS = 30;
const REASONS_MAX = 10;

export interface HostDocument {
  readonly machineId: number;
  /** Those that count. */
  readonly strikes: number;
  readonly blocked: boolean;
  /** Newest first. */
  readonly reasons: readonly string[];
  readonly blockedByHand: boolean;
  readonly note: string | null;
  /** When the strikes will block no more; `null`: they do not, or a hand does. */
  readonly blockedUntil: string | null;
  /** When the next strike stops counting. */
  readonly nextExpiryAt: string | null;
  readonly lastStrikeAt: string | null;
  readonly gpu: string | null;
  readonly gamesPerSecond: number | null;
  readonly lastSeenAt: string | null;
  readonly isInUse: boolean;
}

/** A host before its facts are read. */
export interface HostCase {
  readonly machineId: number;
  readonly strikes: readonly StrikeRow[];
  readonly isByHand: boolean;
  readonly note: string | null;
}

export const hostColumns: readonly Column[] = [
  { head: "Machine", width: 8, align: "right" },
  { head: "Blocked", width: 8 },
  { head: "Strikes", width: 7, align: "right" },
  { head: "Until", width: 20 },
  { head: "GPU", width: 15 },
  { head: "games/s", width: 7, align: "right" },
  { head: "Last seen", width: 20 },
  { head: "Why", width: 20 },
];

/** Every machine that something counts against: blocked ones first, then most strikes, then the newest. */
export function hostCases({ strikes, blocks }: HostRecords): HostCase[] {
  const cases = new Map<number, HostCase & { readonly strikes: StrikeRow[] }>();
  for (const { machineId, note } of blocks) cases.set(machineId, { machineId, strikes: [], isByHand: true, note });
  for (const strike of strikes) {
    const known = cases.get(strike.machineId);
    if (known === undefined) cases.set(strike.machineId, { ...freeCase(strike.machineId), strikes: [strike] });
    else known.strikes.push(strike);
  }
  return [...cases.values()].toSorted(
    (a, b) =>
      Number(isCaseBlocked(b)) - Number(isCaseBlocked(a)) ||
      b.strikes.length - a.strikes.length ||
      (b.strikes[0]?.atMs ?? 0) - (a.strikes[0]?.atMs ?? 0) ||
      a.machineId - b.machineId,
  );
}

export function isCaseBlocked({ strikes, isByHand }: HostCase): boolean {
  return isBlocked(strikes.length, isByHand, strikeLimit);
}

export async function readCase(db: D1Database, machineId: number): Promise<HostCase> {
  const [found] = hostCases(await hostsListRecords(db, { nowMs: Date.now(), machineId }));
  return found ?? freeCase(machineId);
}

/** Reads what else is known of these machines. */
export async function readHostDocuments(db: D1Database, cases: readonly HostCase[]): Promise<HostDocument[]> {
  const nowMs = Date.now();
  const machineIds = cases.map(({ machineId }) => machineId);
  const facts = await hostsReadFacts(db, { machineIds, sinceMs: nowMs - FACTS_DAYS * DAY_MS, nowMs });
  return cases.map((host) => hostDocument(host, facts.get(host.machineId)));
}

export function strikeDocument({ atMs, expiresAtMs, refundedAtMs, ...strike }: StrikeRecord, nowMs: number) {
  return {
    ...strike,
    at: iso(atMs),
    expiresAt: iso(expiresAtMs),
    refundedAt: isoOrNull(refundedAtMs),
    counts: refundedAtMs === null && expiresAtMs > nowMs,
  };
}

export function hostCells(host: HostDocument): string[] {
  const until = host.blockedUntil ?? (host.blocked ? null : host.nextExpiryAt);
  return [
    String(host.machineId),
    host.blockedByHand ? "by hand" : host.blocked ? "yes" : "no",
    String(host.strikes),
    shortTime(until),
    host.gpu ?? "-",
    host.gamesPerSecond?.toFixed(1) ?? "-",
    host.isInUse ? "in use" : shortTime(host.lastSeenAt),
    [host.note, host.reasons[0]].find((why) => why !== null && why !== undefined) ?? "-",
  ];
}

function freeCase(machineId: number): HostCase {
  return { machineId, strikes: [], isByHand: false, note: null };
}

function hostDocument(host: HostCase, facts: HostFacts | undefined): HostDocument {
  const { machineId, strikes, isByHand, note } = host;
  const expiries = strikes.map(({ expiresAtMs }) => expiresAtMs);
  return {
    machineId,
    strikes: strikes.length,
    blocked: isCaseBlocked(host),
    reasons: strikes.slice(0, REASONS_MAX).map(({ reason }) => reason),
    blockedByHand: isByHand,
    note,
    blockedUntil: isByHand ? null : isoOrNull(blockedUntilMs(expiries, strikeLimit)),
    nextExpiryAt: expiries.length === 0 ? null : iso(Math.min(...expiries)),
    lastStrikeAt: isoOrNull(strikes[0]?.atMs ?? null),
    gpu: facts?.gpu ?? null,
    gamesPerSecond: facts?.gamesPerSecond ?? null,
    lastSeenAt: isoOrNull(facts?.lastSeenAtMs ?? null),
    isInUse: facts?.isInUse ?? false,
  };
}
