// A plan before it is carried out: what changes, what would be done and why, and what stands in the way.

import type { DryRun, PlanDocument } from "../../api/shapes.ts";
import { Notes } from "../../ui/parts.tsx";
import { ShapeMark } from "../../ui/status.tsx";
import { count, usdPerHour } from "../../view/format.ts";
import { actionView, diffText } from "../../view/plans.ts";
import { Evidence } from "../event-list.tsx";

export function PlanView({ plan }: { readonly plan: PlanDocument }) {
  if (plan.actions.length === 0) {
    return (
      <div class="plan" data-testid="plan">
        <p class="plan-none">Nothing would be done now.</p>
        <Notes notes={plan.notes} />
      </div>
    );
  }
  const rents = plan.actions.filter(({ kind }) => kind === "rent");
  const cost = rents.reduce((sum, { evidence }) => sum + Number(evidence["usdPerHour"] ?? 0), 0);
  return (
    <div class="plan" data-testid="plan">
      <p class="plan-head">
        {count(plan.actions.length, "action")}
        {rents.length === 0 ? "" : `, ${count(rents.length, "rent")} for ${usdPerHour(cost)} more`}
      </p>
      <ul>
        {plan.actions.map((action, index) => {
          const { tone, shape, word, what } = actionView(action);
          const facts = Object.entries(action.evidence);
          return (
            <li key={index} class="event">
              <span class={`event-mark tone-${tone}`}>
                <ShapeMark shape={shape} />
              </span>
              <div class="event-body">
                <p class="event-text">
                  <span class={`event-lead tone-${tone}`}>{word}</span> {what}
                </p>
                <div class="event-foot">
                  <span>{action.reason}</span>
                  {facts.length === 0 ? null : (
                    <details>
                      <summary>why?</summary>
                      <Evidence facts={facts} />
                    </details>
                  )}
                </div>
              </div>
            </li>
          );
        })}
      </ul>
      <Notes notes={plan.notes} />
    </div>
  );
}

export function DryRunView({ dryRun }: { readonly dryRun: DryRun }) {
  const { diff } = dryRun;
  const troubled = dryRun.preflight.filter(({ result }) => result !== "ok");
  // Of a fleet that is not there every field is news; what would be rented is what the person came for.
  const isNew = diff.some(({ field, from }) => field === "preset" && (from === null || from === undefined));
  return (
    <div class="dry-run">
      {diff.length === 0 || isNew ? null : <Changes diff={diff} />}
      <PlanView plan={dryRun.plan} />
      {isNew ? (
        <details class="preflight">
          <summary>The whole spec: {count(diff.length, "field")}</summary>
          <Changes diff={diff} />
        </details>
      ) : null}
      <Notes notes={dryRun.notes} />
      <details class="preflight" open={troubled.length > 0}>
        <summary>
          {troubled.length === 0
            ? `Preflight: all ${dryRun.preflight.length} fine`
            : `Preflight: ${count(troubled.length, "is", "are")} not fine`}
        </summary>
        <dl class="pairs">
          {dryRun.preflight.map(({ name, result, detail, hint }) => (
            <div key={name}>
              <dt class={result === "ok" ? "" : "tone-bad"}>
                {name}
                {result === "ok" ? "" : `: ${result}`}
              </dt>
              <dd>
                {detail}
                {hint === null || result === "ok" ? "" : `. ${hint}`}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

function Changes({ diff }: Pick<DryRun, "diff">) {
  return (
    <ul class="diff">
      {diff.map(({ field, from, to }) => (
        <li key={field}>
          <span>{field}</span> <s>{diffText(from)}</s> <strong>{diffText(to)}</strong>
        </li>
      ))}
    </ul>
  );
}
