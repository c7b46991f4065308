// Counts every row that is written or read, as it is billed: in D1 by what each answer says of itself, in the objects by
// what each statement, key and alarm writes and reads. Puts itself between the code and the platform's own methods, once per
// run.

import { env } from "cloudflare:workers";

export interface Rows {
  d1Written: number;
  d1Read: number;
  tablesWritten: number;
  keysWritten: number;
  alarms: number;
  objectsRead: number;
  /** Of those written, the account's, which all fleets of a deployment share. */
  accountWritten: number;
  accountRead: number;
}

export const rows: Rows = {
  d1Written: 0,
  d1Read: 0,
  tablesWritten: 0,
  keysWritten: 0,
  alarms: 0,
  objectsRead: 0,
  accountWritten: 0,
  accountRead: 0,
};

/** What belongs to the account's object. */
const account = new Set<unknown>();

/** From inside the account's object. */
export function tellAccountApart(storage: DurableObjectStorage): void {
  for (const part of [storage, storage.sql, storage.kv]) account.add(part);
}

type Written = "tablesWritten" | "keysWritten" | "alarms";

function addWritten(kind: Written, count: number, by: unknown): void {
  rows[kind] += count;
  if (account.has(by)) rows.accountWritten += count;
}

function addRead(count: number, by: unknown): void {
  rows.objectsRead += count;
  if (account.has(by)) rows.accountRead += count;
}

export function rowsSince(before: Rows): Rows {
  const names = Object.keys(rows) as (keyof Rows)[];
  return Object.fromEntries(names.map((name) => [name, rows[name] - before[name]])) as unknown as Rows;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces a method of the object's prototype by one that also looks at its answer. */
function watch(object: object, name: string, seen: (answer: unknown, by: unknown) => void): void {
  const prototype = Object.getPrototypeOf(object) as Record<string, Method>;
  const original = prototype[name];
  if (original === undefined) throw new Error(`there is no method ${name} to count by`);
  prototype[name] = function (...args) {
    const answer = Reflect.apply(original, this, args);
    seen(answer, this);
    return answer;
  };
}

interface Answered {
  readonly meta?: { readonly rows_written?: number; readonly rows_read?: number };
}

export function countD1Rows(): void {
  const count = (results: unknown): void => {
    for (const { meta } of [results].flat() as Answered[]) {
      rows.d1Written += meta?.rows_written ?? 0;
      rows.d1Read += meta?.rows_read ?? 0;
    }
  };
  // A failed write has written nothing; whoever asked hears of it.
  const add = (answer: unknown): void => void (answer as Promise<unknown>).then(count, () => undefined);
  watch(env.DB, "batch", add);
  const statement = env.DB.prepare("select 1");
  const prototype = Object.getPrototypeOf(statement) as Record<string, Method>;
  const { all, raw } = prototype;
  if (all === undefined || raw === undefined) throw new Error("there are no methods to count by");
  watch(statement, "run", add);
  watch(statement, "all", add);
  // This way of reading says nothing of itself: the same statement, which only reads, is asked once more.
  prototype["raw"] = async function (...args) {
    count(await Reflect.apply(all, this, []));
    return Reflect.apply(raw, this, args);
  };
}

/** From inside any object: all objects of a test share their prototypes. */
export function countObjectRows(storage: DurableObjectStorage): void {
  watch(storage.sql, "exec", (answer, by) => {
    const cursor = answer as SqlStorageCursor<never>;
    addWritten("tablesWritten", cursor.rowsWritten, by);
    // Rows are read as they are taken, which is done by the end of the step.
    queueMicrotask(() => addRead(cursor.rowsRead, by));
  });
  watch(storage.kv, "get", (_, by) => addRead(1, by));
  watch(storage.kv, "put", (_, by) => addWritten("keysWritten", 1, by));
  watch(storage.kv, "delete", (_, by) => addWritten("keysWritten", 1, by));
  watch(storage, "setAlarm", (_, by) => addWritten("alarms", 1, by));
}
