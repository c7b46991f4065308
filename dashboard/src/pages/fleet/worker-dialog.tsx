// One worker in full: why it has its verdict, what its machine has done before, and what one may do. On a phone this is
// where the actions are.

import type { ComponentChildren } from "preact";
import { mayWrite } from "../../api/session.ts";
import type { EventPage, HostWithHistory, WorkerDocument } from "../../api/shapes.ts";
import { type WorkerCell, workerCell } from "../../data/fleets.ts";
import { type Reading, useAnswer } from "../../data/query.ts";
import { Answered } from "../../ui/answered.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Button, Skeleton } from "../../ui/parts.tsx";
import { copyText } from "../../ui/copy.ts";
import { Verdict } from "../../ui/status.tsx";
import { At, Since } from "../../ui/times.tsx";
import { ABOUT_ONE_DAYS, instanceEventsPath } from "../../view/events.ts";
import { count, duration, rate, usdPerHour, whole } from "../../view/format.ts";
import { lackOf } from "../../view/loaded.ts";
import { verdictViews } from "../../view/verdicts.ts";
import { EventList } from "../event-list.tsx";
import { openAction } from "./worker-actions.ts";

export function WorkerDialog(props: {
  readonly cell: WorkerCell;
  readonly fleet: string;
  readonly onClose: () => void;
}) {
  const { fleet, onClose } = props;
  const current = workerCell(fleet, props.cell.id);
  // Of an instance that is gone nothing more is heard: its cell keeps what was known last.
  const worker = (current ?? props.cell).row.value;
  const isGone = current === null;
  const { slot, instanceId, machineId } = worker;
  const host = useAnswer<HostWithHistory>(machineId === null ? null : `/api/hosts/${machineId}`);
  const events = useAnswer<EventPage>(instanceEventsPath(fleet, instanceId), 30);
  return (
    <Dialog title={`Worker ${slot}`} onClose={onClose} testId="worker-dialog">
      <div class="dialog-text">
        {isGone ? (
          <p class="worker-gone" role="status" data-testid="worker-gone">
            <strong>Instance {instanceId} is gone:</strong> {fleet} has it no more. Below stands what was known of it
            last.
          </p>
        ) : (
          <VerdictLine worker={worker} />
        )}
        <p class="worker-detail">{worker.detail}</p>
        <dl class="pairs">
          <Pair name="Instance" value={`${instanceId}, ${isGone ? "gone" : worker.status}`} />
          <Pair name="GPU" value={worker.gpu ?? "not known"} />
          <Pair
            name="Machine"
            value={
              <>
                {machineId ?? "not known"}
                <HostWords host={host} />
              </>
            }
          />
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
          {isGone ? null : <Actions worker={worker} fleet={fleet} />}
        </div>
        <h3>What happened to it</h3>
        <Answered answer={events} wait={<Skeleton rows={3} height={40} />}>
          {({ events: own, nextBefore }) =>
            own.length === 0 ? (
              <p class="muted">Nothing is recorded in {ABOUT_ONE_DAYS} days.</p>
            ) : (
              <>
                <EventList events={own} />
                {nextBefore === null ? null : <p class="muted">Only the newest {own.length} are shown.</p>}
              </>
            )
          }
        </Answered>
      </div>
    </Dialog>
  );
}

function VerdictLine({ worker }: { readonly worker: WorkerDocument }) {
  const view = verdictViews[worker.verdict];
  return (
    <p class="worker-verdict">
      <Verdict view={view} /> <span>{view.meaning}</span>{" "}
      {worker.verdictSince === null ? null : (
        <span class="muted">
          for <Since at={worker.verdictSince} />
        </span>
      )}
    </p>
  );
}

function Actions({ worker, fleet }: { readonly worker: WorkerDocument; readonly fleet: string }) {
  const { machineId, ssh } = worker;
  return (
    <>
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
    </>
  );
}

function Pair({ name, value }: { readonly name: string; readonly value: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function HostWords({ host }: { readonly host: Reading<HostWithHistory> }) {
  const lack = lackOf(host);
  const { value } = host;
  return (
    <>
      {value === null ? "" : hostWords(value)}
      {lack === null ? null : (
        <span class="tone-warn" title={`${lack.problem.title}: ${lack.problem.detail}`}>
          {lack.asOfMs === null ? (
            ", its strikes could not be read"
          ) : (
            <>
              , as of <At at={lack.asOfMs} />
            </>
          )}
        </span>
      )}
    </>
  );
}

function hostWords({ blocked, strikes, reasons }: HostWithHistory): string {
  if (blocked) return ", blocked";
  return strikes === 0 ? "" : `, ${count(strikes, "strike")}: ${reasons[0] ?? ""}`;
}
