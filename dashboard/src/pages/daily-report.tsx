// The runbook's morning list (§11) as a page: do all run, who died and why, what came out, what it cost.

import type { ComponentChildren } from "preact";
import type { DailyReport } from "../api/shapes.ts";
import { ShapeMark } from "../ui/status.tsx";
import { At } from "../ui/times.tsx";
import { compact, count, hours, usd, usdPerHour, whole } from "../view/format.ts";
import type { Tone } from "../view/states.ts";
import { causeWords } from "../view/ending.ts";
import { examplesLine, learnerLine } from "../view/report.ts";
import type { Shape } from "../view/verdicts.ts";

export function ReportView({ report }: { readonly report: DailyReport }) {
  const { ended, launches, hosts, cost, fleets } = report;
  const lacking = (fleets ?? []).filter(({ isWhole }) => !isWhole);
  const isAll = report.isAllRunning;
  return (
    <ul class="report">
      <Line
        tone={isAll === true ? "ok" : isAll === null ? "idle" : "warn"}
        title={
          isAll === true ? "Everything runs" : isAll === null ? "Not known whether all run" : "Not everything runs"
        }
      >
        {lacking.length === 0
          ? (fleets ?? []).map(({ name, producing, target }) => `${name} ${producing}/${target}`).join(", ")
          : lacking
              .map(
                ({ name, producing, target, state, note }) =>
                  `${name} ${producing}/${target} (${state}${note === null ? "" : `: ${note}`})`,
              )
              .join("; ")}
      </Line>
      {ended === null ? null : (
        <Line
          tone={ended.died === 0 ? "ok" : "warn"}
          title={ended.died === 0 ? "Nothing died" : `${count(ended.died, "instance")} died`}
        >
          {Object.entries(ended.byCause)
            .map(([cause, many]) => `${many} × ${causeWords(cause)}`)
            .join(", ") || "no instance ended"}
          {ended.instances
            .filter(({ isOrdered }) => !isOrdered)
            .slice(0, 6)
            .map((one) => (
              <span key={one.instanceId} class="report-row">
                <At at={one.endedAt} /> {one.fleet} {one.slot} ({one.gpu ?? "GPU"}): {one.reason}
              </span>
            ))}
        </Line>
      )}
      {launches === null ? null : (
        <Line tone={launches.refused > 0 ? "idle" : "ok"} title={count(launches.launched, "launch", "launches")}>
          {launches.refused} refused, {launches.unknown} without an answer
          {hosts === null
            ? ""
            : `; ${count(hosts.strikes, "strike")}, ${count(hosts.newlyBlocked.length, "machine")} newly blocked`}
        </Line>
      )}
      {report.examples.map((one) => {
        const { tone, title, text } = examplesLine(one);
        return (
          <Line key={`${one.repo} ${one.namespace}`} tone={tone} title={title}>
            {text}
          </Line>
        );
      })}
      {report.learners.map((one) => {
        const { tone, title, text } = learnerLine(one);
        return (
          <Line key={`${one.repo} ${one.weightsName}`} tone={tone} title={title}>
            {text}, {compact(one.totalGames)} games
            {one.stepsGained === null ? "" : `, ${whole(one.stepsGained)} steps more than in the last report`}
            {one.wandbRunId === null ? "" : `, W&B run ${one.wandbRunId}`}
            {one.wandb?.state === undefined || one.wandb.state === null ? "" : ` ${one.wandb.state}`}
            {(one.wandb?.losses ?? []).map(
              ({ name, now, before }) =>
                `, ${name} ${before === null ? "" : `${before.toPrecision(3)} → `}${now.toPrecision(3)}`,
            )}
            {one.wandb === undefined || one.wandb === null ? null : (
              <>
                {", "}
                <a href={one.wandb.url} rel="noreferrer" target="_blank">
                  W&B
                </a>
              </>
            )}
          </Line>
        );
      })}
      <Line tone="idle" title={`${usd(cost.spentUsd)} for ${compact(cost.games)} games`}>
        {cost.usdPerMillionGames === null ? "" : `${usd(cost.usdPerMillionGames)} per million games; `}
        now {usdPerHour(cost.usdPerHour)}, credit {usd(cost.creditUsd)} for {hours(cost.creditHoursLeft)}
      </Line>
      {report.notMeasured.length === 0 ? null : (
        <Line tone="warn" title="Not measured">
          {report.notMeasured.join("; ")}
        </Line>
      )}
    </ul>
  );
}

const shapes: Readonly<Record<Tone, Shape>> = {
  ok: "disc",
  busy: "half",
  warn: "triangle",
  bad: "cross",
  idle: "ring",
};

function Line({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <li>
      <span class={`event-mark tone-${tone}`}>
        <ShapeMark shape={shapes[tone]} />
      </span>
      <div>
        <strong>{title}</strong>
        <p>{children}</p>
      </div>
    </li>
  );
}
