// "Are you sure", for what can be undone only with money.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.tsx";
import { Button } from "./parts.tsx";

export function Confirm(props: {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly verb: string;
  readonly isDanger?: boolean;
  /** What must be typed before the button works; left out: nothing. */
  readonly word?: string;
  readonly onYes: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const [typed, setTyped] = useState("");
  const [isBusy, setBusy] = useState(false);
  const isReady = props.word === undefined || typed.trim() === props.word;
  const submit = async (): Promise<void> => {
    if (!isReady || isBusy) return;
    setBusy(true);
    await props.onYes();
    setBusy(false);
  };
  return (
    <Dialog title={props.title} onClose={props.onClose} testId="confirm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="dialog-text">{props.children}</div>
        {props.word === undefined ? null : (
          <label class="field">
            <span>
              Type <strong>{props.word}</strong> to confirm
            </span>
            <input
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              data-testid="confirm-word"
            />
          </label>
        )}
        <div class="dialog-actions">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            kind={props.isDanger === true ? "danger" : "primary"}
            isBusy={isBusy}
            isDisabled={!isReady}
            testId="confirm-yes"
          >
            {props.verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
