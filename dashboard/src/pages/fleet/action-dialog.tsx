// Asks before one worker is replaced, or a machine is blocked or pardoned.

import { useState } from "preact/hooks";
import { act } from "../../data/act.ts";
import { fleetCell, workerCell } from "../../data/fleets.ts";
import { readFleets } from "../../data/live.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Button } from "../../ui/parts.tsx";
import { asked, replaceOrder } from "./worker-actions.ts";

export function ActionDialog() {
  const action = asked.value;
  const [note, setNote] = useState("");
  if (action === null) return null;
  const close = (): void => {
    asked.value = null;
    setNote("");
  };
  if (action.kind === "replace") {
    const { slot, instanceId, gpu, verdict } = action.worker;
    if (workerCell(action.fleet, instanceId) === null) {
      return (
        <Dialog title={`Replace worker ${slot}`} onClose={close} testId="confirm">
          <div class="dialog-text">
            <p>
              Instance {instanceId} is gone: {action.fleet} has it no more. There is nothing left to replace, and what
              comes into slot {slot} stays.
            </p>
          </div>
          <div class="dialog-actions">
            <Button onClick={close}>Close</Button>
          </div>
        </Dialog>
      );
    }
    const replace = async (): Promise<void> => {
      const done = await act(replaceOrder(action.worker));
      if (done.ok) return close();
      // A refusal may mean that what is shown is old.
      await readFleets();
    };
    const mode = fleetCell(action.fleet)?.document.value.mode;
    const until = mode === "paused" ? "it is resumed" : "it has a target again";
    return (
      <Confirm title={`Replace worker ${slot}`} verb="Replace it" isDanger onYes={replace} onClose={close}>
        <p>
          Instance {instanceId} ({gpu ?? "GPU"}, {verdict}) is destroyed
          {mode === "active"
            ? " and another is rented in its place"
            : `. ${action.fleet} rents nothing in its place until ${until}`}
          . What it has not uploaded is lost. Its machine gets no strike.
        </p>
      </Confirm>
    );
  }
  const { machineId } = action;
  const path = `/api/hosts/${machineId}/block`;
  const touches = ["/api/hosts", "/api/events", "/api/offers"];
  if (action.kind === "pardon") {
    const pardon = async (): Promise<void> => {
      const done = await act({ path, method: "DELETE", done: `Machine ${machineId} is pardoned`, touches });
      if (done.ok) close();
    };
    return (
      <Confirm title={`Pardon machine ${machineId}`} verb="Pardon it" onYes={pardon} onClose={close}>
        <p>Its block is lifted and the strikes that count now are taken back. Later ones count again.</p>
      </Confirm>
    );
  }
  const block = async (): Promise<void> => {
    const body = note.trim() === "" ? {} : { note: note.trim() };
    const done = await act({ path, method: "PUT", body, done: `Machine ${machineId} is blocked`, touches });
    if (done.ok) close();
  };
  return (
    <Confirm title={`Block machine ${machineId}`} verb="Block it" isDanger onYes={block} onClose={close}>
      <p>No fleet rents it again until it is pardoned. What runs on it now goes on.</p>
      <label class="field">
        <span>Note, for who reads it later</span>
        <input
          value={note}
          maxLength={300}
          autocomplete="off"
          onInput={(event) => setNote(event.currentTarget.value)}
        />
      </label>
    </Confirm>
  );
}
