// Target, price cap and day's budget of a fleet; what a change would do is shown before it is saved.

import { useEffect, useState } from "preact/hooks";
import { call, type Problem } from "../../api/call.ts";
import type { DryRun, FleetDocument } from "../../api/shapes.ts";
import { act, tell } from "../../data/act.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { NumberField } from "../../ui/number-field.tsx";
import { Button, ProblemBox, Skeleton } from "../../ui/parts.tsx";
import { type Ending, readEnding } from "../../view/ending.ts";
import { readPatch } from "../../view/patch.ts";
import { targetOf } from "../../view/states.ts";
import { EndingList } from "./down-dialog.tsx";
import { DryRunView } from "./plan-view.tsx";

/** So long nobody types: then it is tried. */
const STILL_MS = 350;

export function EditDialog({ fleet, onClose }: { readonly fleet: FleetDocument; readonly onClose: () => void }) {
  // What the person saw when the dialog opened; the fleet may go on below.
  const [seen] = useState(fleet);
  const [target, setTarget] = useState(String(targetOf(seen) || seen.spec.target));
  const [cap, setCap] = useState(seen.spec.maxPriceUsdPerHour?.toString() ?? "");
  const [budget, setBudget] = useState(seen.spec.budgetUsdPerDay?.toString() ?? "");
  const [dryRun, setDryRun] = useState<DryRun | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [ending, setEnding] = useState<Ending | null>(null);
  const [isBusy, setBusy] = useState(false);
  const read = readPatch({ target, cap, budget }, seen);
  const text = JSON.stringify(read);
  const path = `/api/fleets/${seen.name}`;

  useEffect(() => {
    setEnding(null);
    setDryRun(null);
    setProblem(null);
    if (read.patch === null || read.isEmpty) return;
    const stopped = new AbortController();
    const wait = setTimeout(async () => {
      const answer = await call<DryRun>(`${path}?dryRun=true`, {
        method: "PATCH",
        body: read.patch,
        signal: stopped.signal,
      });
      if (stopped.signal.aborted) return;
      if (answer.ok) setDryRun(answer.value);
      else setProblem(answer.problem);
    }, STILL_MS);
    return () => {
      clearTimeout(wait);
      stopped.abort();
    };
  }, [text]);

  const save = async (): Promise<void> => {
    if (read.patch === null) return;
    setBusy(true);
    const body = { ...read.patch, ...(ending === null ? {} : { confirm: ending.confirm }) };
    const saved = await act(
      {
        path,
        method: "PATCH",
        body,
        ifMatch: seen.specVersion,
        done: `${seen.name} is told`,
        touches: ["/api/events", "/api/cost"],
      },
      true,
    );
    setBusy(false);
    if (saved.ok) return onClose();
    const asked = readEnding(saved.problem.body);
    if (asked === null) setProblem(saved.problem);
    else setEnding(asked);
    if (saved.problem.code === "version-mismatch")
      tell("bad", saved.problem.title, "Close this, look again, and change it then.");
  };

  return (
    <Dialog title={`Scale ${seen.name}`} onClose={onClose} isWide testId="edit-dialog">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <div class="edit-grid">
          <div class="edit-fields">
            <NumberField
              label="Target"
              unit="workers"
              value={target}
              step={1}
              fault={read.faults.target}
              onInput={setTarget}
              testId="target"
            />
            <NumberField
              label="Price cap"
              unit="$/hr"
              value={cap}
              step={0.005}
              fault={read.faults.cap}
              onInput={setCap}
              testId="cap"
              placeholder="no cap"
            />
            <NumberField
              label="Budget a day"
              unit="$"
              value={budget}
              step={1}
              fault={read.faults.budget}
              onInput={setBudget}
              testId="budget"
              placeholder="no budget"
            />
            <p class="help">
              A running worker over the cap is replaced. Without a cap or budget: leave the field empty.
            </p>
          </div>
          <div class="edit-effect" aria-live="polite">
            <h3>What would happen</h3>
            {problem !== null ? (
              <ProblemBox problem={problem} />
            ) : ending !== null ? (
              <EndingList ending={ending} />
            ) : read.patch === null ? (
              <p class="muted">Say what it should be first.</p>
            ) : read.isEmpty ? (
              <p class="muted">Nothing is changed yet.</p>
            ) : dryRun === null ? (
              <Skeleton rows={3} height={40} />
            ) : (
              <DryRunView dryRun={dryRun} />
            )}
          </div>
        </div>
        <div class="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            kind={ending === null ? "primary" : "danger"}
            isBusy={isBusy}
            isDisabled={read.patch === null || read.isEmpty || (dryRun === null && ending === null)}
            testId="save"
          >
            {ending === null ? "Save" : "End them and save"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
