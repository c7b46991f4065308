// Cost per day, one colour per fleet. Fleets have a pattern of lightness too, and the legend names them with their sums.

import type { CostDaysDocument } from "../api/shapes.ts";
import { usd } from "../view/format.ts";
import { niceTicks } from "../view/spending.ts";
import { useWidth } from "./use-width.ts";

const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 26;
const TOP = 22;
/** So many colours the style sheet has; further fleets share the last. */
const COLOURS = 8;
/** A finer axis would need a fourth digit. */
const SMALLEST_USD = 0.02;

export function colourOf(index: number): string {
  return `series-${Math.min(index, COLOURS - 1)}`;
}

export function StackedBars(props: {
  readonly days: CostDaysDocument["days"];
  readonly fleets: readonly string[];
  readonly budgetUsd: number | null;
}) {
  const { days, fleets, budgetUsd } = props;
  const { place, width: full } = useWidth(720);
  const ticks = niceTicks(Math.max(SMALLEST_USD, budgetUsd ?? 0, ...days.map((day) => day.usd)));
  const top = ticks.at(-1) ?? 1;
  const digits = ticks.every((tick) => Math.abs(tick * 100 - Math.round(tick * 100)) < 1e-6) ? 2 : 3;
  const py = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
  const step = (full - LEFT - 8) / Math.max(1, days.length);
  const width = Math.min(34, step * 0.66);
  const every = Math.ceil(days.length / Math.max(3, Math.floor(full / 90)));
  return (
    <div ref={place}>
      <svg
        class="bars"
        width={full}
        height={HEIGHT}
        role="img"
        aria-label={`Cost per day: ${days.map((day) => `${dayLabel(day.day)} ${usd(day.usd)}`).join(", ")}`}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <path class="grid" d={`M${LEFT} ${py(tick)}H${full}`} />
            <text class="tick" x={LEFT - 8} y={py(tick) + 4} text-anchor="end">
              {tick >= 10 ? `$${tick}` : usd(tick, digits)}
            </text>
          </g>
        ))}
        {days.map((day, index) => {
          const x = LEFT + 8 + index * step + (step - width) / 2;
          let below = 0;
          return (
            <g key={day.day}>
              <title>
                {[
                  `${dayLabel(day.day)}: ${usd(day.usd)}`,
                  ...day.fleets.map((one) => `${one.fleet} ${usd(one.usd)}`),
                ].join("\n")}
              </title>
              <rect class="hit" x={LEFT + 8 + index * step} y={TOP} width={step} height={HEIGHT - TOP - BOTTOM} />
              {fleets.map((fleet, order) => {
                const value = day.fleets.find((one) => one.fleet === fleet)?.usd ?? 0;
                if (value <= 0) return null;
                const from = below;
                below += value;
                return (
                  <rect
                    key={fleet}
                    class={colourOf(order)}
                    x={x}
                    y={py(below)}
                    width={width}
                    height={Math.max(0.75, py(from) - py(below))}
                    rx="1.5"
                  />
                );
              })}
              {index % every === (days.length - 1) % every ? (
                <text
                  class="tick"
                  x={index === days.length - 1 ? full - 2 : x + width / 2}
                  y={HEIGHT - 8}
                  text-anchor={index === days.length - 1 ? "end" : "middle"}
                >
                  {dayLabel(day.day)}
                </text>
              ) : null}
            </g>
          );
        })}
        {budgetUsd === null ? null : (
          <>
            <path class="budget-line" d={`M${LEFT} ${py(budgetUsd)}H${full}`} />
            <text class="tick" x={full - 4} y={py(budgetUsd) - 5} text-anchor="end">
              budgets {usd(budgetUsd)}
            </text>
          </>
        )}
      </svg>
    </div>
  );
}

/** The day is a UTC day and must not slip into the viewer's. */
function dayLabel(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
}
