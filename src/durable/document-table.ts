// A table of JSON documents by key in an object's SQLite. Rows are written only when they differ, because every row
// written is billed (platform reference §2).

export class DocumentTable<T> {
  /** What a row's text was read as; good for as long as the row holds that very text. */
  readonly #read = new Map<string, { readonly json: string; readonly value: T }>();
  readonly #sql: SqlStorage;
  readonly #table: string;

  /** `table` is a name of ours, never text from outside. */
  constructor(sql: SqlStorage, table: string) {
    this.#sql = sql;
    this.#table = table;
    sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`);
  }

  entries(): readonly (readonly [string, T])[] {
    return this.#rows().map(({ key, json }) => [key, this.#valueOf(key, json)]);
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
    return row === undefined ? null : this.#valueOf(key, row.json);
  }

  put(key: string, value: T): void {
    this.#write(key, JSON.stringify(value));
  }

  delete(key: string): void {
    this.#read.delete(key);
    this.#sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, key);
  }

  /** Makes the table hold exactly these values. */
  replaceAll(values: readonly T[], keyOf: (value: T) => string): void {
    const rows = this.#rows();
    const known = new Map(rows.map(({ key, json }) => [key, json]));
    const wanted = new Map(values.map((value) => [keyOf(value), JSON.stringify(value)]));
    for (const { key } of rows) if (!wanted.has(key)) this.delete(key);
    for (const [key, json] of wanted) if (known.get(key) !== json) this.#write(key, json);
  }

  #rows(): readonly { readonly key: string; readonly json: string }[] {
    return this.#sql.exec<{ key: string; json: string }>(`SELECT key, json FROM ${this.#table} ORDER BY key`).toArray();
  }

  #write(key: string, json: string): void {
    this.#sql.exec(
      `INSERT INTO ${this.#table} (key, json) VALUES (?, ?)
      ON CONFLICT (key) DO UPDATE SET json = excluded.json WHERE json <> excluded.json`,
      key,
      json,
    );
  }

  /** Values are readonly: each is read from its text once, and handed out again until the text changes. */
  #valueOf(key: string, json: string): T {
    const known = this.#read.get(key);
    if (known?.json === json) return known.value;
    const value = JSON.parse(json) as T;
    this.#read.set(key, { json, value });
    return value;
  }
}
