// The workers of a fleet: a table where there is room, rows of a list on a phone. Order and window are computed here; each
// row draws itself from its own signal.

import { useComputed, useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { FleetCell, WorkerCell } from "../../data/fleets.ts";
import { isNarrow } from "../../ui/media.ts";
import { Card, Empty } from "../../ui/parts.tsx";
import { Select } from "../../ui/select.tsx";
import { type Head, SortHeads } from "../../ui/sort-head.tsx";
import { useRowWindow } from "../../ui/use-window.ts";
import { keepsOrder } from "../../view/changes.ts";
import { count } from "../../view/format.ts";
import { type Key, type Order, sortRows } from "../../view/sort.ts";
import { severity } from "../../view/verdicts.ts";
import { WorkerDialog } from "./worker-dialog.tsx";
import { WorkerLine, WorkerRow } from "./worker-row.tsx";

export type WorkerColumn = "slot" | "verdict" | "gpu" | "batch" | "rate" | "price" | "age" | "status" | "instance";

const heads: readonly Head<WorkerColumn>[] = [
  { column: "slot", label: "Worker" },
  { column: "verdict", label: "Verdict" },
  { column: "gpu", label: "GPU, machine" },
  { column: "batch", label: "Batch", isNumber: true, natural: "down" },
  { column: "rate", label: "games/s", isNumber: true, natural: "down" },
  { column: "price", label: "$/hr of cap", isNumber: true, natural: "down" },
  { column: "age", label: "Age", isNumber: true, natural: "down" },
  { column: "status", label: "Status" },
  { column: "instance", label: "Instance", isNumber: true },
  { column: null, label: "", hidden: "Actions" },
];

const keys: Readonly<Record<WorkerColumn, (cell: WorkerCell) => Key>> = {
  slot: ({ row }) => row.value.slot,
  verdict: ({ row }) => severity(row.value.verdict) * 10_000 + row.value.slot,
  gpu: ({ row }) => row.value.gpu,
  batch: ({ row }) => row.value.batch,
  rate: ({ row }) => row.value.gamesPerSecond,
  price: ({ row }) => row.value.usdPerHour,
  age: ({ row }) => -Date.parse(row.value.startedAt),
  status: ({ row }) => row.value.status,
  instance: ({ id }) => id,
};

const phoneOrders: readonly (readonly [WorkerColumn, string])[] = [
  ["slot", "by slot"],
  ["verdict", "worst first"],
  ["rate", "fastest first"],
  ["price", "dearest first"],
  ["age", "oldest first"],
];

/** Fixed, or the window over the rows could not be computed without measuring each. */
const ROW_HEIGHT = 52;
const LINE_HEIGHT = 68;

export function Workers({ cell }: { readonly cell: FleetCell }) {
  const [order, setOrder] = useState<Order<WorkerColumn>>({ column: "slot", direction: "up" });
  const [why, setWhy] = useState<WorkerCell | null>(null);
  const wanted = useSignal(order);
  wanted.value = order;
  const kept = useSignal<readonly WorkerCell[]>([]);
  // The same order is the same list: a change inside a row draws that row alone.
  const sorted = useComputed(() => {
    const { column, direction } = wanted.value;
    const next = sortRows(cell.workers.value, keys[column], direction);
    if (!keepsOrder(kept.peek(), next)) kept.value = next;
    return kept.peek();
  });
  const cap = cell.document.value.spec.maxPriceUsdPerHour;
  const rows = sorted.value;
  const show = { rows, cap, fleet: cell.name, onWhy: setWhy };
  const aside = isNarrow.value ? (
    <Select
      label="Order"
      value={order.column}
      options={phoneOrders}
      onChange={(column) => {
        const isDown = column === "rate" || column === "price" || column === "age";
        setOrder({ column: column as WorkerColumn, direction: isDown ? "down" : "up" });
      }}
    />
  ) : (
    <span class="muted">{count(rows.length, "instance")}</span>
  );
  return (
    <Card title="Workers" aside={aside} class="flush" testId="workers">
      {rows.length === 0 ? (
        <Empty title="No worker is there">
          {cell.document.value.mode === "down"
            ? "The fleet is down. “Start again” gives it a target."
            : "The next CHECK rents what is missing; “CHECK …” shows what it would do."}
        </Empty>
      ) : isNarrow.value ? (
        <WorkerList {...show} />
      ) : (
        <WorkerTable {...show} order={order} onOrder={setOrder} />
      )}
      {why === null ? null : <WorkerDialog cell={why} fleet={cell.name} onClose={() => setWhy(null)} />}
    </Card>
  );
}

interface Shown {
  readonly rows: readonly WorkerCell[];
  readonly cap: number | null;
  readonly fleet: string;
  readonly onWhy: (cell: WorkerCell) => void;
}

function WorkerTable(
  props: Shown & { readonly order: Order<WorkerColumn>; readonly onOrder: (order: Order<WorkerColumn>) => void },
) {
  const { rows, order, onOrder, cap, fleet, onWhy } = props;
  const { place, rows: seen } = useRowWindow<HTMLTableSectionElement>(rows.length, ROW_HEIGHT);
  return (
    <div class="table-place">
      <table class="workers" aria-rowcount={rows.length + 1}>
        <SortHeads heads={heads} order={order} onOrder={onOrder} />
        <tbody ref={place}>
          {seen.before === 0 ? null : <Gap height={seen.before} />}
          {rows.slice(seen.from, seen.to).map((cell) => (
            <WorkerRow key={cell.id} cell={cell} cap={cap} fleet={fleet} onWhy={onWhy} />
          ))}
          {seen.after === 0 ? null : <Gap height={seen.after} />}
        </tbody>
      </table>
    </div>
  );
}

/** As high as the rows that are not drawn. */
function Gap({ height }: { readonly height: number }) {
  return (
    <tr aria-hidden="true" class="gap">
      <td colSpan={heads.length} style={{ height: `${height}px` }} />
    </tr>
  );
}

function WorkerList({ rows, cap, onWhy }: Shown) {
  const { place, rows: seen } = useRowWindow<HTMLUListElement>(rows.length, LINE_HEIGHT);
  return (
    <ul class="worker-list" ref={place} style={{ paddingTop: `${seen.before}px`, paddingBottom: `${seen.after}px` }}>
      {rows.slice(seen.from, seen.to).map((cell) => (
        <WorkerLine key={cell.id} cell={cell} cap={cap} onWhy={onWhy} />
      ))}
    </ul>
  );
}
