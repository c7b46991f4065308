// The end of a fleet: the list of what would end, its name typed, and then the value that the keeper gave for this list.

import { useEffect, useState } from "preact/hooks";
import { call, type Problem } from "../../api/call.ts";
import { act, tell } from "../../data/act.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ProblemBox, Skeleton } from "../../ui/parts.tsx";
import { count, usdPerHour } from "../../view/format.ts";
import { type Ending, readEnding } from "../../view/ending.ts";

export function DownDialog({ fleet, onClose }: { readonly fleet: string; readonly onClose: () => void }) {
  const [ending, setEnding] = useState<Ending | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const path = `/api/fleets/${fleet}/down`;
  const ask = async (): Promise<void> => {
    setProblem(null);
    const answer = await call(path, { method: "POST", body: {} });
    const asked = answer.ok ? null : readEnding(answer.problem.body);
    if (asked !== null) setEnding(asked);
    else if (!answer.ok) setProblem(answer.problem);
    else onClose();
  };
  useEffect(() => void ask(), []);
  if (ending === null) {
    return (
      <Dialog title={`End ${fleet}`} onClose={onClose}>
        <div class="dialog-text">
          {problem === null ? (
            <Skeleton rows={3} height={28} />
          ) : (
            <ProblemBox problem={problem} onRetry={() => void ask()} />
          )}
        </div>
      </Dialog>
    );
  }
  const end = async (): Promise<void> => {
    const answer = await act(
      { path, method: "POST", body: { confirm: ending.confirm }, done: `${fleet} goes down`, touches: ["/api/events"] },
      true,
    );
    if (answer.ok) return onClose();
    const again = readEnding(answer.problem.body);
    if (again === null) setProblem(answer.problem);
    else setEnding(again);
    tell(
      "bad",
      answer.problem.title,
      again === null ? answer.problem.hint : "The list is new: look again, then confirm.",
    );
  };
  return (
    <Confirm title={`End ${fleet}`} verb="End the fleet" isDanger word={fleet} onYes={end} onClose={onClose}>
      <EndingList ending={ending} />
    </Confirm>
  );
}

export function EndingList({ ending }: { readonly ending: Ending }) {
  const cost = ending.workers.reduce((sum, { usdPerHour: price }) => sum + (price ?? 0), 0);
  return (
    <>
      <p>
        {count(ending.workers.length, "instance")} ({usdPerHour(cost)})
        {ending.intents === 0 ? "" : ` and ${count(ending.intents, "rent")} under way`} would be destroyed. What they
        have not uploaded is lost.
      </p>
      <ul class="ending">
        {ending.workers.map(({ slot, instanceId, gpu, usdPerHour: price }) => (
          <li key={instanceId}>
            <span>worker {slot}</span>
            <span>{gpu ?? "GPU"}</span>
            <span>{instanceId}</span>
            <span>{usdPerHour(price)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
