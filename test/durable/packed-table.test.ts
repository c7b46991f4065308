import { describe, expect, it } from "vitest";
import { PackedTable } from "../../src/durable/packed-table.ts";
import { fleetObject, inStorage } from "../support/world.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => String(1000 + index));

function rowsOf(sql: SqlStorage): readonly string[] {
  return sql
    .exec<{ key: string }>("SELECT key FROM things ORDER BY key")
    .toArray()
    .map(({ key }) => key);
}

describe("PackedTable", () => {
  it("keeps several documents a row, and gives them back in the order of their keys", async () => {
    await inStorage(fleetObject("packed"), ({ sql }) => {
      const table = new PackedTable<{ n: string }>(sql, "things", 2);
      for (const name of names(5).toReversed()) table.put(name, { n: name });
      expect(rowsOf(sql)).toHaveLength(3);
      expect(table.keys()).toEqual(names(5));
      expect(table.get("1003")).toEqual({ n: "1003" });
      expect(new PackedTable<{ n: string }>(sql, "things", 2).list()).toEqual(names(5).map((n) => ({ n })));
    });
  });

  it("writes a row once in a block, and not at all for what it holds already", async () => {
    await inStorage(fleetObject("counted"), ({ sql }) => {
      const table = new PackedTable<number>(sql, "things", 10);
      const changes = (): number => sql.exec<{ n: number }>("SELECT total_changes() AS n").one().n;
      table.beginBlock();
      for (const name of names(10)) table.put(name, 1);
      const before = changes();
      table.endBlock();
      expect(changes() - before).toBe(1);
      table.put("1004", 1);
      expect(changes() - before).toBe(1);
      table.put("1004", 2);
      expect(changes() - before).toBe(2);
    });
  });

  it("gives room to new documents where old ones have left, and drops an empty row", async () => {
    await inStorage(fleetObject("room"), ({ sql }) => {
      const table = new PackedTable<number>(sql, "things", 2);
      for (const name of names(4)) table.put(name, 1);
      table.delete("1000");
      table.put("2000", 1);
      expect(rowsOf(sql)).toHaveLength(2);
      table.replaceAll([7], () => "1002");
      expect([rowsOf(sql).length, table.entries()]).toEqual([1, [["1002", 7]]]);
    });
  });

  it("takes over documents that an earlier version stored in a row each", async () => {
    await inStorage(fleetObject("older"), ({ sql }) => {
      sql.exec("CREATE TABLE things (key TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID");
      for (const name of names(3))
        sql.exec("INSERT INTO things (key, json) VALUES (?, ?)", name, JSON.stringify({ name }));
      const table = new PackedTable<{ name: string }>(sql, "things", 10);
      expect(table.get("1001")).toEqual({ name: "1001" });
      expect(rowsOf(sql)).toEqual(["~0"]);
      expect(new PackedTable(sql, "things", 10).keys()).toEqual(names(3));
    });
  });

  it("reads again what is stored when a block was rolled back", async () => {
    await inStorage(fleetObject("rolled-back"), (storage) => {
      const table = new PackedTable<number>(storage.sql, "things", 10);
      table.put("1000", 1);
      const failing = (): void =>
        storage.transactionSync(() => {
          table.beginBlock();
          table.put("1000", 2);
          table.endBlock();
          throw new Error("no");
        });
      expect(failing).toThrow("no");
      table.reread();
      expect(table.get("1000")).toBe(1);
    });
  });
});
