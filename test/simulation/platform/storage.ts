// An object's storage: SQLite in memory. What one step writes is one transaction, committed when the step ends; a crash
// in that step takes it back, together with everything that the step was about to send (the output gate).

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { copyOf } from "./copy.ts";

type Value = string | number | null;

interface Known {
  readonly statement: StatementSync;
  readonly isReading: boolean;
}

export class Storage {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, Known>();
  readonly #begins = this.#db.prepare("BEGIN");
  readonly #commits = this.#db.prepare("COMMIT");
  readonly #opensBlock = this.#db.prepare("SAVEPOINT block");
  readonly #closesBlock = this.#db.prepare("RELEASE block");
  readonly #values = new Map<string, unknown>();
  /** Values before this step, for a crash in it. */
  #before = new Map<string, unknown>();
  #isOpen = false;
  /** Grows with every step that has written something, and with every one taken back. */
  version = 0;
  #alarmAtMs: number | null = null;
  #alarmBeforeMs: number | null = null;

  readonly sql = {
    exec: <Row>(text: string, ...values: readonly Value[]) => {
      const { statement, isReading } = this.#statement(text);
      if (!isReading) this.#begin();
      const rows = statement.all(...values) as Row[];
      return { toArray: () => rows, one: () => rows[0], [Symbol.iterator]: () => rows[Symbol.iterator]() };
    },
  };

  readonly kv = {
    get: <T>(key: string): T | undefined => this.#values.get(key) as T | undefined,
    put: (key: string, value: unknown): void => {
      this.#remember(key);
      this.#values.set(key, frozen(copyOf(value)));
    },
    delete: (key: string): boolean => {
      this.#remember(key);
      return this.#values.delete(key);
    },
    list: (): [string, unknown][] => [...this.#values.entries()],
  };

  transactionSync<T>(work: () => T): T {
    this.#begin();
    this.#opensBlock.run();
    const values = new Map(this.#values);
    try {
      const result = work();
      this.#closesBlock.run();
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK TO block; RELEASE block");
      this.#values.clear();
      for (const [key, value] of values) this.#values.set(key, value);
      throw error;
    }
  }

  async getAlarm(): Promise<number | null> {
    return this.#alarmAtMs;
  }

  async setAlarm(atMs: number | Date): Promise<void> {
    this.#alarmAtMs = Number(atMs);
  }

  async deleteAlarm(): Promise<void> {
    this.#alarmAtMs = null;
  }

  async deleteAll(): Promise<void> {
    this.#begin();
    const tables = this.#db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    this.#statements.clear();
    for (const { name } of tables) if (!name.startsWith("sqlite_")) this.#db.exec(`DROP TABLE ${name}`);
    for (const key of this.#values.keys()) this.#remember(key);
    this.#values.clear();
    this.#alarmAtMs = null;
  }

  // --- for the platform -----------------------------------------------------------------------------------------------

  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  /** An alarm that has begun is no longer set. */
  takeAlarm(): void {
    this.#alarmAtMs = null;
    this.#alarmBeforeMs = null;
  }

  commit(): void {
    if (this.#isOpen || this.#before.size > 0) this.version += 1;
    if (this.#isOpen) this.#commits.run();
    this.#isOpen = false;
    this.#before.clear();
    this.#alarmBeforeMs = this.#alarmAtMs;
  }

  rollBack(): void {
    this.version += 1;
    if (this.#isOpen) this.#db.exec("ROLLBACK");
    this.#isOpen = false;
    // A table that this step made is gone, and with it every statement on it.
    this.#statements.clear();
    for (const [key, value] of this.#before) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    this.#before.clear();
    this.#alarmAtMs = this.#alarmBeforeMs;
  }

  /** Everything stored, as text: to look for secrets in it. */
  dump(): string {
    const tables = this.#db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as { name: string }[];
    const rows = tables.map(({ name }) => JSON.stringify(this.#db.prepare(`SELECT * FROM ${name}`).all()));
    return [JSON.stringify([...this.#values]), ...rows].join("\n");
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(text: string): Known {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = { statement: this.#db.prepare(text), isReading: /^\s*SELECT/i.test(text) };
    this.#statements.set(text, made);
    return made;
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#begins.run();
    this.#isOpen = true;
  }

  #remember(key: string): void {
    if (!this.#before.has(key)) this.#before.set(key, this.#values.get(key));
  }
}

/** A stored value is handed out as it is; one that the code changed by accident would be another bug unseen. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
