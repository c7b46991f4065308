// Text for terminals: the runbook's status table and its kin. Strings from the market lose their control characters, so
// that a stranger's machine cannot steer the terminal.

import { dollars } from "../fleet/budget.ts";
import { formatAge, formatRate, verdictWords } from "../fleet/check-line.ts";
import type { FleetDocument, IntentDocument, PlanDocument, WorkerDocument } from "../fleet/document.ts";
import type { PreflightCheck } from "../fleet/preflight.ts";
import type { FleetList, InstanceTotal } from "./fleet-list.ts";

export interface Column {
  readonly head: string;
  /** A longer cell makes the whole column wider. */
  readonly width: number;
  readonly align?: "right";
}

const instanceColumns: readonly Column[] = [
  { head: "Label", width: 21 },
  { head: "GPU", width: 15 },
  { head: "Status", width: 10 },
  { head: "Verdict", width: 8 },
  { head: "Age", width: 6 },
  { head: "games/s", width: 7, align: "right" },
  { head: "$/hr", width: 6, align: "right" },
  { head: "ID", width: 9, align: "right" },
  { head: "SSH", width: 3 },
];

const fleetColumns: readonly Column[] = [
  { head: "Fleet", width: 21 },
  { head: "Mode", width: 6 },
  { head: "State", width: 19 },
  { head: "Preset", width: 10 },
  { head: "Target", width: 6, align: "right" },
  { head: "Live", width: 4, align: "right" },
  { head: "OK", width: 4, align: "right" },
  { head: "games/s", width: 7, align: "right" },
  { head: "$/hr", width: 6, align: "right" },
  { head: "Last CHECK", width: 10 },
];

/** One row per instance, the total, then one line per fleet with its state and notes. */
export function formatStatus({ fleets, notes }: FleetList, total: InstanceTotal): string {
  const rows = fleets.flatMap((fleet) => [...fleet.workers.map(workerCells), ...fleet.intents.map(intentCells)]);
  const lines = [...tableLines(instanceColumns, rows), totalLine(total), ...fleets.flatMap(fleetLines), ...notes];
  return textOf(lines);
}

export function formatFleets({ fleets, notes }: FleetList): string {
  return textOf([...tableLines(fleetColumns, fleets.map(fleetCells)), ...notes]);
}

export function formatPlan(plan: PlanDocument): string {
  const actions = plan.actions.map(({ kind, slot, instanceId, reason }) => {
    const what = [kind, slot === null ? "" : `slot ${slot}`, instanceId === null ? "" : String(instanceId)];
    return `  ${what.filter((part) => part !== "").join(" ")}: ${reason}`;
  });
  const count = actions.length === 0 ? "no actions" : `${actions.length} actions`;
  return textOf([`[${plan.state}] ${count}, next look at ${plan.lookAgainAt}`, ...actions, ...plan.notes]);
}

export function formatPreflight(checks: readonly PreflightCheck[]): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  return textOf(
    checks.map(({ name, result, detail, hint }) => {
      const head = `${result.padEnd("not measured".length)}  ${name.padEnd(width)}  ${detail}`;
      return result === "ok" || hint === null ? head : `${head}; ${hint}`;
    }),
  );
}

/** The lines with what could steer a terminal taken out, each ended. */
export function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line.replaceAll(/\p{Cc}/gu, " ").trimEnd()}\n`).join("");
}

/** In the runbook's words; "instances" whatever their number, as scripts may look for it. */
function totalLine({ instances, usdPerHour, usdPerDay }: InstanceTotal): string {
  return `Total: ${instances} instances, $${usdPerHour.toFixed(3)}/hr ($${usdPerDay.toFixed(2)}/day)`;
}

/** Its state, and below it each note in a line of its own. */
function fleetLines(fleet: FleetDocument): readonly string[] {
  const { live, producing } = fleet.totals;
  const ending = fleet.debts.length === 0 ? "" : `, ${fleet.debts.length} being destroyed`;
  const budget = fleet.spec.budgetUsdPerDay;
  const spent = budget === null ? "" : `, ${dollars(fleet.spend.todayUsd)} of ${dollars(budget)} today`;
  const head = `${fleet.name}: ${fleet.state}, ${producing}/${live} up, target ${targetOf(fleet)}${spent}${ending}, CHECK #${fleet.checks}`;
  return [head, ...fleet.notes.map((note) => `  ${note}`)];
}

function workerCells(worker: WorkerDocument): string[] {
  return [
    worker.label,
    worker.gpu ?? "-",
    worker.status,
    verdictWords[worker.verdict],
    formatAge(worker.ageSeconds * 1000),
    worker.gamesPerSecond === null ? "-" : formatRate(worker.gamesPerSecond),
    worker.usdPerHour?.toFixed(3) ?? "-",
    String(worker.instanceId),
    worker.ssh ?? "-",
  ];
}

/** A rent under way holds its slot, so it is shown; the total counts it once it is an instance. */
function intentCells(intent: IntentDocument): string[] {
  return [
    intent.label,
    intent.gpu,
    "renting",
    "RENT",
    formatAge(intent.ageSeconds * 1000),
    "-",
    intent.usdPerHour.toFixed(3),
    String(intent.instanceId ?? "-"),
    "-",
  ];
}

function fleetCells(fleet: FleetDocument): string[] {
  const { name, mode, state, spec, totals, lastCheckAt } = fleet;
  return [
    name,
    mode,
    state,
    spec.preset,
    String(targetOf(fleet)),
    String(totals.live),
    String(totals.producing),
    totals.gamesPerSecond.toFixed(1),
    totals.usdPerHour.toFixed(3),
    lastCheckAt ?? "never",
  ];
}

/** A fleet that is down keeps its spec, and wants nothing of it. */
function targetOf({ mode, spec }: FleetDocument): number {
  return mode === "down" ? 0 : spec.target;
}

export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ width, head }, column) =>
    Math.max(width, head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [columns.map(({ head }) => head), ...rows].map((cells) =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0, columns[column]?.align))
      .join("  ")
      .trimEnd(),
  );
  const [head = "", ...body] = lines;
  return [head, "-".repeat(Math.max(...lines.map((line) => line.length))), ...body];
}

function padded(cell: string, width: number, align: Column["align"]): string {
  return align === "right" ? cell.padStart(width) : cell.padEnd(width);
}
