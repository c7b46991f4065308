// Metrics as text in the two forms that Prometheus reads: its own (version 0.0.4) and OpenMetrics 1.0. They differ in the
// names of counters, in the unit line, in the type of `_info`, and in the end mark.

export type MetricFormat = "prometheus" | "openmetrics";

export interface Sample {
  /** An empty label is as good as none and is left out. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  /** Without `_total` or `_info`. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  /** One sentence. */
  readonly help: string;
  /** The last part of the name, where it is a unit. */
  readonly unit?: string;
  readonly samples: readonly Sample[];
}

export const CONTENT_TYPES: Readonly<Record<MetricFormat, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

const SUFFIX = { gauge: "", counter: "_total", info: "_info" } as const;

/** The name under which the samples of a family are stored. */
export function sampleName({ name, type }: Pick<MetricFamily, "name" | "type">): string {
  return `${name}${SUFFIX[type]}`;
}

/** A family without a sample is left out: a value that is not known is no 0. */
export function formatMetrics(families: readonly MetricFamily[], format: MetricFormat): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap((family) => familyLines(family, format));
  const end = format === "openmetrics" ? ["# EOF"] : [];
  return [...lines, ...end].map((line) => `${line}\n`).join("");
}

function familyLines(family: MetricFamily, format: MetricFormat): readonly string[] {
  const { help, unit, samples } = family;
  const stored = sampleName(family);
  const isOpen = format === "openmetrics";
  const name = isOpen ? family.name : stored;
  const type = !isOpen && family.type === "info" ? "gauge" : family.type;
  return [
    `# HELP ${name} ${escaped(help, isOpen)}`,
    `# TYPE ${name} ${type}`,
    ...(isOpen && unit !== undefined ? [`# UNIT ${name} ${unit}`] : []),
    ...samples.map(({ labels, value }) => `${stored}${labelText(labels)} ${valueText(value)}`),
  ];
}

function labelText(labels: Sample["labels"]): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === "" ? [] : [`${name}="${escaped(value, true)}"`],
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(text: string, withQuotes: boolean): string {
  const plain = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return withQuotes ? plain.replaceAll('"', '\\"') : plain;
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}
