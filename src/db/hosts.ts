// Queries on `hosts`, and the blacklist that follows from it and from the strikes (design rule 12).

import { and, count, eq, gt, isNotNull, isNull } from "drizzle-orm";
import { hosts, strikeRefunds, strikes } from "./schema.ts";
import { connect } from "./statements.ts";

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

export interface HostDecision {
  readonly machineId: number;
  /** `null`: the strikes decide again. */
  readonly blockedByHand: boolean | null;
  readonly note: string | null;
  readonly updatedAtMs: number;
}

/** Who is blocked, in one round trip: a decision made by hand, else the strikes neither expired nor refunded. */
export async function hostsListBlocked(db: D1Database, { nowMs, strikeLimit }: BlacklistQuery): Promise<Blacklist> {
  const connection = connect(db);
  const [counted, decided] = await connection.batch([
    connection
      .select({ machineId: strikes.machineId, strikes: count() })
      .from(strikes)
      .leftJoin(strikeRefunds, eq(strikeRefunds.strikeId, strikes.id))
      .where(and(gt(strikes.expiresAtMs, nowMs), isNull(strikeRefunds.strikeId)))
      .groupBy(strikes.machineId),
    connection
      .select({ machineId: hosts.machineId, isBlocked: hosts.blockedByHand })
      .from(hosts)
      .where(isNotNull(hosts.blockedByHand)),
  ]);
  const struck = counted.filter((row) => row.strikes >= strikeLimit).map((row) => row.machineId);
  const allowed = new Set(decided.filter((row) => !row.isBlocked).map((row) => row.machineId));
  const forbidden = decided.filter((row) => row.isBlocked).map((row) => row.machineId);
  const blocked = new Set([...struck.filter((machineId) => !allowed.has(machineId)), ...forbidden]);
  return {
    blocked: [...blocked].toSorted((a, b) => a - b),
    strikesByMachine: Object.fromEntries(counted.map((row) => [row.machineId, row.strikes])),
  };
}

/** Writes down what a person decided about a machine; the facts known of it stay. */
export async function hostsDecide(db: D1Database, decision: HostDecision): Promise<void> {
  const connection = connect(db);
  await connection.insert(hosts).values(decision).onConflictDoUpdate({ target: hosts.machineId, set: decision });
}
