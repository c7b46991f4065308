// A small curve in a box of 100 by 24.

/** `null`: there is no curve of fewer than two values. `atMs`: where each lies in time; left out: one step apart. */
export function sparkPath(
  values: readonly number[],
  isFromZero: boolean,
  atMs: readonly number[] = values.map((_, index) => index),
): string | null {
  const [first] = values;
  if (first === undefined || values.length < 2) return null;
  const top = Math.max(...values);
  const bottom = isFromZero ? Math.min(0, ...values) : Math.min(...values);
  // A level curve lies in the middle; a jitter of a percent must not look like an alarm.
  const height = Math.max(top - bottom, Math.abs(top) * 0.1, 1e-9);
  const middle = (top + bottom) / 2;
  const low = isFromZero ? bottom : middle - height / 2;
  const from = atMs[0] ?? 0;
  const length = Math.max((atMs.at(-1) ?? 0) - from, 1);
  const points = values.map((value, index) => {
    const x = (((atMs[index] ?? from) - from) / length) * 100;
    const y = 22 - ((value - low) / height) * 20;
    return `${x.toFixed(2)} ${y.toFixed(2)}`;
  });
  return `M${points.join("L")}`;
}
