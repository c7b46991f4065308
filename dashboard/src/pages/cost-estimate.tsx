// What so many workers would cost now, from live offers, beside the runbook's rules of thumb.

import { useState } from "preact/hooks";
import { call, type Problem } from "../api/call.ts";
import type { CostDocument, CostRule } from "../api/shapes.ts";
import { NumberField } from "../ui/number-field.tsx";
import { Button, Card, ProblemBox } from "../ui/parts.tsx";
import { usd, usdPerHour } from "../view/format.ts";

export function EstimateCard({ rules }: { readonly rules: readonly CostRule[] }) {
  const [workers, setWorkers] = useState("4");
  const [gpu, setGpu] = useState("");
  const [cost, setCost] = useState<CostDocument | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const look = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    const wish = new URLSearchParams({ workers, ...(gpu.trim() === "" ? {} : { gpu: gpu.trim() }) });
    const answer = await call<CostDocument>(`/api/cost?${wish.toString()}`);
    setBusy(false);
    if (answer.ok) setCost(answer.value);
    else setProblem(answer.problem);
  };
  const estimate = cost?.estimate ?? null;
  return (
    <Card title="What would it cost?">
      <form
        class="estimate-form"
        onSubmit={(event) => {
          event.preventDefault();
          void look();
        }}
      >
        <NumberField label="Workers" unit="" value={workers} step={1} onInput={setWorkers} />
        <label class="field">
          <span>GPU type</span>
          <input
            value={gpu}
            placeholder="any of the defaults"
            autocomplete="off"
            onInput={(event) => setGpu(event.currentTarget.value)}
          />
        </label>
        <Button type="submit" kind="primary" isBusy={isBusy}>
          Ask the market
        </Button>
      </form>
      {problem === null ? null : <ProblemBox problem={problem} />}
      {cost !== null && estimate === null ? (
        <p class="muted">{cost.notes.at(-1) ?? "The market gave no estimate."}</p>
      ) : null}
      {estimate === null ? null : (
        <p class="estimate" role="status">
          <strong>{usdPerHour(estimate.usdPerHour)}</strong> for {estimate.found} of the best offers now:{" "}
          {usd(estimate.usdPerDay)} a day, {usd(estimate.usdPerWeek)} a week.
        </p>
      )}
      <h3>The runbook's rules of thumb</h3>
      <dl class="pairs">
        {rules.map(({ workers: many, gpu: type, usdPerHour: price, usdPerDay, fits }) => (
          <div key={type}>
            <dt>
              {many} × {type}
              {fits ? " (fits)" : ""}
            </dt>
            <dd>
              {usd(price)}/hr, {usd(usdPerDay)} a day
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
