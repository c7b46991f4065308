// D1 on SQLite in memory, for what Drizzle's driver calls. It may be down, hang, or take a batch and lose the answer.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Platform } from "./platform.ts";

type Value = string | number | null;
export type D1Trouble = "down" | "hangs" | "answer-lost";

const PARAMETERS_MAX = 100;
const MIGRATIONS = join(import.meta.dirname, "../../../drizzle");

let schema: string | null = null;

/** Every migration, in order. */
function readSchema(): string {
  schema ??= readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => readFileSync(join(MIGRATIONS, name), "utf8"))
    .join("\n");
  return schema;
}

export class FakeD1 {
  readonly db = new DatabaseSync(":memory:");
  trouble: D1Trouble | null = null;
  readonly #platform: Platform;
  readonly #statements = new Map<string, StatementSync>();

  constructor(platform: Platform) {
    this.#platform = platform;
    this.db.exec(readSchema());
  }

  prepare(text: string): FakeStatement {
    return new FakeStatement(this, text, []);
  }

  statement(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const made = this.db.prepare(text);
    this.#statements.set(text, made);
    return made;
  }

  /** All or none. */
  async batch(statements: readonly FakeStatement[]): Promise<readonly unknown[]> {
    return this.call(() => {
      this.db.exec("BEGIN");
      try {
        const results = statements.map((statement) => statement.runNow());
        this.db.exec("COMMIT");
        return results;
      } catch (error) {
        this.db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  call<T>(work: () => T): Promise<T> {
    return this.#platform.call("d1", () => {
      switch (this.trouble) {
        case "down":
          throw new Error("D1_ERROR: the database is not available");
        case "hangs":
          return new Promise<T>(() => undefined);
        case "answer-lost":
          work();
          throw new Error("D1_ERROR: Network connection lost");
        default:
          return work();
      }
    });
  }
}

class FakeStatement {
  readonly #d1: FakeD1;
  readonly #text: string;
  readonly #values: readonly Value[];

  constructor(d1: FakeD1, text: string, values: readonly Value[]) {
    this.#d1 = d1;
    this.#text = text;
    this.#values = values;
  }

  bind(...values: readonly unknown[]): FakeStatement {
    if (values.length > PARAMETERS_MAX) throw new Error("D1_ERROR: too many SQL variables");
    return new FakeStatement(
      this.#d1,
      this.#text,
      values.map((value) => (typeof value === "boolean" ? Number(value) : (value as Value))),
    );
  }

  runNow(): { success: true; results: Record<string, unknown>[]; meta: object } {
    const results = this.#d1.statement(this.#text).all(...this.#values) as Record<string, unknown>[];
    return { success: true, results: results.map((row) => ({ ...row })), meta: {} };
  }

  all(): Promise<unknown> {
    return this.#d1.call(() => this.runNow());
  }

  run(): Promise<unknown> {
    return this.#d1.call(() => this.runNow());
  }

  raw(): Promise<unknown[][]> {
    return this.#d1.call(() => {
      const statement = this.#d1.statement(this.#text);
      statement.setReturnArrays(true);
      try {
        return statement.all(...this.#values) as unknown as unknown[][];
      } finally {
        statement.setReturnArrays(false);
      }
    });
  }

  first(column?: string): Promise<unknown> {
    return this.#d1.call(() => {
      const row = this.runNow().results[0];
      return column === undefined ? (row ?? null) : (row?.[column] ?? null);
    });
  }
}
