// A table of JSON documents by key in an object's SQLite. Rows are written only when they differ, because every row
// written is billed (platform reference §2).

export class DocumentTable<T> {
  readonly #sql: SqlStorage;
  readonly #table: string;

  /** `table` is a name of ours, never text from outside. */
  constructor(sql: SqlStorage, table: string) {
    this.#sql = sql;
    this.#table = table;
    sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`);
  }

  entries(): readonly (readonly [string, T])[] {
    const rows = this.#sql
      .exec<{ key: string; json: string }>(`SELECT key, json FROM ${this.#table} ORDER BY key`)
      .toArray();
    return rows.map(({ key, json }) => [key, JSON.parse(json) as T]);
  }

  keys(): readonly string[] {
    return this.#sql
      .exec<{ key: string }>(`SELECT key FROM ${this.#table} ORDER BY key`)
      .toArray()
      .map(({ key }) => key);
  }

  list(): readonly T[] {
    return this.entries().map(([, value]) => value);
  }

  get(key: string): T | null {
    const [row] = this.#sql.exec<{ json: string }>(`SELECT json FROM ${this.#table} WHERE key = ?`, key).toArray();
    return row === undefined ? null : (JSON.parse(row.json) as T);
  }

  put(key: string, value: T): void {
    const json = JSON.stringify(value);
    const [row] = this.#sql.exec<{ json: string }>(`SELECT json FROM ${this.#table} WHERE key = ?`, key).toArray();
    if (row?.json === json) return;
    this.#sql.exec(
      `INSERT INTO ${this.#table} (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json`,
      key,
      json,
    );
  }

  delete(key: string): void {
    this.#sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, key);
  }

  /** Makes the table hold exactly these values. */
  replaceAll(values: readonly T[], keyOf: (value: T) => string): void {
    const wanted = new Set(values.map(keyOf));
    for (const key of this.keys()) if (!wanted.has(key)) this.delete(key);
    for (const value of values) this.put(keyOf(value), value);
  }
}
