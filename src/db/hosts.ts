// Queries on `hosts`, and the blacklist that follows from it and from the strikes (design rule 12). What a person decides
// is written together with the event that says who did.

import { and, count, desc, eq, gt, gte, isNotNull, isNull, max, or, type SQL, sql, sum } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { FleetEvent } from "../fleet/event.ts";
import { isBlocked } from "../fleet/host-block.ts";
import { eventsInsert } from "./events.ts";
import { hosts, instances, strikeRefunds, strikes, throughput } from "./schema.ts";
import { connect, runTogether } from "./statements.ts";
import { type StrikeRefund, strikeRefundsInsert, type StrikeRow } from "./strikes.ts";

export interface Blacklist {
  /** Machines no fleet may rent, in order. */
  readonly blocked: number[];
  /** Strikes that count, by machine; a machine without one is not in it. */
  readonly strikesByMachine: Record<number, number>;
}

export interface BlacklistQuery {
  readonly nowMs: number;
  /** This many strikes block a machine. */
  readonly strikeLimit: number;
}

export interface BlockByHand {
  readonly machineId: number;
  readonly note: string | null;
}

/** What counts against machines now. */
export interface HostRecords {
  /** Neither expired nor refunded, newest first. */
  readonly strikes: readonly StrikeRow[];
  readonly blocks: readonly BlockByHand[];
}

export interface HostFacts {
  readonly gpu: string | null;
  /** The end of the last instance there; now, where one lives. */
  readonly lastSeenAtMs: number | null;
  readonly isInUse: boolean;
  /** Over all weights. */
  readonly gamesPerSecond: number | null;
}

/** Who is blocked, in one round trip: by hand, or by strikes neither expired nor refunded. */
export async function hostsListBlocked(db: D1Database, { nowMs, strikeLimit }: BlacklistQuery): Promise<Blacklist> {
  const connection = connect(db);
  const [counted, byHand] = await connection.batch([
    connection
      .select({ machineId: strikes.machineId, strikes: count() })
      .from(strikes)
      .leftJoin(strikeRefunds, eq(strikeRefunds.strikeId, strikes.id))
      .where(counts(nowMs))
      .groupBy(strikes.machineId),
    connection.select({ machineId: hosts.machineId }).from(hosts).where(eq(hosts.blockedByHand, true)),
  ]);
  const struck = counted.filter((row) => isBlocked(row.strikes, false, strikeLimit));
  const blocked = new Set([...struck, ...byHand].map(({ machineId }) => machineId));
  return {
    blocked: [...blocked].toSorted((a, b) => a - b),
    strikesByMachine: Object.fromEntries(counted.map((row) => [row.machineId, row.strikes])),
  };
}

/** The strikes that count and the blocks by hand, of one machine or of all, in one round trip. */
export async function hostsListRecords(
  db: D1Database,
  { nowMs, machineId }: { readonly nowMs: number; readonly machineId?: number | undefined },
): Promise<HostRecords> {
  const connection = connect(db);
  const isAsked = (column: SQLiteColumn): SQL | undefined =>
    machineId === undefined ? undefined : eq(column, machineId);
  const [counted, blocks] = await connection.batch([
    connection
      .select({ strike: strikes })
      .from(strikes)
      .leftJoin(strikeRefunds, eq(strikeRefunds.strikeId, strikes.id))
      .where(and(counts(nowMs), isAsked(strikes.machineId)))
      .orderBy(desc(strikes.atMs), desc(strikes.id)),
    connection
      .select({ machineId: hosts.machineId, note: hosts.note })
      .from(hosts)
      .where(and(eq(hosts.blockedByHand, true), isAsked(hosts.machineId))),
  ]);
  return { strikes: counted.map(({ strike }) => strike), blocks };
}

/** What ledger and throughput know of these machines since an instant, in one round trip. */
export async function hostsReadFacts(
  db: D1Database,
  { machineIds, sinceMs, nowMs }: { readonly machineIds: readonly number[]; sinceMs: number; nowMs: number },
): Promise<ReadonlyMap<number, HostFacts>> {
  const connection = connect(db);
  // One parameter for any number of machines.
  const isAsked = (column: SQLiteColumn): SQL =>
    sql`${column} in (select value from json_each(${JSON.stringify(machineIds)}))`;
  const [seen, rates] = await connection.batch([
    connection
      .select({
        machineId: instances.machineId,
        gpu: max(instances.gpu),
        lastSeenAtMs: sql<number>`max(coalesce(${instances.endedAtMs}, ${nowMs}))`,
        living: sql<number>`sum(${instances.endedAtMs} is null)`,
      })
      .from(instances)
      .where(
        and(
          or(isNull(instances.endedAtMs), gte(instances.endedAtMs, sinceMs)),
          isNotNull(instances.machineId),
          isAsked(instances.machineId),
        ),
      )
      .groupBy(instances.machineId),
    connection
      .select({
        machineId: throughput.machineId,
        gpu: max(throughput.gpu),
        rate: sql<number>`${sum(throughput.gamesPerSecondSum)} / ${sum(throughput.samples)}`,
      })
      .from(throughput)
      .where(and(gte(throughput.hourAtMs, sinceMs), gt(throughput.samples, 0), isAsked(throughput.machineId)))
      .groupBy(throughput.machineId),
  ]);
  const rateOf = new Map(rates.map((row) => [row.machineId, row]));
  const seenOf = new Map(seen.map((row) => [row.machineId, row]));
  return new Map(
    machineIds.map((machineId) => {
      const [box, rate] = [seenOf.get(machineId), rateOf.get(machineId)];
      const facts: HostFacts = {
        gpu: box?.gpu ?? rate?.gpu ?? null,
        lastSeenAtMs: box?.lastSeenAtMs ?? null,
        isInUse: (box?.living ?? 0) > 0,
        gamesPerSecond: rate?.rate ?? null,
      };
      return [machineId, facts];
    }),
  );
}

/** Blocks a machine whatever its strikes say. A later note replaces the one before. */
export async function hostsBlock(db: D1Database, { machineId, note }: BlockByHand, event: FleetEvent): Promise<void> {
  const connection = connect(db);
  const row = { machineId, note, blockedByHand: true, updatedAtMs: event.atMs };
  await runTogether(connection, [
    connection.insert(hosts).values(row).onConflictDoUpdate({ target: hosts.machineId, set: row }),
    ...eventsInsert(connection, [event]),
  ]);
}

/** Lifts a block by hand and takes these strikes back; strikes that come later count. */
export async function hostsPardon(
  db: D1Database,
  { machineId, refunds }: { readonly machineId: number; readonly refunds: readonly StrikeRefund[] },
  event: FleetEvent,
): Promise<void> {
  const connection = connect(db);
  await runTogether(connection, [
    connection
      .update(hosts)
      .set({ blockedByHand: null, note: null, updatedAtMs: event.atMs })
      .where(eq(hosts.machineId, machineId)),
    ...strikeRefundsInsert(connection, refunds),
    ...eventsInsert(connection, [event]),
  ]);
}

/** A strike joined with its refund counts until it expires, unless it was taken back. */
function counts(nowMs: number): SQL | undefined {
  return and(gt(strikes.expiresAtMs, nowMs), isNull(strikeRefunds.strikeId));
}
