// Order of rows. What was not measured stands last whichever way one sorts: unknown is neither best nor worst.

export type Direction = "up" | "down";
export type Key = number | string | null | undefined;

export interface Order<Column extends string> {
  readonly column: Column;
  readonly direction: Direction;
}

export function sortRows<Row>(rows: readonly Row[], keyOf: (row: Row) => Key, direction: Direction): Row[] {
  const sign = direction === "up" ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [keyOf(a) ?? null, keyOf(b) ?? null];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    return sign * String(left).localeCompare(String(right), "en", { numeric: true });
  });
}

/** The same column again turns it round; another begins in its own natural direction. */
export function nextOrder<Column extends string>(
  now: Order<Column>,
  column: Column,
  natural: Direction,
): Order<Column> {
  if (now.column !== column) return { column, direction: natural };
  return { column, direction: now.direction === "up" ? "down" : "up" };
}
