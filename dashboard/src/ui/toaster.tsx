// What just happened, said and shown. It is shown in the top layer, or it would lie dimmed behind a dialog; what is read
// aloud is a region of its own that is there from the beginning.

import { useEffect, useRef } from "preact/hooks";
import { dismiss, toasts } from "../data/act.ts";
import { IconButton } from "./parts.tsx";

export function Toaster() {
  const place = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  const newest = shown.at(-1)?.id ?? 0;
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    // Whatever opened last lies on top: shown anew, it does.
    box.hidePopover();
    if (newest > 0) box.showPopover();
  }, [newest]);
  return (
    <>
      <p class="sr-only" role="status" aria-live="polite">
        {shown.at(-1)?.text ?? ""}
      </p>
      <div ref={place} class="toaster" popover="manual" role="region" aria-label="Messages">
        {shown.map(({ id, tone, text, hint }) => (
          <div key={id} class={`toast ${tone}`} data-testid="toast">
            <div>
              <p>{text}</p>
              {hint === null ? null : <p class="muted">{hint}</p>}
            </div>
            <IconButton icon="close" label="Dismiss" onClick={() => dismiss(id)} />
          </div>
        ))}
      </div>
    </>
  );
}
