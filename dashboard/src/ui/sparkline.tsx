// A small curve without axes: where it goes matters, the figure beside it says where it is.

import { sparkPath } from "../view/spark.ts";

export function Sparkline(props: {
  readonly values: readonly number[];
  /** When each was; left out: one step apart. */
  readonly atMs?: readonly number[];
  /** For who does not see it; left out: it only repeats what stands beside it. */
  readonly label?: string;
  readonly isFromZero?: boolean;
  readonly class?: string;
}) {
  const { values, label, isFromZero = false } = props;
  const path = sparkPath(values, isFromZero, props.atMs);
  const name = label === undefined ? { "aria-hidden": true as const } : { role: "img" as const, "aria-label": label };
  return (
    <svg class={`spark ${props.class ?? ""}`} viewBox="0 0 100 24" preserveAspectRatio="none" {...name}>
      {path === null ? (
        <path class="spark-none" d="M0 22H100" />
      ) : (
        <>
          <path class="spark-area" d={`${path}V24H0Z`} />
          <path class="spark-line" d={path} />
        </>
      )}
    </svg>
  );
}
