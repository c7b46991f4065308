// A table of JSON documents of which several share a row, because every row written is billed and the documents of many
// workers change at one instant (platform reference §2: 100 fleets of 100 workers in one row each would cost a hundred
// times the plan). Within a block each row is written once, at its end.

/** Rows are named apart from the documents that a table with one document a row was keyed by; those are packed when met. */
const ROW_PREFIX = "~";

/** What writes at the end of a block, once. */
export interface Blockwise {
  beginBlock(): void;
  endBlock(): void;
  /** What is stored may differ from what was last read here: a block was rolled back, or another hand wrote. */
  reread(): void;
}

interface Document<T> {
  readonly value: T;
  readonly json: string;
}

interface Row<T> {
  readonly documents: Map<string, Document<T>>;
  /** The text that the documents were read from or written as. */
  json: string;
  isChanged: boolean;
}

export class PackedTable<T> implements Blockwise {
  readonly #sql: SqlStorage;
  readonly #table: string;
  readonly #perRow: number;
  /** The rows as they are stored, or will be at the end of the block. The object is their only writer. */
  #rows: Map<string, Row<T>> | null = null;
  /** What was known of the rows before they are read again: a row whose text is the same is not parsed anew. */
  #before: ReadonlyMap<string, Row<T>> = new Map();
  #rowOf = new Map<string, string>();
  #isInBlock = false;

  /** `table` is a name of ours, never text from outside. */
  constructor(sql: SqlStorage, table: string, perRow: number) {
    this.#sql = sql;
    this.#table = table;
    this.#perRow = perRow;
    sql.exec(`CREATE TABLE IF NOT EXISTS ${table} (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID`);
  }

  entries(): readonly (readonly [string, T])[] {
    const all = [...this.#load().values()].flatMap(({ documents }) => [...documents]);
    return all.map(([key, { value }]) => [key, value] as const).toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  keys(): readonly string[] {
    return this.entries().map(([key]) => key);
  }

  list(): readonly T[] {
    return this.entries().map(([, value]) => value);
  }

  get(key: string): T | null {
    return this.#document(key)?.value ?? null;
  }

  put(key: string, value: T): void {
    const json = JSON.stringify(value);
    if (this.#document(key)?.json === json) return;
    const name = this.#rowOf.get(key) ?? this.#rowWithRoom();
    const row = this.#load().get(name) ?? { documents: new Map<string, Document<T>>(), json: "", isChanged: true };
    // Kept as a reader would find it: what was handed in may still be in other hands.
    row.documents.set(key, { value: JSON.parse(json) as T, json });
    row.isChanged = true;
    this.#load().set(name, row);
    this.#rowOf.set(key, name);
    if (!this.#isInBlock) this.#write();
  }

  delete(key: string): void {
    const row = this.#load().get(this.#rowOf.get(key) ?? "");
    if (row === undefined) return;
    row.documents.delete(key);
    row.isChanged = true;
    this.#rowOf.delete(key);
    if (!this.#isInBlock) this.#write();
  }

  /** Makes the table hold exactly these values. */
  replaceAll(values: readonly T[], keyOf: (value: T) => string): void {
    const wanted = new Set(values.map(keyOf));
    for (const key of this.keys()) if (!wanted.has(key)) this.delete(key);
    for (const value of values) this.put(keyOf(value), value);
  }

  beginBlock(): void {
    this.#isInBlock = true;
  }

  endBlock(): void {
    this.#isInBlock = false;
    this.#write();
  }

  reread(): void {
    this.#before = this.#rows ?? this.#before;
    this.#rows = null;
    this.#rowOf = new Map();
    this.#isInBlock = false;
  }

  #document(key: string): Document<T> | undefined {
    return this.#load()
      .get(this.#rowOf.get(key) ?? "")
      ?.documents.get(key);
  }

  #rowWithRoom(): string {
    const rows = this.#load();
    for (const [name, { documents }] of rows) if (documents.size < this.#perRow) return name;
    for (let number = 0; ; number++) if (!rows.has(`${ROW_PREFIX}${number}`)) return `${ROW_PREFIX}${number}`;
  }

  #load(): Map<string, Row<T>> {
    if (this.#rows !== null) return this.#rows;
    const stored = this.#sql
      .exec<{ key: string; json: string }>(`SELECT key, json FROM ${this.#table} ORDER BY key`)
      .toArray();
    const isPacked = ({ key }: { readonly key: string }): boolean => key.startsWith(ROW_PREFIX);
    this.#rows = new Map(stored.filter(isPacked).map(({ key, json }) => [key, this.#rowFrom(key, json)]));
    for (const [name, { documents }] of this.#rows) for (const key of documents.keys()) this.#rowOf.set(key, name);
    const single = stored.filter((row) => !isPacked(row));
    if (single.length > 0) this.#pack(single);
    return this.#rows;
  }

  #rowFrom(name: string, json: string): Row<T> {
    const known = this.#before.get(name);
    if (known !== undefined && !known.isChanged && known.json === json) return known;
    const documents = Object.entries(JSON.parse(json) as Record<string, T>).map(
      ([key, value]) => [key, { value, json: JSON.stringify(value) }] as const,
    );
    return { documents: new Map(documents), json, isChanged: false };
  }

  /** Documents that an earlier version stored in a row each. */
  #pack(single: readonly { readonly key: string; readonly json: string }[]): void {
    const wasInBlock = this.#isInBlock;
    this.#isInBlock = true;
    for (const { key, json } of single) {
      this.put(key, JSON.parse(json) as T);
      this.#sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, key);
    }
    this.#isInBlock = wasInBlock;
    if (!wasInBlock) this.#write();
  }

  #write(): void {
    for (const [name, row] of this.#rows ?? []) {
      if (!row.isChanged) continue;
      row.isChanged = false;
      if (row.documents.size === 0) {
        this.#rows?.delete(name);
        this.#sql.exec(`DELETE FROM ${this.#table} WHERE key = ?`, name);
        continue;
      }
      const documents = [...row.documents].map(([key, document]) => `${JSON.stringify(key)}:${document.json}`);
      row.json = `{${documents.join(",")}}`;
      this.#sql.exec(
        `INSERT INTO ${this.#table} (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json`,
        name,
        row.json,
      );
    }
  }
}
