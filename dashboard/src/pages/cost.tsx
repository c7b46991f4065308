// Money: what it costs, what was spent, against which budget, and until when it lasts.

import { useState } from "preact/hooks";
import type { BudgetOutlook, CostDaysDocument, CostDocument } from "../api/shapes.ts";
import { fleetCell } from "../data/fleets.ts";
import { useAnswer } from "../data/query.ts";
import { Answered } from "../ui/answered.tsx";
import { Card, Empty, Figure, Notes, PageHead, Skeleton } from "../ui/parts.tsx";
import { Tabs } from "../ui/select.tsx";
import { StackedBars, colourOf } from "../ui/stacked-bars.tsx";
import { At } from "../ui/times.tsx";
import { hours, usd, usdPerHour } from "../view/format.ts";
import { fleetSums } from "../view/spending.ts";
import { clockTime, exactTime } from "../view/time.ts";
import { EstimateCard } from "./cost-estimate.tsx";

export function CostPage() {
  const [days, setDays] = useState<"7" | "14" | "30">("14");
  const cost = useAnswer<CostDocument>("/api/cost", 30);
  const { value } = cost;
  const byDay = useAnswer<CostDaysDocument>(`/api/cost/days?days=${days}`, 60);
  return (
    <>
      <PageHead title="Cost" lead="Price × time of every instance; bandwidth is not in it.">
        {value === null ? null : (
          <a class="button" href={value.billingUrl} target="_blank" rel="noopener noreferrer">
            Billing at Vast ↗
          </a>
        )}
      </PageHead>
      <Answered answer={cost} wait={<Skeleton rows={1} height={92} />}>
        {(now) => (
          <>
            <Notes notes={now.notes} />
            <Figures cost={now} />
          </>
        )}
      </Answered>
      <Card
        title="Cost per day, by fleet"
        testId="cost-per-day"
        aside={
          <Tabs
            label="Days"
            value={days}
            options={[
              ["7", "7 d"],
              ["14", "14 d"],
              ["30", "30 d"],
            ]}
            onChange={setDays}
          />
        }
      >
        <Answered answer={byDay} wait={<Skeleton rows={1} height={240} />}>
          {(spent) => <PerDay cost={spent} />}
        </Answered>
      </Card>
      {byDay.value === null ? null : (
        <div class="columns even">
          <Budgets outlooks={byDay.value.fleets} />
          <RunOut cost={byDay.value} wait={value?.creditWait ?? null} />
        </div>
      )}
      {value === null ? null : <EstimateCard rules={value.rulesOfThumb} />}
    </>
  );
}

function Figures({ cost }: { readonly cost: CostDocument }) {
  const { spent } = cost;
  return (
    <dl class="figures">
      <Figure
        label="Now"
        value={usdPerHour(cost.usdPerHour)}
        note={`${usd(cost.usdPerDay)} a day · ${usd(cost.usdPerWeek)} a week`}
      />
      <Figure label="Today (UTC)" value={usd(spent.todayUsd)} />
      <Figure label="Last 7 days" value={usd(spent.last7DaysUsd)} />
      <Figure label="In all" value={usd(spent.totalUsd)} />
      <Figure
        label="Credit"
        value={usd(cost.creditUsd)}
        note={
          cost.creditReadAt === null
            ? "not read yet"
            : `read ${clockTime(Date.parse(cost.creditReadAt), { nowMs: Date.now() })}`
        }
      />
      <Figure
        label="Lasts"
        value={hours(cost.hoursLeft)}
        note={`at ${usdPerHour(cost.accountUsdPerHour)} of the whole account`}
        {...(cost.hoursLeft !== null && cost.hoursLeft < 12 ? { tone: "bad" as const } : {})}
      />
    </dl>
  );
}

function PerDay({ cost }: { readonly cost: CostDaysDocument }) {
  const sums = fleetSums(cost.days);
  // A line over bars of which only some are meant would mislead.
  const budgets = cost.fleets.map(({ budgetUsdPerDay }) => budgetUsdPerDay ?? Number.NaN);
  const whole = budgets.reduce((sum, one) => sum + one, 0);
  const budget = budgets.length === 0 || Number.isNaN(whole) ? null : whole;
  if (sums.length === 0) return <Empty title="Nothing was rented in these days" />;
  return (
    <>
      <StackedBars days={cost.days} fleets={sums.map(({ fleet }) => fleet)} budgetUsd={budget} />
      <p class="chart-legend">
        {sums.map(({ fleet, usd: sum }, index) => (
          <span key={fleet} class="legend">
            <i class={`swatch ${colourOf(index)}`} />
            {fleet} <strong>{usd(sum)}</strong>
          </span>
        ))}
        <span>Days are UTC, as budgets are counted.</span>
      </p>
    </>
  );
}

function Budgets({ outlooks }: { readonly outlooks: readonly BudgetOutlook[] }) {
  return (
    <Card title="Spent against budget" class="flush" testId="budgets">
      <ul class="budget-list">
        {outlooks.map((outlook) => (
          <li key={outlook.fleet}>
            <div class="budget-head">
              {fleetCell(outlook.fleet) === null ? (
                outlook.fleet
              ) : (
                <a href={`/fleets/${outlook.fleet}`}>{outlook.fleet}</a>
              )}
              <span class="muted">{usdPerHour(outlook.usdPerHour)}</span>
            </div>
            <Budget label="today" spent={outlook.todayUsd} budget={outlook.budgetUsdPerDay} />
            <Budget label="in all" spent={outlook.totalUsd} budget={outlook.budgetUsdTotal} />
            <Limit outlook={outlook} />
          </li>
        ))}
      </ul>
      {outlooks.length === 0 ? <Empty title="No fleet has cost anything yet" /> : null}
    </Card>
  );
}

function Limit({ outlook }: { readonly outlook: BudgetOutlook }) {
  const { reached, nextLimitAt, onBudget } = outlook;
  const then = onBudget === "hold" ? "then nothing more is rented" : "then it goes down";
  if (reached !== null) {
    return (
      <p class="tone-bad">
        {reached}
        {nextLimitAt === null ? (
          ""
        ) : (
          <>
            , until <At at={nextLimitAt} />
          </>
        )}
      </p>
    );
  }
  if (nextLimitAt === null) return null;
  return (
    <p class="muted">
      At this burn the next limit is met <At at={nextLimitAt} />, {then}.
    </p>
  );
}

function Budget(props: { readonly label: string; readonly spent: number; readonly budget: number | null }) {
  const { label, spent, budget } = props;
  if (budget === null) {
    return (
      <p class="budget-row">
        <span>{label}</span>
        <span>{usd(spent)}</span>
        <span class="muted">no budget</span>
      </p>
    );
  }
  const share = spent / budget;
  return (
    <>
      <p class="budget-row">
        <span>{label}</span>
        <span class={share >= 1 ? "tone-bad" : share > 0.8 ? "tone-warn" : ""}>{usd(spent)}</span>
        <span class="muted">of {usd(budget)}</span>
      </p>
      <meter
        min={0}
        max={1}
        high={0.8}
        value={Math.min(1, share)}
        aria-label={`${label}: ${usd(spent)} of ${usd(budget)}`}
      />
    </>
  );
}

function RunOut({ cost, wait }: { readonly cost: CostDaysDocument; readonly wait: string | null }) {
  const { creditUsd, creditEndsAt, accountUsdPerHour: burn } = cost;
  if (creditEndsAt === null || creditUsd === null) {
    return (
      <Card title="Until when it lasts" testId="run-out">
        <Empty title={creditUsd === null ? "The credit is not known yet" : "Nothing burns: the credit stays"}>
          {wait ?? "The account is read with the CHECKs of the fleets."}
        </Empty>
      </Card>
    );
  }
  const endMs = Date.parse(creditEndsAt);
  return (
    <Card title="Until when it lasts" testId="run-out">
      <p class="big">
        <time dateTime={creditEndsAt} title={exactTime(endMs)}>
          {clockTime(endMs, { nowMs: Date.now() })}
        </time>
      </p>
      <p class="muted">
        {usd(creditUsd)} at {usdPerHour(burn)}, if all goes on as now. {wait ?? ""}
      </p>
      <dl class="pairs run-out">
        {[1, 3, 7].map((days) => {
          const left = creditUsd - (burn ?? 0) * 24 * days;
          return (
            <div key={days}>
              <dt>in {days === 1 ? "1 day" : `${days} days`}</dt>
              <dd class={left <= 0 ? "tone-bad" : ""}>{left <= 0 ? "empty" : usd(left)}</dd>
            </div>
          );
        })}
      </dl>
    </Card>
  );
}
