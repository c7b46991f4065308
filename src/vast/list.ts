// The instance list of the account, page by page. A list is whole or it is not ok: nothing here turns a failed or
// partial page into fewer instances. Whether rows and total together prove anything is judged in fleet/sweep.ts.

import type { Instance } from "../fleet/instance.ts";
import { ok, type Result } from "../fleet/result.ts";
import type { VastCaller } from "./call.ts";
import { toInstance } from "./convert.ts";
import { describeFailure, type VastFailure } from "./errors.ts";
import { instancePageSchema } from "./schema.ts";

/** The server's own maximum; more is clamped silently (Vast API reference §4). */
const PAGE_ROWS = 25;
/** 1,500 instances; a list that does not end by then is a server that repeats itself. */
const PAGES_MAX = 60;

export interface ListPage {
  readonly rows: readonly Instance[];
  /** `null` on the last page. */
  readonly nextToken: string | null;
  /** `total_instances`: how many the account has. */
  readonly total: number;
  /** Rows of this page as they came. */
  readonly found: number;
}

/** A sweep's reading before the account is known: the same two arms as `SweepReading`. */
export type ListReading =
  | {
      readonly ok: true;
      readonly begunAtMs: number;
      readonly endedAtMs: number;
      /** `total_instances` of the last page; may differ from the number of rows. */
      readonly totalInstances: number;
      /** Each instance once. */
      readonly rows: readonly Instance[];
    }
  | {
      readonly ok: false;
      readonly begunAtMs: number;
      readonly endedAtMs: number;
      readonly reason: string;
      /** The failed call; `null` where every page came and together they made no list. */
      readonly failure: VastFailure | null;
    };

export async function readListPage(
  caller: VastCaller,
  afterToken: string | null,
): Promise<Result<ListPage, VastFailure>> {
  const query = {
    limit: String(PAGE_ROWS),
    order_by: JSON.stringify([{ col: "id", dir: "asc" }]),
    ...(afterToken === null ? {} : { after_token: afterToken }),
  };
  const page = await caller.read(
    { route: "list", method: "GET", path: "/api/v1/instances/", query },
    instancePageSchema,
  );
  if (!page.ok) return page;
  const { instances, next_token: nextToken, total_instances: total } = page.value;
  return ok({ rows: instances.map(toInstance), nextToken, total, found: instances.length });
}

/** Reads the whole list; once more from the start where the total moved between two pages, then gives up. */
export async function readList(caller: VastCaller): Promise<ListReading> {
  const first = await readOnce(caller);
  return first.ok || !first.hasMoved ? withoutMove(first) : withoutMove(await readOnce(caller));
}

type Attempt =
  | Extract<ListReading, { ok: true }>
  | (Extract<ListReading, { ok: false }> & { readonly hasMoved: boolean });

function withoutMove(attempt: Attempt): ListReading {
  if (attempt.ok) return attempt;
  const { hasMoved: _hasMoved, ...reading } = attempt;
  return reading;
}

async function readOnce(caller: VastCaller): Promise<Attempt> {
  const begunAtMs = caller.now();
  const fail = (reason: string, failure: VastFailure | null = null, hasMoved = false): Attempt => {
    return { ok: false, begunAtMs, endedAtMs: caller.now(), reason, failure, hasMoved };
  };
  const rows = new Map<number, Instance>();
  const tokens = new Set<string>();
  let token: string | null = null;
  let total: number | null = null;
  for (let pageNumber = 1; pageNumber <= PAGES_MAX; pageNumber += 1) {
    let page: Result<ListPage, VastFailure> = await readListPage(caller, token);
    // The pace has learnt from the refusal, and lets it wait: one page asked for too early costs no list.
    if (!page.ok && page.error.kind === "rate-limited") page = await readListPage(caller, token);
    if (!page.ok) return fail(`page ${pageNumber} of the instance list: ${describeFailure(page.error)}`, page.error);
    const { nextToken } = page.value;
    if (total !== null && total !== page.value.total) {
      return fail(
        `the number of instances moved while the list was read (${total}, then ${page.value.total})`,
        null,
        true,
      );
    }
    total = page.value.total;
    for (const row of page.value.rows) {
      if (!rows.has(row.instanceId)) rows.set(row.instanceId, row);
    }
    if (nextToken === null)
      return { ok: true, begunAtMs, endedAtMs: caller.now(), totalInstances: total, rows: [...rows.values()] };
    if (tokens.has(nextToken)) return fail("the instance list repeats a page");
    tokens.add(nextToken);
    token = nextToken;
  }
  return fail(`the instance list did not end within ${PAGES_MAX} pages`);
}
