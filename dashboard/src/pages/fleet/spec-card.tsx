// What the fleet is told to be.

import type { FleetDocument } from "../../api/shapes.ts";
import { Card } from "../../ui/parts.tsx";
import { count, usd, usdPerHour } from "../../view/format.ts";
import { exactTime } from "../../view/time.ts";

export function SpecCard({ fleet }: { readonly fleet: FleetDocument }) {
  const { spec, specVersion, projectedCommitsPerHour: commits, commitsPerHourLimit } = fleet;
  const ends = spec.onBudget === "hold" ? "then hold" : "then go down";
  const rows: readonly (readonly [string, string])[] = [
    ["Preset", spec.preset === spec.workload ? spec.preset : `${spec.preset} (workload ${spec.workload})`],
    ["Price cap", spec.maxPriceUsdPerHour === null ? "none" : usdPerHour(spec.maxPriceUsdPerHour)],
    ["GPUs", spec.gpus.join(", ")],
    ...(fleet.hub.readsWeights ? ([["Weights", `${spec.weightsRepo} / ${spec.weightsName}`]] as const) : []),
    ["Code", spec.gitRef],
    ...(spec.budgetUsdPerDay === null ? [] : ([["Budget a day", `${usd(spec.budgetUsdPerDay)}, ${ends}`]] as const)),
    ...(spec.budgetUsdTotal === null ? [] : ([["Budget in all", `${usd(spec.budgetUsdTotal)}, ${ends}`]] as const)),
    ...(spec.stopAt === null ? [] : ([["Ends at", `${exactTime(Date.parse(spec.stopAt))}, ${ends}`]] as const)),
    ["Strikes", `${spec.strikeLimit} block a machine, each for ${count(spec.strikeExpiryDays, "day")}`],
    ...(fleet.hub.writesExamples && commits !== null
      ? ([["Uploads", `${commits} commits an hour of ${commitsPerHourLimit}`]] as const)
      : []),
  ];
  return (
    <Card title="Spec" aside={<span class="muted">version {specVersion}</span>}>
      <dl class="pairs">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
