// A CHECK by hand: first what it would do, then the button that does it.

import { useEffect, useState } from "preact/hooks";
import { call, type Problem } from "../../api/call.ts";
import { mayWrite } from "../../api/session.ts";
import type { PlanDocument } from "../../api/shapes.ts";
import { act } from "../../data/act.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { Button, ProblemBox, Skeleton } from "../../ui/parts.tsx";
import { PlanView } from "./plan-view.tsx";

export function CheckDialog({ fleet, onClose }: { readonly fleet: string; readonly onClose: () => void }) {
  const [plan, setPlan] = useState<PlanDocument | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setProblem(null);
    const answer = await call<PlanDocument>(`/api/fleets/${fleet}/check?dryRun=true`, { method: "POST", body: {} });
    if (answer.ok) setPlan(answer.value);
    else setProblem(answer.problem);
  };
  useEffect(() => void look(), []);
  const run = async (): Promise<void> => {
    setBusy(true);
    const done = await act({
      path: `/api/fleets/${fleet}/check`,
      method: "POST",
      done: `${fleet}: CHECK done`,
      touches: ["/api/events"],
    });
    setBusy(false);
    if (done.ok) onClose();
  };
  return (
    <Dialog title={`What a CHECK of ${fleet} would do`} onClose={onClose} testId="check-dialog">
      <div class="dialog-text">
        {problem !== null ? (
          <ProblemBox problem={problem} onRetry={() => void look()} />
        ) : plan === null ? (
          <Skeleton rows={2} height={48} />
        ) : (
          <PlanView plan={plan} />
        )}
      </div>
      <div class="dialog-actions">
        <Button onClick={onClose}>Close</Button>
        {mayWrite.value ? (
          <Button
            kind="primary"
            isBusy={isBusy}
            isDisabled={plan === null}
            onClick={() => void run()}
            testId="check-now"
          >
            CHECK now
          </Button>
        ) : null}
      </div>
    </Dialog>
  );
}
