// The morning list, and every instance that ended: what it cost, what it gave, and why it ended.

import { useState } from "preact/hooks";
import type { DailyReport, LedgerPage, LedgerRow } from "../api/shapes.ts";
import { fleetCells } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { query, setQuery } from "../router.ts";
import { Answered } from "../ui/answered.tsx";
import { Card, Empty, PageHead, Skeleton } from "../ui/parts.tsx";
import { Select } from "../ui/select.tsx";
import { type Head, SortHeads } from "../ui/sort-head.tsx";
import { At } from "../ui/times.tsx";
import { compact, count, duration, usd } from "../view/format.ts";
import { causeWords } from "../view/ending.ts";
import { type Key, type Order, sortRows } from "../view/sort.ts";
import { ReportView } from "./daily-report.tsx";

type Column = "ended" | "fleet" | "gpu" | "hours" | "cost" | "games" | "why";

const heads: readonly Head<Column>[] = [
  { column: "ended", label: "Ended", natural: "down" },
  { column: "fleet", label: "Worker" },
  { column: "gpu", label: "GPU, machine" },
  { column: "hours", label: "Lived", isNumber: true, natural: "down" },
  { column: "cost", label: "Cost", isNumber: true, natural: "down" },
  { column: "games", label: "Games", isNumber: true, natural: "down" },
  { column: "why", label: "Why it ended" },
];
const keys: Readonly<Record<Column, (row: LedgerRow) => Key>> = {
  ended: ({ endedAt }) => endedAt,
  fleet: ({ label }) => label,
  gpu: ({ gpu }) => gpu,
  hours: ({ hours }) => hours,
  cost: ({ costUsd }) => costUsd,
  games: ({ games }) => games,
  why: ({ endCause }) => endCause,
};
const spans: readonly (readonly [string, string])[] = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
  ["400d", "everything"],
];

export function HistoryPage() {
  return (
    <>
      <PageHead title="History" lead="What the night was like, and what became of every instance." />
      <Report />
      <Ended />
    </>
  );
}

function Report() {
  const day = query.value.get("day");
  const path = `/api/reports/daily${day === null ? "" : `?day=${day}`}`;
  const report = useAnswer<DailyReport>(path, 120);
  return (
    <Card
      title={day === null ? "The last 24 hours" : `The day ${day} (UTC)`}
      testId="daily-report"
      aside={
        <label class="inline-form">
          <span class="sr-only">A stored day</span>
          <input
            type="date"
            value={day ?? ""}
            max={new Date().toISOString().slice(0, 10)}
            aria-label="A stored day"
            onChange={(event) => setQuery("day", event.currentTarget.value)}
          />
        </label>
      }
    >
      <Answered answer={report} wait={<Skeleton rows={4} height={48} />}>
        {(value) => <ReportView report={value} />}
      </Answered>
    </Card>
  );
}

function Ended() {
  const fleet = query.value.get("fleet") ?? "";
  const since = query.value.get("since") ?? "7d";
  const [order, setOrder] = useState<Order<Column>>({ column: "ended", direction: "down" });
  const wish = new URLSearchParams({ ended: "true", since, limit: "500", ...(fleet === "" ? {} : { fleet }) });
  const ended = useAnswer<LedgerPage>(`/api/instances?${wish.toString()}`, 30);
  const names = (fleetCells.value ?? []).map(({ name }) => name);
  const rows = ended.value?.instances ?? [];
  const cost = rows.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
  return (
    <Card
      title="Ended instances"
      class="flush"
      testId="ended"
      aside={
        <span class="aside-row">
          {ended.value === null ? null : (
            <span class="muted">
              {count(rows.length, "instance")}, {usd(cost)}
            </span>
          )}
          <Select
            label="Fleet"
            value={fleet}
            options={[["", "All fleets"], ...names.map((name) => [name, name] as const)]}
            onChange={(name) => setQuery("fleet", name)}
          />
          <Select label="Since" value={since} options={spans} onChange={(name) => setQuery("since", name)} />
        </span>
      }
    >
      <Answered answer={ended} wait={<Skeleton rows={5} height={52} />}>
        {({ nextBefore }) =>
          rows.length === 0 ? (
            <Empty title="No instance ended in this time">
              What was rented still lives. A longer span may show more.
            </Empty>
          ) : (
            <div class="table-place">
              <table class="stacking">
                <SortHeads heads={heads} order={order} onOrder={setOrder} />
                <tbody>
                  {sortRows(rows, keys[order.column], order.direction).map((row) => (
                    <EndedRow key={row.instanceId} row={row} />
                  ))}
                </tbody>
              </table>
              {nextBefore === null ? null : (
                <p class="muted more">Only the newest 500 are shown; choose a fleet or a shorter span for the rest.</p>
              )}
            </div>
          )
        }
      </Answered>
    </Card>
  );
}

function EndedRow({ row }: { readonly row: LedgerRow }) {
  return (
    <tr>
      <td data-label="Ended">{row.endedAt === null ? "lives" : <At at={row.endedAt} />}</td>
      <th scope="row" data-label="Worker">
        {row.fleet} {row.slot}
        <span class="sub">
          <a href={`/instances/${row.instanceId}/logs`}>{row.instanceId}</a>
        </span>
      </th>
      <td data-label="GPU, machine">
        {row.gpu ?? "–"}
        <span class="sub">{row.machineId ?? "–"}</span>
      </td>
      <td class="number" data-label="Lived">
        {duration(row.hours * 3600)}
      </td>
      <td class="number" data-label="Cost">
        {usd(row.costUsd, 3)}
      </td>
      <td class="number" data-label="Games">
        {compact(row.games)}
      </td>
      <td class="wide-cell" data-label="Why it ended">
        <strong>{row.endCause === null ? "–" : causeWords(row.endCause)}</strong>
        <span class="sub">{row.endReason ?? ""}</span>
      </td>
    </tr>
  );
}
