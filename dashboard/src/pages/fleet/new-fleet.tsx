// A fleet that is not there yet: name, preset, target and cap, the plan, and then the button.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Answer, call } from "../../api/call.ts";
import type { DryRun, PresetList } from "../../api/shapes.ts";
import { act } from "../../data/act.ts";
import { fleetCell } from "../../data/fleets.ts";
import { useAnswer } from "../../data/query.ts";
import { go } from "../../router.ts";
import { AnswerNote } from "../../ui/answered.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Button, ProblemBox } from "../../ui/parts.tsx";
import { Select } from "../../ui/select.tsx";
import { count } from "../../view/format.ts";
import { DryRunView } from "./plan-view.tsx";

/** The preset's own name, or the first of `zeb-2`, `zeb-3` … that no fleet has. */
function freeName(name: string): string {
  if (fleetCell(name) === null) return name;
  for (let number = 2; ; number++) if (fleetCell(`${name}-${number}`) === null) return `${name}-${number}`;
}

/** What the keeper said, and to which fields: its plan stands beside those, and never beside others. */
interface Looked {
  readonly wish: string;
  readonly answer: Answer<DryRun>;
}

export function NewFleetDialog({ onClose }: { readonly onClose: () => void }) {
  const known = useAnswer<PresetList>("/api/presets");
  const presets = known.value?.presets ?? [];
  const [preset, setPreset] = useState("zeb");
  const [name, setName] = useState("");
  const [target, setTarget] = useState("");
  const [weightsName, setWeightsName] = useState("");
  const [looked, setLooked] = useState<Looked | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const looking = useRef<{ readonly wish: string; readonly stopped: AbortController } | null>(null);
  const chosen = presets.find((one) => one.name === preset) ?? null;
  const free = freeName(chosen?.fleet ?? preset);
  const fleet = name.trim() === "" ? free : name.trim();
  const wanted = target.trim() === "" ? (chosen?.target ?? 4) : Number(target);
  // A PUT on a fleet that is there would change it; that is done on its own page, with its own plan.
  const isTaken = fleetCell(fleet) !== null;
  const needsWeights = chosen?.needs.includes("weightsName") === true;
  const body = {
    preset,
    target: wanted,
    ...(weightsName.trim() === "" ? {} : { weightsName: weightsName.trim() }),
  };
  const path = `/api/fleets/${encodeURIComponent(fleet)}`;
  const wish = path + JSON.stringify(body);
  const answer = looked?.wish === wish ? looked.answer : null;
  const dryRun = answer?.ok === true ? answer.value : null;
  // The question about other fields is given up.
  useEffect(
    () => () => {
      if (looking.current?.wish === wish) looking.current.stopped.abort();
    },
    [wish],
  );

  const look = async (): Promise<void> => {
    const stopped = new AbortController();
    looking.current = { wish, stopped };
    setAsked(wish);
    setLooked(null);
    const told = await call<DryRun>(`${path}?dryRun=true`, { method: "PUT", body, signal: stopped.signal });
    setAsked((now) => (now === wish ? null : now));
    if (!stopped.signal.aborted) setLooked({ wish, answer: told });
  };
  const make = async (): Promise<void> => {
    setMaking(true);
    const made = await act({ path, method: "PUT", body, done: `${fleet} is made` }, true);
    setMaking(false);
    if (!made.ok) return setLooked({ wish, answer: made });
    onClose();
    go(`/fleets/${encodeURIComponent(fleet)}`);
  };
  return (
    <Dialog title="New fleet" onClose={onClose} isWide testId="new-fleet-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void (dryRun === null ? look() : make());
        }}
      >
        <div class="edit-grid">
          <div class="edit-fields">
            <div class="field">
              <span>Preset</span>
              <Select
                label="Preset"
                value={preset}
                options={presets.map((one) => [one.name, one.name])}
                onChange={setPreset}
              />
            </div>
            <label class="field">
              <span>Name</span>
              <input
                value={name}
                placeholder={fleet}
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                aria-invalid={isTaken}
                onInput={(event) => setName(event.currentTarget.value)}
              />
              {isTaken ? (
                <span class="help tone-bad" id="name-taken">
                  There is a fleet {fleet} already: give another name, or scale it on its page.
                </span>
              ) : null}
            </label>
            <NumberField
              label="Target"
              unit="workers"
              value={target}
              step={1}
              placeholder={String(chosen?.target ?? 4)}
              onInput={setTarget}
            />
            {needsWeights ? (
              <label class="field">
                <span>Weights name</span>
                <input
                  value={weightsName}
                  required
                  autocomplete="off"
                  spellcheck={false}
                  onInput={(event) => setWeightsName(event.currentTarget.value)}
                />
              </label>
            ) : null}
          </div>
          <div class="edit-effect" aria-live="polite">
            <h3>What would happen</h3>
            <AnswerNote answer={known} what="The presets are" />
            {answer?.ok === false ? (
              <ProblemBox problem={answer.problem} />
            ) : dryRun === null ? (
              <p class="muted">
                Look first: the keeper tells what it would rent and what it would cost. Nothing is done by looking.
              </p>
            ) : (
              <DryRunView dryRun={dryRun} />
            )}
          </div>
        </div>
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" isBusy={isMaking || asked === wish} isDisabled={isTaken}>
            {dryRun === null ? "Look first" : `Rent ${count(wanted, "worker")}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
