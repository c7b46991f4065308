// A reader of `/metrics` that takes nothing on trust: an answer that breaks a rule of the text formats is an error.

export interface MetricRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SUFFIXES: Readonly<Record<string, string>> = { counter: "_total", info: "_info", gauge: "" };

/** The samples of an OpenMetrics text. */
export function readOpenMetrics(text: string): readonly MetricRow[] {
  if (!text.endsWith("\n# EOF\n") && text !== "# EOF\n") throw new Error("the end mark is missing");
  const lines = text.split("\n").slice(0, -2);
  const seen = new Set<string>();
  const rows: MetricRow[] = [];
  let family = { name: "", type: "" };
  for (const line of lines) {
    const [, kind, name = "", rest = ""] = /^# (HELP|TYPE|UNIT) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP" && seen.has(name)) throw new Error(`${name} comes twice`);
    if (kind === "HELP") seen.add(name);
    if (kind === "TYPE") family = { name, type: rest };
    if (kind === "UNIT" && !name.endsWith(`_${rest}`)) throw new Error(`${name} does not end in its unit ${rest}`);
    if (kind !== undefined) continue;
    const row = readSample(line);
    const expected = `${family.name}${SUFFIXES[family.type] ?? "?"}`;
    if (row.name !== expected) throw new Error(`${row.name} stands where ${expected} should`);
    const key = `${row.name}${JSON.stringify(Object.entries(row.labels))}`;
    if (seen.has(key)) throw new Error(`${line} comes twice`);
    seen.add(key);
    rows.push(row);
  }
  return rows;
}

/** The samples of Prometheus' own text, which has no end mark and no suffixes to check. */
export function readSamples(text: string): readonly MetricRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(readSample);
}

export function valueOf(rows: readonly MetricRow[], name: string, labels: Readonly<Record<string, string>> = {}) {
  const found = rows.filter(
    (row) => row.name === name && Object.entries(labels).every(([key, value]) => row.labels[key] === value),
  );
  return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
}

function readSample(line: string): MetricRow {
  const [, name, inside = "", number = ""] = LINE.exec(line) ?? [];
  const value = number === "+Inf" ? Infinity : Number(number);
  if (name === undefined || number === "" || Number.isNaN(value)) throw new Error(`this is no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  while (end < inside.length) {
    const [all = "", label = "", text = ""] = LABEL.exec(inside) ?? [];
    if (all === "") throw new Error(`these are no labels: ${inside}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
    end = LABEL.lastIndex;
  }
  return { name, labels, value };
}
