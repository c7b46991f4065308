// Counts every row that is written, as it is billed: in D1 by what each answer says of itself, in the objects by what each
// statement, key and alarm writes. Puts itself between the code and the platform's own methods, once per run.

import { env } from "cloudflare:workers";

interface Counts {
  d1: number;
  objectTables: number;
  objectKeys: number;
  alarms: number;
}

export const rowsWritten: Counts = { d1: 0, objectTables: 0, objectKeys: 0, alarms: 0 };

type Method = (this: unknown, ...args: unknown[]) => unknown;

interface Written {
  readonly meta?: { readonly rows_written?: number };
}

/** Replaces a method of the object's prototype by one that also looks at its answer. */
function watch(object: object, name: string, seen: (answer: unknown) => void): void {
  const prototype = Object.getPrototypeOf(object) as Record<string, Method>;
  const original = prototype[name];
  if (original === undefined) throw new Error(`there is no method ${name} to count by`);
  prototype[name] = function (...args) {
    const answer = Reflect.apply(original, this, args);
    seen(answer);
    return answer;
  };
}

export function countD1Rows(): void {
  const add = (answer: unknown): void => {
    const count = (results: unknown): void => {
      for (const result of [results].flat() as Written[]) rowsWritten.d1 += result.meta?.rows_written ?? 0;
    };
    // A failed write has written nothing; whoever asked hears of it.
    (answer as Promise<unknown>).then(count, () => undefined);
  };
  watch(env.DB, "batch", add);
  const statement = env.DB.prepare("select 1");
  watch(statement, "run", add);
  watch(statement, "all", add);
}

/** From inside any object: all objects of a test share their prototypes. */
export function countObjectRows(storage: DurableObjectStorage): void {
  watch(
    storage.sql,
    "exec",
    (cursor) => void (rowsWritten.objectTables += (cursor as SqlStorageCursor<never>).rowsWritten),
  );
  watch(storage.kv, "put", () => void (rowsWritten.objectKeys += 1));
  watch(storage.kv, "delete", () => void (rowsWritten.objectKeys += 1));
  watch(storage, "setAlarm", () => void (rowsWritten.alarms += 1));
}
