// Heads of a table that one can sort by.

import type { Direction, Order } from "../view/sort.ts";
import { nextOrder } from "../view/sort.ts";

export interface Head<Column extends string> {
  readonly column: Column | null;
  readonly label: string;
  readonly isNumber?: boolean;
  readonly natural?: Direction;
  /** Told to a screen reader where the head has no words. */
  readonly hidden?: string;
}

export function SortHeads<Column extends string>(props: {
  readonly heads: readonly Head<Column>[];
  readonly order: Order<Column>;
  readonly onOrder: (order: Order<Column>) => void;
}) {
  const { heads, order, onOrder } = props;
  return (
    <thead>
      <tr>
        {heads.map(({ column, label, isNumber = false, natural = "up", hidden }) => {
          const isSorted = column !== null && order.column === column;
          const ariaSort = isSorted ? (order.direction === "up" ? "ascending" : "descending") : undefined;
          return (
            <th key={label + (hidden ?? "")} scope="col" class={isNumber ? "number" : ""} aria-sort={ariaSort}>
              {column === null ? (
                label === "" ? (
                  <span class="sr-only">{hidden}</span>
                ) : (
                  label
                )
              ) : (
                <button type="button" class="sort" onClick={() => onOrder(nextOrder(order, column, natural))}>
                  {label}
                  <span class="sort-mark" aria-hidden="true">
                    {isSorted ? (order.direction === "up" ? "↑" : "↓") : ""}
                  </span>
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}
