// One worker in full: why it has its verdict, what its machine has done before, and what one may do. On a phone this is
// where the actions are.

import { mayWrite } from "../../api/session.ts";
import type { EventPage, HostWithHistory } from "../../api/shapes.ts";
import type { WorkerCell } from "../../data/fleets.ts";
import { useAnswer } from "../../data/query.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Button, Skeleton } from "../../ui/parts.tsx";
import { copyText } from "../../ui/copy.ts";
import { Verdict } from "../../ui/status.tsx";
import { Since } from "../../ui/times.tsx";
import { count, duration, rate, usdPerHour, whole } from "../../view/format.ts";
import { verdictViews } from "../../view/verdicts.ts";
import { EventList } from "../event-list.tsx";
import { openAction } from "./worker-actions.ts";

export function WorkerDialog(props: {
  readonly cell: WorkerCell;
  readonly fleet: string;
  readonly onClose: () => void;
}) {
  const { cell, fleet, onClose } = props;
  const worker = cell.row.value;
  const { slot, instanceId, machineId, ssh } = worker;
  const host = useAnswer<HostWithHistory>(machineId === null ? null : `/api/hosts/${machineId}`).value;
  const view = verdictViews[worker.verdict];
  const events = useAnswer<EventPage>(`/api/events?fleet=${fleet}&since=7d&limit=500`).value?.events ?? null;
  const own = events?.filter((event) => event.instanceId === instanceId) ?? null;
  return (
    <Dialog title={`Worker ${slot}`} onClose={onClose} testId="worker-dialog">
      <div class="dialog-text">
        <p class="worker-verdict">
          <Verdict view={view} /> <span>{view.meaning}</span>{" "}
          {worker.verdictSince === null ? null : (
            <span class="muted">
              for <Since at={worker.verdictSince} />
            </span>
          )}
        </p>
        <p class="worker-detail">{worker.detail}</p>
        <dl class="pairs">
          <Pair name="Instance" value={`${instanceId}, ${worker.status}`} />
          <Pair name="GPU" value={worker.gpu ?? "not known"} />
          <Pair name="Machine" value={`${machineId ?? "not known"}${hostWords(host)}`} />
          <Pair name="games/s" value={`${rate(worker.gamesPerSecond)}, batch ${whole(worker.batch)}`} />
          <Pair name="Price" value={usdPerHour(worker.usdPerHour)} />
          {worker.uploadIntervalSeconds === null ? null : (
            <Pair name="Uploads" value={`every ${duration(worker.uploadIntervalSeconds)}`} />
          )}
          <Pair name="Label" value={worker.label} />
        </dl>
        <div class="sheet-actions">
          <a class="button primary" href={`/instances/${instanceId}/logs`}>
            Log
          </a>
          {ssh === null ? null : (
            <Button icon="copy" onClick={() => void copyText(ssh, "the SSH command")}>
              Copy SSH
            </Button>
          )}
          {mayWrite.value ? (
            <>
              <Button icon="replace" onClick={() => openAction({ kind: "replace", fleet, worker })}>
                Replace
              </Button>
              {machineId === null ? null : (
                <Button icon="block" kind="danger" onClick={() => openAction({ kind: "block", machineId })}>
                  Block machine
                </Button>
              )}
            </>
          ) : null}
        </div>
        <h3>What happened to it</h3>
        {own === null ? (
          <Skeleton rows={3} height={40} />
        ) : own.length === 0 ? (
          <p class="muted">Nothing is recorded.</p>
        ) : (
          <EventList events={own} />
        )}
      </div>
    </Dialog>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function hostWords(host: HostWithHistory | null): string {
  if (host === null) return "";
  if (host.blocked) return ", blocked";
  return host.strikes === 0 ? "" : `, ${count(host.strikes, "strike")}: ${host.reasons[0] ?? ""}`;
}
