// Queries on `idempotency`: which POST holds a key, and what was answered to it.

import { and, eq, lte, sql } from "drizzle-orm";
import { idempotency } from "./schema.ts";
import { connect } from "./statements.ts";

export interface KeyClaim {
  /** The name of the token that sent it: nobody is shown the answers of another. */
  readonly owner: string;
  readonly key: string;
  readonly fingerprint: string;
  /** Tells this request from another one with the same key. */
  readonly claimId: string;
  readonly claimedAtMs: number;
  readonly expiresAtMs: number;
}

export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface KeyHolder {
  readonly fingerprint: string;
  readonly claimId: string;
  readonly claimedAtMs: number;
  /** `null`: not answered yet, or the request died on the way. */
  readonly answer: StoredAnswer | null;
}

/** Claims the key unless another request holds it, and says who holds it now; expired rows go. One round trip. */
export async function idempotencyClaim(db: D1Database, claim: KeyClaim): Promise<KeyHolder> {
  const connection = connect(db);
  const isThisKey = and(eq(idempotency.owner, claim.owner), eq(idempotency.key, claim.key));
  const [, , rows] = await connection.batch([
    connection.delete(idempotency).where(lte(idempotency.expiresAtMs, claim.claimedAtMs)),
    connection.insert(idempotency).values(claim).onConflictDoNothing(),
    connection.select().from(idempotency).where(isThisKey),
  ]);
  const [row] = rows;
  if (row === undefined) throw new Error("a claimed Idempotency-Key has no row");
  const { fingerprint, claimId, claimedAtMs, status, headers, body } = row;
  const isAnswered = status !== null && headers !== null && body !== null;
  return { fingerprint, claimId, claimedAtMs, answer: isAnswered ? { status, headers, body } : null };
}

/** Keeps the answer for whoever comes with the same key; only the request that holds the claim may. */
export async function idempotencyAnswer(db: D1Database, claim: KeyClaim, answer: StoredAnswer): Promise<void> {
  await connect(db).update(idempotency).set(answer).where(isHeldBy(claim));
}

/** Gives the key back: the request was refused and changed nothing. */
export async function idempotencyRelease(db: D1Database, claim: KeyClaim): Promise<void> {
  await connect(db)
    .delete(idempotency)
    .where(and(isHeldBy(claim), sql`${idempotency.status} is null`));
}

function isHeldBy({ owner, key, claimId }: KeyClaim) {
  return and(eq(idempotency.owner, owner), eq(idempotency.key, key), eq(idempotency.claimId, claimId));
}
