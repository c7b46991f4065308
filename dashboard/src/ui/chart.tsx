// Curves over time, drawn by uPlot on a canvas. The figures under the pointer, or the newest, stand above it as text.

import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { paint } from "../theme.ts";
import { clockTime } from "../view/time.ts";

export interface Curve {
  readonly label: string;
  /** Name of a custom property of the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  readonly show: (value: number | null) => string;
  readonly isFilled?: boolean;
  readonly isStepped?: boolean;
}

const HEIGHT = 176;
const FONT = "11px system-ui, sans-serif";

export function TimeChart({
  atMs,
  curves,
  label,
}: {
  readonly atMs: readonly number[];
  readonly curves: readonly Curve[];
  readonly label: string;
}) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const shape = curves.map(({ label: name }) => name).join();
  const colours = paint.value;

  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    let isGone = false;
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: box.clientWidth, height: HEIGHT }));
    const draw = async (): Promise<void> => {
      const { default: Plot } = await import("uplot");
      if (isGone) return;
      plot.current = new Plot(optionsFor(Plot, curves, box, setAt), dataOf(atMs, curves), box);
      sized.observe(box);
    };
    // After a deployment the part may lie under another name; the figures above the place of the curve are there all the same.
    void draw().catch(() => setFailed(true));
    return () => {
      isGone = true;
      sized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
    // The plot is made anew for other curves or colours; new points are given to the one there is.
  }, [shape, colours]);

  useEffect(() => plot.current?.setData(dataOf(atMs, curves)), [atMs, curves]);

  const index = at === null || at >= atMs.length ? atMs.length - 1 : at;
  const instant = atMs[index];
  return (
    <div class="chart">
      <p class="chart-legend">
        {curves.map(({ label: name, colour, values, show }) => (
          <span key={name} class="legend">
            <i class={`swatch ${colour}`} />
            {name} <strong>{show(values[index] ?? null)}</strong>
          </span>
        ))}
        {instant === undefined ? null : <span class="muted">{clockTime(instant, { nowMs: Date.now() })}</span>}
      </p>
      {hasFailed ? <p class="muted">The curve could not be loaded. Load the page again.</p> : null}
      <div ref={place} class="chart-place" role="img" aria-label={label} />
    </div>
  );
}

function dataOf(atMs: readonly number[], curves: readonly Curve[]): uPlot.AlignedData {
  return [atMs.map((at) => at / 1000), ...curves.map(({ values }) => [...values])];
}

function optionsFor(
  Plot: typeof uPlot,
  curves: readonly Curve[],
  box: HTMLElement,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  // A count holds until the next CHECK says another.
  const stepped = Plot.paths.stepped?.({ align: 1 });
  const style = getComputedStyle(box);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: colour("muted"),
    font: FONT,
    grid: { stroke: colour("grid"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.12 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, space: 72, size: 26, values: (_plot, splits) => splits.map(hourLabel) },
      { ...axis, size: 40 },
    ],
    series: [
      {},
      ...curves.map(({ label, colour: name, isFilled = false, isStepped = false }): uPlot.Series => ({
        label,
        stroke: colour(name),
        width: 1.75,
        points: { show: false },
        ...(isFilled ? { fill: colour(`${name}-fill`) } : {}),
        ...(isStepped && stepped !== undefined ? { paths: stepped } : {}),
      })),
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
}

function hourLabel(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
