// Price against speed. Points are named where they are few; every figure stands in the table below as well.

import { freeNames, type NameBox } from "../view/names.ts";
import { niceTicks } from "../view/spending.ts";
import { useWidth } from "./use-width.ts";

export interface Point {
  readonly key: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
  /** Of the runbook's table: drawn hollow. */
  readonly isReference: boolean;
}

const HEIGHT = 280;
const LEFT = 40;
const BOTTOM = 38;
const TOP = 22;
const RIGHT = 20;

export function Scatter(props: {
  readonly points: readonly Point[];
  readonly hasNames: boolean;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly showX: (x: number) => string;
  readonly showY: (y: number) => string;
}) {
  const { points, hasNames, xLabel, yLabel, showX, showY } = props;
  const { place, width } = useWidth(720);
  const xs = niceTicks(Math.max(...points.map(({ x }) => x)) * 1.05, width < 500 ? 3 : 4);
  const ys = niceTicks(Math.max(...points.map(({ y }) => y)) * 1.1);
  const px = (x: number): number => LEFT + (x / (xs.at(-1) ?? 1)) * (width - LEFT - RIGHT);
  const py = (y: number): number => HEIGHT - BOTTOM - (y / (ys.at(-1) ?? 1)) * (HEIGHT - BOTTOM - TOP);
  const spots = points.map((point) => ({ point, x: px(point.x), y: py(point.y), isRight: px(point.x) > width * 0.7 }));
  const named = hasNames
    ? freeNames(spots.map(({ point, x, y, isRight }) => nameBox(point, x, y, isRight)))
    : new Set();
  return (
    <div ref={place}>
      <svg
        class="scatter"
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${yLabel} against ${xLabel}; the table below has the figures`}
      >
        {ys.map((y) => (
          <g key={y}>
            <path class="grid" d={`M${LEFT} ${py(y)}H${width - RIGHT}`} />
            <text class="tick" x={LEFT - 8} y={py(y) + 4} text-anchor="end">
              {showY(y)}
            </text>
          </g>
        ))}
        {xs.map((x) => (
          <text key={x} class="tick" x={px(x)} y={HEIGHT - BOTTOM + 16} text-anchor="middle">
            {showX(x)}
          </text>
        ))}
        <text class="tick" x={width - RIGHT} y={HEIGHT - 4} text-anchor="end">
          {xLabel} →
        </text>
        <text class="tick" x={0} y={10}>
          {yLabel} ↑
        </text>
        {spots.map(({ point, x, y, isRight }) => (
          <g key={point.key} class={point.isReference ? "point reference" : "point"}>
            <title>{`${point.label}: ${showY(point.y)} ${yLabel} at ${showX(point.x)}/hr`}</title>
            <circle cx={x} cy={y} r={5} />
            {named.has(point.key) ? (
              <text x={x + (isRight ? -10 : 10)} y={y + 4} text-anchor={isRight ? "end" : "start"}>
                {point.label}
              </text>
            ) : null}
          </g>
        ))}
      </svg>
    </div>
  );
}

function nameBox({ key, label, isReference }: Point, x: number, y: number, isRight: boolean): NameBox {
  // Letters of 11 px are some 6.4 px wide; the hollow points need no name.
  const length = isReference ? 0 : label.length * 6.4;
  const left = isRight ? x - 10 - length : x + 10;
  return { key, left, right: left + length, top: y - 7, bottom: y + 7 };
}
