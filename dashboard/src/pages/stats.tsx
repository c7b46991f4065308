// The efficiency table of the runbook, from what was measured: games/s, price and price per game/s, by type and machine.

import { useState } from "preact/hooks";
import type { GpuStats, MeasuredMachine, ReferenceRow } from "../api/shapes.ts";
import { useAnswer } from "../data/query.ts";
import { query, setQuery } from "../router.ts";
import { Answered } from "../ui/answered.tsx";
import { Card, Empty, PageHead, Skeleton } from "../ui/parts.tsx";
import { Scatter } from "../ui/scatter.tsx";
import { Select, Tabs } from "../ui/select.tsx";
import { type Head, SortHeads } from "../ui/sort-head.tsx";
import { compact, rate, span, usd, whole } from "../view/format.ts";
import { type Key, type Order, sortRows } from "../view/sort.ts";

type Column = "rank" | "gpu" | "machine" | "weights" | "rate" | "price" | "value" | "games" | "samples";
type Row = Omit<MeasuredMachine, "machineId"> & { readonly machineId?: number | null };

const spans: readonly (readonly [string, string])[] = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];

const keys: Readonly<Record<Column, (row: Row) => Key>> = {
  rank: ({ rank }) => rank,
  gpu: ({ gpu }) => gpu,
  machine: ({ machineId }) => machineId,
  weights: ({ weightsName }) => weightsName,
  rate: ({ gamesPerSecond }) => gamesPerSecond,
  price: ({ usdPerHour }) => usdPerHour,
  value: ({ usdPerGamePerSecond }) => usdPerGamePerSecond,
  games: ({ games }) => games,
  samples: ({ samples }) => samples,
};

export function StatsPage() {
  const by = query.value.get("by") === "machine" ? "machine" : "gpu";
  const since = query.value.get("since") ?? "7d";
  const [order, setOrder] = useState<Order<Column>>({ column: "rank", direction: "up" });
  const stats = useAnswer<GpuStats>(`/api/stats/gpus?since=${since}&limit=500`, 60);
  const { value } = stats;
  const rows: readonly Row[] = (by === "gpu" ? value?.gpus : value?.machines) ?? [];
  const reference = new Map((value?.reference.gpus ?? []).map((row) => [row.gpu, row]));
  const heads: readonly Head<Column>[] = [
    { column: "rank", label: "Rank", isNumber: true },
    { column: "gpu", label: "GPU" },
    ...(by === "machine" ? [{ column: "machine", label: "Machine", isNumber: true } as const] : []),
    { column: "weights", label: "Weights" },
    { column: "rate", label: "games/s", isNumber: true, natural: "down" },
    { column: "price", label: "$/hr", isNumber: true },
    { column: "value", label: "$ per game/s", isNumber: true },
    { column: null, label: "Runbook", isNumber: true },
    { column: "games", label: "Games", isNumber: true, natural: "down" },
    { column: "samples", label: "Samples", isNumber: true, natural: "down" },
  ];
  const points = rows.flatMap(({ gpu, machineId, weightsName, gamesPerSecond, usdPerHour }) =>
    usdPerHour === null
      ? []
      : [
          {
            key: `${gpu} ${machineId ?? ""} ${weightsName}`,
            label: machineId === null || machineId === undefined ? gpu : `${gpu}, machine ${machineId}`,
            x: usdPerHour,
            y: gamesPerSecond,
            isReference: false,
          },
        ],
  );
  const measured = new Set(rows.map(({ gpu }) => gpu));
  const references = [...reference.values()]
    .filter(({ gpu }) => measured.has(gpu))
    .map(({ gpu, usdPerHour, gamesPerSecond }) => ({
      key: `runbook ${gpu}`,
      label: `${gpu}, runbook`,
      x: (usdPerHour[0] + usdPerHour[1]) / 2,
      y: (gamesPerSecond[0] + gamesPerSecond[1]) / 2,
      isReference: true,
    }));
  return (
    <>
      <PageHead
        title="GPU statistics"
        lead="What each type and machine gave for its price. Lower $ per game/s is better."
      />
      <div class="toolbar">
        <Tabs
          label="By"
          value={by}
          options={[
            ["gpu", "By type"],
            ["machine", "By machine"],
          ]}
          onChange={(name) => setQuery("by", name === "gpu" ? null : name)}
        />
        <Select label="Since" value={since} options={spans} onChange={(name) => setQuery("since", name)} />
      </div>
      <Answered answer={stats} wait={<Skeleton rows={8} height={52} />}>
        {() =>
          rows.length === 0 ? (
            <Empty title="Nothing has been measured in this time">
              A worker counts from its first batch. A longer span may show more.
            </Empty>
          ) : (
            <>
              <Card
                title="Price against speed"
                aside={<span class="muted">filled: measured · hollow: the runbook</span>}
              >
                <Scatter
                  points={[...references, ...points]}
                  hasNames={by === "gpu"}
                  xLabel="$/hr"
                  yLabel="games/s"
                  showX={(x) => usd(x, 3)}
                  showY={rate}
                />
              </Card>
              <Card title={by === "gpu" ? "By GPU type" : "By machine"} class="flush">
                <div class="table-place">
                  <table class="stacking">
                    <SortHeads heads={heads} order={order} onOrder={setOrder} />
                    <tbody>
                      {sortRows(rows, keys[order.column], order.direction).map((row) => (
                        <StatsRow
                          key={`${row.gpu} ${row.machineId ?? ""} ${row.weightsName}`}
                          row={row}
                          reference={reference.get(row.gpu) ?? null}
                        />
                      ))}
                    </tbody>
                  </table>
                </div>
              </Card>
            </>
          )
        }
      </Answered>
      {value === null ? null : <ReferenceCard rows={value.reference.gpus} weights={value.reference.weightsName} />}
    </>
  );
}

function StatsRow({ row, reference }: { readonly row: Row; readonly reference: ReferenceRow | null }) {
  const { usdPerHourMin: low, usdPerHourMax: high } = row;
  return (
    <tr>
      <td class="number" data-label="Rank">
        {row.rank}
      </td>
      <th scope="row" data-label="GPU">
        {row.gpu}
      </th>
      {row.machineId === undefined ? null : (
        <td class="number" data-label="Machine">
          {row.machineId ?? "–"}
        </td>
      )}
      <td data-label="Weights">
        <span class="cut">{row.weightsName}</span>
      </td>
      <td class="number" data-label="games/s">
        {rate(row.gamesPerSecond)}
        <span class="sub">{span(row.gamesPerSecondMin, row.gamesPerSecondMax, 1)}</span>
      </td>
      <td class="number" data-label="$/hr">
        {usd(row.usdPerHour, 3)}
        {low === null || high === null ? null : <span class="sub">{span(low, high, 3)}</span>}
      </td>
      <td class="number" data-label="$ per game/s">
        <strong>{usd(row.usdPerGamePerSecond, 4)}</strong>
      </td>
      <td class="number muted" data-label="Runbook">
        {reference === null ? "–" : span(...reference.usdPerGamePerSecond, 3)}
      </td>
      <td class="number" data-label="Games">
        {compact(row.games)}
      </td>
      <td class="number" data-label="Samples">
        {whole(row.samples)}
      </td>
    </tr>
  );
}

function ReferenceCard({ rows, weights }: { readonly rows: readonly ReferenceRow[]; readonly weights: string }) {
  return (
    <Card title="The runbook's table" class="flush" aside={<span class="muted">February 2026, weights {weights}</span>}>
      <div class="table-place">
        <table class="stacking">
          <thead>
            <tr>
              <th scope="col">GPU</th>
              <th scope="col" class="number">
                games/s
              </th>
              <th scope="col" class="number">
                $/hr
              </th>
              <th scope="col" class="number">
                $ per game/s
              </th>
              <th scope="col">Note</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.gpu}>
                <th scope="row" data-label="GPU">
                  {row.gpu}
                </th>
                <td class="number" data-label="games/s">
                  {span(...row.gamesPerSecond, 1)}
                </td>
                <td class="number" data-label="$/hr">
                  {span(...row.usdPerHour, 3)}
                </td>
                <td class="number" data-label="$ per game/s">
                  {span(...row.usdPerGamePerSecond, 3)}
                </td>
                <td data-label="Note">{row.note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
