// What bills on the account and is no fleet's. No CHECK touches it; a person may.

import { useState } from "preact/hooks";
import { call } from "../api/call.ts";
import { mayWrite } from "../api/session.ts";
import type { ByHandAnswer, StrayDocument, StrayList } from "../api/shapes.ts";
import { act, problemText, tell } from "../data/act.ts";
import { fleetCell, fleetCells } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { Answered } from "../ui/answered.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Button, Empty, Notes, PageHead, Skeleton } from "../ui/parts.tsx";
import { Select } from "../ui/select.tsx";
import { count, duration, usdPerHour } from "../view/format.ts";

type Asked = { readonly kind: "adopt" | "destroy"; readonly stray: StrayDocument } | null;
const touches = ["/api/strays", "/api/events", "/api/cost"];

export function StraysPage() {
  const [asked, setAsked] = useState<Asked>(null);
  const list = useAnswer<StrayList>("/api/strays", 30);
  const { value } = list;
  const lead =
    value === null
      ? "Asking …"
      : value.total.strays === 0
        ? "Every instance of the account is a fleet's."
        : `${count(value.total.strays, "instance bills", "instances bill")} ${usdPerHour(value.total.usdPerHour)} and ${value.total.strays === 1 ? "is" : "are"} no fleet's.`;
  return (
    <>
      <PageHead title="Strays" lead={lead} />
      <Answered answer={list} wait={<Skeleton rows={3} height={96} />}>
        {({ notes, strays }) => (
          <>
            <Notes notes={notes} />
            {strays.length === 0 ? (
              <Empty title="No strays">
                An instance that no fleet of this keeper owns would stand here with its price, and could be adopted or
                destroyed.
              </Empty>
            ) : (
              <ul class="host-list">
                {strays.map((stray) => (
                  <StrayCard key={stray.instanceId} stray={stray} onAsk={setAsked} />
                ))}
              </ul>
            )}
          </>
        )}
      </Answered>
      {asked?.kind === "adopt" ? <AdoptDialog stray={asked.stray} onClose={() => setAsked(null)} /> : null}
      {asked?.kind === "destroy" ? <DestroyDialog stray={asked.stray} onClose={() => setAsked(null)} /> : null}
    </>
  );
}

function StrayCard({ stray, onAsk }: { readonly stray: StrayDocument; readonly onAsk: (asked: Asked) => void }) {
  const { instanceId, label, gpu, status, usdPerHour: price, ageSeconds, why, ignored, destroying } = stray;
  const ignore = (): void => {
    const path = `/api/strays/${instanceId}/ignore`;
    void act({
      path,
      method: ignored ? "DELETE" : "POST",
      done: ignored ? `${instanceId} counts again` : `${instanceId} is ignored`,
      touches,
    });
  };
  return (
    <li class={`card host${ignored ? " spent" : ""}`}>
      <div class="host-main">
        <div>
          <h2>{instanceId}</h2>
          <p class="muted">{label ?? "no label"}</p>
        </div>
        <dl class="host-facts">
          <div>
            <dt>GPU</dt>
            <dd>{gpu ?? "–"}</dd>
          </div>
          <div>
            <dt>Price</dt>
            <dd>{usdPerHour(price)}</dd>
          </div>
          <div>
            <dt>Status</dt>
            <dd>{status}</dd>
          </div>
          <div>
            <dt>Age</dt>
            <dd>{duration(ageSeconds)}</dd>
          </div>
        </dl>
        {mayWrite.value && destroying === null ? (
          <div class="host-actions">
            <Button onClick={ignore}>{ignored ? "Count it again" : "Ignore"}</Button>
            <Button onClick={() => onAsk({ kind: "adopt", stray })}>Adopt</Button>
            <Button kind="danger" onClick={() => onAsk({ kind: "destroy", stray })}>
              Destroy
            </Button>
          </div>
        ) : null}
      </div>
      <p class="host-why">
        {why}
        {destroying === null
          ? ""
          : `. Being destroyed, asked ${destroying.attempts}×${destroying.lastError === null ? "" : `, last answer: ${destroying.lastError}`}`}
      </p>
    </li>
  );
}

function AdoptDialog({ stray, onClose }: { readonly stray: StrayDocument; readonly onClose: () => void }) {
  const names = (fleetCells.value ?? []).map(({ name }) => name);
  const [chosen, setChosen] = useState<string | null>(null);
  const fleet = chosen ?? names[0] ?? null;
  if (fleet === null) return <NoFleet stray={stray} onClose={onClose} />;
  const adopt = async (): Promise<void> => {
    const done = await act<ByHandAnswer>({
      path: `/api/strays/${stray.instanceId}/adopt`,
      method: "POST",
      body: { fleet },
      done: `${fleet} adopts ${stray.instanceId}`,
      touches,
    });
    if (done.ok) onClose();
  };
  return (
    <Confirm title={`Adopt ${stray.instanceId}`} verb="Adopt it" onYes={adopt} onClose={onClose}>
      <p>It becomes a worker of a fleet and is judged like any other: what does not produce is replaced.</p>
      <FullFleet name={fleet} />
      <div class="field">
        <span>Fleet</span>
        <Select label="Fleet" value={fleet} options={names.map((name) => [name, name])} onChange={setChosen} />
      </div>
    </Confirm>
  );
}

function NoFleet({ stray, onClose }: { readonly stray: StrayDocument; readonly onClose: () => void }) {
  return (
    <Dialog title={`Adopt ${stray.instanceId}`} onClose={onClose} testId="confirm">
      <div class="dialog-text">
        <p>
          {fleetCells.value === null ? (
            "The fleets have not been read yet."
          ) : (
            <>
              There is no fleet that could adopt it: <a href="/">make one</a> first.
            </>
          )}
        </p>
      </div>
      <div class="dialog-actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** A fleet that is full gives up its worst at the next CHECK, and a box that has produced nothing is the worst. */
function FullFleet({ name }: { readonly name: string }) {
  const document = fleetCell(name)?.document.value;
  if (document === undefined) return null;
  const there = document.workers.length + document.intents.length;
  const { target } = document.spec;
  if (there < target) return null;
  return (
    <p class="tone-warn">
      {name} is full, {there} of {target}: its next CHECK would give up the worst, which may be this one. Scale it first
      to keep all.
    </p>
  );
}

function DestroyDialog({ stray, onClose }: { readonly stray: StrayDocument; readonly onClose: () => void }) {
  const path = `/api/strays/${stray.instanceId}/destroy`;
  const destroy = async (): Promise<void> => {
    // The keeper asks back with a value for this very instance; the person has typed its number already.
    const asked = await call(path, { method: "POST", body: {} });
    const confirm = asked.ok ? null : asked.problem.body["confirm"];
    if (!asked.ok && typeof confirm !== "string") {
      tell("bad", problemText(asked.problem), asked.problem.hint);
      return;
    }
    const done = await act({
      path,
      method: "POST",
      body: confirm === null ? {} : { confirm },
      done: `${stray.instanceId} is being destroyed`,
      touches,
    });
    if (done.ok) onClose();
  };
  return (
    <Confirm
      title={`Destroy ${stray.instanceId}`}
      verb="Destroy it"
      isDanger
      word={String(stray.instanceId)}
      onYes={destroy}
      onClose={onClose}
    >
      <p>
        {stray.label ?? "An instance without a label"} ({stray.gpu ?? "GPU"}, {usdPerHour(stray.usdPerHour)}) may be
        somebody else's work. It cannot be brought back.
      </p>
    </Confirm>
  );
}
