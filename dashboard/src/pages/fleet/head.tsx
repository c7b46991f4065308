// The head of a fleet: its state in words, its figures, and what a person may ask of it.

import { useState } from "preact/hooks";
import { mayWrite } from "../../api/session.ts";
import type { CostDocument } from "../../api/shapes.ts";
import { act } from "../../data/act.ts";
import { nowMs } from "../../data/clock.ts";
import type { FleetCell } from "../../data/fleets.ts";
import { useAnswer } from "../../data/query.ts";
import { Button, Figure } from "../../ui/parts.tsx";
import { Badge } from "../../ui/status.tsx";
import { Ago } from "../../ui/times.tsx";
import { hours, rate, usd, usdPerHour } from "../../view/format.ts";
import { needsAttention, stateView, targetOf } from "../../view/states.ts";
import { CheckDialog } from "./check-dialog.tsx";
import { DownDialog } from "./down-dialog.tsx";
import { EditDialog } from "./edit-dialog.tsx";

type Open = "edit" | "check" | "down" | null;

export function FleetHead({ cell }: { readonly cell: FleetCell }) {
  const [open, setOpen] = useState<Open>(null);
  const fleet = cell.document.value;
  const view = stateView(fleet, nowMs.value);
  const close = (): void => setOpen(null);
  return (
    <>
      <header class="page-head">
        <div>
          <p class="crumbs">
            <a href="/">Fleets</a> /
          </p>
          <div class="title-line">
            <h1 tabIndex={-1}>{fleet.name}</h1>
            <Badge tone={view.tone}>{view.word}</Badge>
          </div>
          <p class="lead" data-testid="state">
            {view.sentence}
            {view.reason !== null && (needsAttention(view.tone) || view.tone === "busy") ? `: ${view.reason}` : ""}
          </p>
        </div>
        <div class="page-actions full">
          <Button icon="look" onClick={() => setOpen("check")} testId="check">
            CHECK …
          </Button>
          {mayWrite.value ? <WriteButtons cell={cell} onOpen={setOpen} /> : null}
        </div>
      </header>
      <Figures cell={cell} />
      {open === "edit" ? <EditDialog fleet={fleet} onClose={close} /> : null}
      {open === "check" ? <CheckDialog fleet={fleet.name} onClose={close} /> : null}
      {open === "down" ? <DownDialog fleet={fleet.name} onClose={close} /> : null}
    </>
  );
}

function WriteButtons({ cell, onOpen }: { readonly cell: FleetCell; readonly onOpen: (open: Open) => void }) {
  const { name, mode, breaker } = cell.document.value;
  const [isBusy, setBusy] = useState(false);
  const order = async (what: string, done: string): Promise<void> => {
    setBusy(true);
    await act({ path: `/api/fleets/${name}/${what}`, method: "POST", done, touches: ["/api/events"] });
    setBusy(false);
  };
  return (
    <>
      {breaker === null ? null : (
        <Button
          kind="primary"
          isBusy={isBusy}
          onClick={() => void order("breaker/close", `${name}: the breaker is closed`)}
        >
          Close the breaker
        </Button>
      )}
      {mode === "active" ? (
        <Button
          icon="pause"
          isBusy={isBusy}
          testId="pause"
          onClick={() => void order("pause", `${name} is paused; its workers go on`)}
        >
          Pause
        </Button>
      ) : null}
      {mode === "paused" ? (
        <Button
          icon="play"
          kind="primary"
          isBusy={isBusy}
          testId="resume"
          onClick={() => void order("resume", `${name} goes on`)}
        >
          Resume
        </Button>
      ) : null}
      <Button icon="edit" onClick={() => onOpen("edit")} testId="edit">
        {mode === "down" ? "Start again" : "Scale"}
      </Button>
      {mode === "down" ? null : (
        <Button icon="power" kind="danger" onClick={() => onOpen("down")} testId="down">
          Down
        </Button>
      )}
    </>
  );
}

function Figures({ cell }: { readonly cell: FleetCell }) {
  const fleet = cell.document.value;
  const { totals, spec, spend } = fleet;
  const cost = useAnswer<CostDocument>("/api/cost", 60).value;
  const budget = spec.budgetUsdPerDay;
  const perGame = totals.gamesPerSecond > 0 ? totals.usdPerHour / totals.gamesPerSecond : null;
  return (
    <dl class="figures" data-testid="figures">
      <Figure
        label="Workers"
        value={
          <>
            {totals.producing}
            <span class="of"> / {targetOf(fleet)}</span>
          </>
        }
        note={`${totals.live} live`}
      />
      <Figure
        label="games/s"
        value={rate(totals.gamesPerSecond)}
        note={perGame === null ? "–" : `${usd(perGame, 4)} per game/s`}
      />
      <Figure label="Burns" value={usdPerHour(totals.usdPerHour)} note={`${usd(totals.usdPerHour * 24)} a day`} />
      <Figure
        label="Spent today"
        value={usd(spend.todayUsd)}
        note={budget === null ? `${usd(spend.totalUsd)} in all` : `of ${usd(budget)} · ${usd(spend.totalUsd)} in all`}
        {...(budget !== null && spend.todayUsd >= budget ? { tone: "bad" as const } : {})}
      />
      <Figure label="Credit lasts" value={hours(cost?.hoursLeft ?? null)} note={usd(cost?.creditUsd ?? null)} />
      <Figure
        label="Last CHECK"
        value={fleet.lastCheckAt === null ? "not yet" : <Ago at={fleet.lastCheckAt} />}
        note={
          fleet.lookAgainAt === null ? (
            `#${fleet.checks}`
          ) : (
            <>
              #{fleet.checks}, next <Ago at={fleet.lookAgainAt} />
            </>
          )
        }
      />
    </dl>
  );
}
