// The runbook's morning list as one value (§11): do all workers run, who died and why, are there new examples, does the
// learner move, what did it cost. From facts alone; `daily-report-text.ts` says it in lines.

import { costOf, type CostPart } from "./daily-cost.ts";
import { type ExamplesLine, examplesLine } from "./daily-examples.ts";
import type { DayFacts, EventsView, Measured } from "./daily-facts.ts";
import { type LearnerLine, learnerLine } from "./daily-learners.ts";
import type { FleetDocument, WorkerDocument } from "./document.ts";
import type { FleetEvent, LedgerEntry } from "./event.ts";
import type { DestroyCause, FleetMode, FleetState } from "./plan.ts";

/** Ends that a person, a budget, a smaller target or the keeper's own tidiness asked for; every other end is a death. */
const ORDERED_CAUSES: ReadonlySet<string> = new Set<DestroyCause>([
  "down",
  "downscale",
  "duplicate",
  "by-hand",
  "roll-out",
  "budget",
]);

export interface FleetLine {
  readonly name: string;
  readonly mode: FleetMode;
  readonly state: FleetState;
  /** 0 for a fleet that is down. */
  readonly target: number;
  readonly live: number;
  readonly producing: number;
  /** As many produce as the target says. */
  readonly isWhole: boolean;
  readonly note: string | null;
  readonly notProducing: readonly Pick<WorkerDocument, "slot" | "instanceId" | "verdict" | "detail">[];
}

export interface EndedLine extends Pick<
  LedgerEntry,
  "fleet" | "slot" | "instanceId" | "machineId" | "gpu" | "costUsd" | "games"
> {
  readonly endedAt: string;
  readonly cause: string;
  readonly reason: string;
  /** A person or a smaller target asked for it. */
  readonly isOrdered: boolean;
}

export interface EndedPart {
  readonly total: number;
  readonly died: number;
  readonly byCause: Readonly<Record<string, number>>;
  readonly instances: readonly EndedLine[];
}

export interface HostsPart {
  readonly strikes: number;
  readonly refunds: number;
  readonly newlyBlocked: readonly number[];
}

export interface EventLine extends Pick<FleetEvent, "fleet" | "kind" | "machineId" | "message"> {
  readonly at: string;
}

export interface DailyReport {
  readonly day: string | null;
  readonly from: string;
  readonly to: string;
  readonly takenAt: string;
  readonly isAllRunning: boolean | null;
  readonly fleets: readonly FleetLine[] | null;
  readonly ended: EndedPart | null;
  readonly launches: Omit<EventsView, "told"> | null;
  readonly hosts: HostsPart | null;
  readonly events: readonly EventLine[] | null;
  readonly examples: readonly ExamplesLine[];
  readonly learners: readonly LearnerLine[];
  readonly cost: CostPart;
  /** Each part that is missing above, and why. */
  readonly notMeasured: readonly string[];
}

/** `isoTime` writes an instant: the core has no calendar. */
export function buildDailyReport(facts: DayFacts, isoTime: (atMs: number) => string): DailyReport {
  const { window } = facts;
  const fleets = facts.fleets.ok ? facts.fleets.value.fleets : [];
  const lines = facts.fleets.ok ? facts.fleets.value.fleets.map(fleetLine) : null;
  const isWholeView = facts.fleets.ok && facts.fleets.value.silent.length === 0;
  return {
    day: window.day,
    from: isoTime(window.fromMs),
    to: isoTime(window.toMs),
    takenAt: isoTime(window.takenAtMs),
    isAllRunning: allRunning(lines, isWholeView),
    fleets: lines,
    ended: facts.ended.ok ? endedPart(facts.ended.value, isoTime) : null,
    launches: facts.events.ok ? launchesOf(facts.events.value) : null,
    hosts: facts.events.ok ? hostsPart(facts.events.value) : null,
    events: facts.events.ok ? facts.events.value.told.map((event) => eventLine(event, isoTime)) : null,
    examples: facts.examples.flatMap((one) => examplesLine(one, fleets, window, isoTime)),
    learners: facts.learners.flatMap((one) => learnerLine(one, facts.earlier, window, isoTime)),
    cost: costOf(facts, isoTime),
    notMeasured: notMeasured(facts),
  };
}

/** One fleet that lacks a worker answers the question, also where another did not answer. */
function allRunning(lines: readonly FleetLine[] | null, isWholeView: boolean): boolean | null {
  if (lines === null) return null;
  if (lines.some(({ isWhole }) => !isWhole)) return false;
  return isWholeView ? true : null;
}

function fleetLine(fleet: FleetDocument): FleetLine {
  const { name, mode, state, totals, notes, workers } = fleet;
  const target = targetOf(fleet);
  const idle = workers.filter(({ verdict }) => verdict !== "producing" && verdict !== "uploading");
  return {
    name,
    mode,
    state,
    target,
    live: totals.live,
    producing: totals.producing,
    isWhole: totals.producing >= target,
    note: notes[0] ?? null,
    notProducing: idle.map(({ slot, instanceId, verdict, detail }) => ({ slot, instanceId, verdict, detail })),
  };
}

/** A fleet that is down keeps its spec, and wants nothing of it. */
function targetOf({ mode, spec }: FleetDocument): number {
  return mode === "down" ? 0 : spec.target;
}

function endedPart(entries: readonly LedgerEntry[], isoTime: (atMs: number) => string): EndedPart {
  const instances = entries.map((entry): EndedLine => {
    const { fleet, slot, instanceId, machineId, gpu, costUsd, games } = entry;
    const cause = entry.endCause ?? "unknown";
    return {
      fleet,
      slot,
      instanceId,
      machineId,
      gpu,
      costUsd,
      games,
      endedAt: isoTime(entry.endedAtMs ?? entry.startedAtMs),
      cause,
      reason: entry.endReason ?? "",
      isOrdered: ORDERED_CAUSES.has(cause),
    };
  });
  const groups = [...Map.groupBy(instances, ({ cause }) => cause)];
  return {
    total: instances.length,
    died: instances.filter(({ isOrdered }) => !isOrdered).length,
    byCause: Object.fromEntries(groups.map(([cause, group]) => [cause, group.length])),
    instances,
  };
}

function launchesOf({ launched, refused, unknown }: EventsView): Omit<EventsView, "told"> {
  return { launched, refused, unknown };
}

function eventLine({ fleet, kind, machineId, message, atMs }: FleetEvent, isoTime: (at: number) => string): EventLine {
  return { fleet, kind, machineId, message, at: isoTime(atMs) };
}

/** The strike that blocks a machine is told as the blacklisting. */
function hostsPart({ told }: EventsView): HostsPart {
  const blocked = told.filter(({ kind }) => kind === "blacklist");
  const machineIds = blocked.map(({ machineId }) => machineId).filter((machineId) => machineId !== null);
  return {
    strikes: told.filter(({ kind }) => kind === "strike").length + blocked.length,
    refunds: told.filter(({ kind }) => kind === "refund").length,
    newlyBlocked: [...new Set(machineIds)],
  };
}

function notMeasured(facts: DayFacts): readonly string[] {
  const parts: readonly (readonly [string, Measured<unknown>])[] = [
    ["fleets", facts.fleets],
    ["ended instances", facts.ended],
    ["launches and strikes", facts.events],
    ["spent", facts.spend],
    ["games", facts.games],
    ["credit", facts.account],
    ...facts.examples.map(({ repo, namespace, answer }) => [`examples ${repo} ${namespace}`, answer] as const),
    ...facts.learners.map(({ repo, weightsName, answer }) => [`learner ${repo} ${weightsName}`, answer] as const),
    ...facts.learners.flatMap(({ weightsName, run }) =>
      run === null || run.answer === null ? [] : [[`W&B run of ${weightsName}`, run.answer] as const],
    ),
    ["earlier report", facts.earlier],
  ];
  const silent = facts.fleets.ok ? facts.fleets.value.silent : [];
  return [
    ...parts.flatMap(([part, answer]) => (answer.ok ? [] : [`${part}: ${answer.error}`])),
    ...silent.map((name) => `fleet ${name}: it does not answer`),
  ];
}
