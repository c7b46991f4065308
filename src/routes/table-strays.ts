// The strays as a terminal table.

import type { StrayDocument, StrayList } from "../durable/rpc.ts";
import { formatAge } from "../fleet/check-line.ts";
import { type Column, tableLines, textOf } from "./table.ts";

const columns: readonly Column[] = [
  { head: "ID", width: 9, align: "right" },
  { head: "Label", width: 21 },
  { head: "GPU", width: 15 },
  { head: "Status", width: 10 },
  { head: "Age", width: 6 },
  { head: "$/hr", width: 6, align: "right" },
  { head: "Why it is a stray", width: 20 },
];

export function formatStrays({ strays, total, notes }: StrayList): string {
  const sum = `Total: ${total.strays} strays, $${total.usdPerHour.toFixed(3)}/hr`;
  return textOf([...tableLines(columns, strays.map(cells)), sum, ...notes]);
}

function cells(stray: StrayDocument): string[] {
  const { instanceId, label, gpu, status, ageSeconds, usdPerHour, why, ignored, destroying } = stray;
  const remarks = [
    why,
    ignored ? "ignored" : "",
    destroying === null ? "" : `being destroyed (${destroying.attempts})`,
  ];
  return [
    String(instanceId),
    label ?? "-",
    gpu ?? "-",
    status,
    ageSeconds === null ? "-" : formatAge(ageSeconds * 1000),
    usdPerHour?.toFixed(3) ?? "-",
    remarks.filter((remark) => remark !== "").join("; "),
  ];
}
