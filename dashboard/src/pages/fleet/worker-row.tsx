// One worker as a row of the table, and as a line on a phone. A component that reads signals is drawn again when one of
// them or a prop changes, and only then: a change of one worker of a thousand draws one row.

import type { WorkerDocument } from "../../api/shapes.ts";
import type { WorkerCell } from "../../data/fleets.ts";
import { Icon } from "../../ui/icons.tsx";
import { IconButton, IconLink } from "../../ui/parts.tsx";
import { Sparkline } from "../../ui/sparkline.tsx";
import { Verdict } from "../../ui/status.tsx";
import { Since } from "../../ui/times.tsx";
import { copyText } from "../../ui/copy.ts";
import { count, rate, usd, whole } from "../../view/format.ts";
import { verdictViews } from "../../view/verdicts.ts";
import { mayWrite } from "../../api/session.ts";
import { openAction } from "./worker-actions.ts";

interface RowProps {
  readonly cell: WorkerCell;
  readonly cap: number | null;
  readonly fleet: string;
  readonly onWhy: (cell: WorkerCell) => void;
}

export function WorkerRow({ cell, cap, fleet, onWhy }: RowProps) {
  const worker = cell.row.value;
  const { slot, instanceId, machineId, gpu, ssh } = worker;
  return (
    <tr data-testid={`worker-${slot}`} data-instance={instanceId}>
      <th scope="row" title={worker.label}>
        <button type="button" class="slot" onClick={() => onWhy(cell)} aria-label={`Worker ${slot}: details`}>
          {slot}
        </button>
      </th>
      <td class="verdict-cell">
        <VerdictCell cell={cell} />
      </td>
      <td>
        <span class="cut">{gpu ?? "–"}</span>
        <span class="sub">
          {machineId === null ? "machine not known" : machineId}
          <Strikes count={worker.machineStrikes} />
        </span>
      </td>
      <td class="number">{whole(worker.batch)}</td>
      <td class="number with-spark">
        <Sparkline values={worker.recentGamesPerSecond} />
        <span>{rate(worker.gamesPerSecond)}</span>
      </td>
      <td class="number">
        <Price worker={worker} cap={cap} />
      </td>
      <td class="number">
        <Since at={worker.startedAt} />
      </td>
      <td>{worker.status}</td>
      <td class="number">{instanceId}</td>
      <td class="row-actions">
        <IconLink icon="logs" label={`Log of worker ${slot}`} href={`/instances/${instanceId}/logs`} />
        <IconButton icon="why" label={`Why: worker ${slot}`} onClick={() => onWhy(cell)} />
        {ssh === null ? null : (
          <IconButton
            icon="copy"
            label={`Copy SSH of worker ${slot}`}
            onClick={() => void copyText(ssh, "the SSH command")}
          />
        )}
        {mayWrite.value ? (
          <>
            <IconButton
              icon="replace"
              label={`Replace worker ${slot}`}
              onClick={() => openAction({ kind: "replace", fleet, worker })}
            />
            {machineId === null ? null : (
              <IconButton
                icon="block"
                label={`Block machine ${machineId}`}
                isDanger
                onClick={() => openAction({ kind: "block", machineId })}
              />
            )}
          </>
        ) : null}
      </td>
    </tr>
  );
}

/** A line is touched as a whole; what one may do stands in the sheet that opens. */
export function WorkerLine({ cell, cap, onWhy }: Omit<RowProps, "fleet">) {
  const worker = cell.row.value;
  const view = verdictViews[worker.verdict];
  const isFine = view.tone === "ok";
  return (
    <li>
      <button type="button" class="worker-touch" onClick={() => onWhy(cell)} data-testid={`worker-${worker.slot}`}>
        <span class="touch-slot">{worker.slot}</span>
        <span class="touch-main">
          <span class="touch-top">
            <Verdict view={view} />
            <span class="cut">{worker.gpu ?? "GPU"}</span>
            <Strikes count={worker.machineStrikes} />
          </span>
          <span class="sub cut">
            {isFine ? (
              <>
                batch {whole(worker.batch)} · up <Since at={worker.startedAt} />
              </>
            ) : (
              worker.detail
            )}
          </span>
        </span>
        {isFine ? <Sparkline values={worker.recentGamesPerSecond} /> : null}
        <span class="touch-figures">
          <strong>{rate(worker.gamesPerSecond)}</strong>
          <span class={isOver(worker, cap) ? "tone-warn" : "sub"}>{usd(worker.usdPerHour, 3)}</span>
        </span>
        <Icon name="right" />
      </button>
    </li>
  );
}

function VerdictCell({ cell }: { readonly cell: WorkerCell }) {
  const { verdict, verdictSince, detail } = cell.row.value;
  const view = verdictViews[verdict];
  return (
    <>
      <span class="verdict-line">
        <Verdict view={view} />
        <span class="sub">{verdictSince === null ? "" : <Since at={verdictSince} />}</span>
      </span>
      <span class="sub cut" title={detail}>
        {view.tone === "ok" ? view.meaning : detail}
      </span>
    </>
  );
}

function Strikes({ count: strikes }: { readonly count: number | null }) {
  if (strikes === null || strikes === 0) return null;
  return <span class="strikes tone-warn">{count(strikes, "strike")}</span>;
}

function isOver({ usdPerHour }: WorkerDocument, cap: number | null): boolean {
  return cap !== null && usdPerHour !== null && Math.round(usdPerHour * 1000) > Math.round(cap * 1000);
}

function Price({ worker, cap }: { readonly worker: WorkerDocument; readonly cap: number | null }) {
  const { usdPerHour: price } = worker;
  const isAbove = isOver(worker, cap);
  return (
    <>
      <span class={isAbove ? "tone-warn" : ""}>{usd(price, 3)}</span>
      {cap === null || price === null ? null : (
        <span class="price-bar" title={`cap ${usd(cap, 3)}`}>
          <i class={isAbove ? "over" : ""} style={{ width: `${Math.min(100, (price / cap) * 100).toFixed(0)}%` }} />
        </span>
      )}
    </>
  );
}
