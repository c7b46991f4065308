// A fleet that is not there yet: name, preset, target and cap, the plan, and then the button.

import { useEffect, useState } from "preact/hooks";
import { call, type Problem } from "../../api/call.ts";
import type { DryRun, PresetList } from "../../api/shapes.ts";
import { act } from "../../data/act.ts";
import { fleetCell } from "../../data/fleets.ts";
import { useAnswer } from "../../data/query.ts";
import { go } from "../../router.ts";
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

export function NewFleetDialog({ onClose }: { readonly onClose: () => void }) {
  const presets = useAnswer<PresetList>("/api/presets").value?.presets ?? [];
  const [preset, setPreset] = useState("zeb");
  const [name, setName] = useState("");
  const [target, setTarget] = useState("");
  const [weightsName, setWeightsName] = useState("");
  const [dryRun, setDryRun] = useState<DryRun | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
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
  const text = path + JSON.stringify(body);
  useEffect(() => setDryRun(null), [text]);

  const look = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const answer = await call<DryRun>(`${path}?dryRun=true`, { method: "PUT", body });
    setBusy(false);
    if (answer.ok) setDryRun(answer.value);
    else setProblem(answer.problem);
  };
  const make = async (): Promise<void> => {
    setBusy(true);
    const made = await act({ path, method: "PUT", body, done: `${fleet} is made` }, true);
    setBusy(false);
    if (!made.ok) return setProblem(made.problem);
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
            {problem !== null ? (
              <ProblemBox problem={problem} />
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
          <Button type="submit" kind="primary" isBusy={isBusy} isDisabled={isTaken}>
            {dryRun === null ? "Look first" : `Rent ${count(wanted, "worker")}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
