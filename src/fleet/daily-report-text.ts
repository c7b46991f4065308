// The daily report in lines for a terminal, in the order of the runbook's list (§11): workers, the night's deaths,
// examples, learner, cost.

import { cents } from "./budget.ts";
import { formatAge, verdictWords } from "./check-line.ts";
import type { CostLine, CostPart } from "./daily-cost.ts";
import type { ExamplesLine } from "./daily-examples.ts";
import type { LearnerLine } from "./daily-learners.ts";
import { runText } from "./daily-run.ts";
import type { DailyReport, EndedLine, EndedPart, FleetLine } from "./daily-report.ts";

/** More of the night's deaths are in the JSON. */
const ENDED_SHOWN = 20;
const EVENTS_SHOWN = 20;
const NOT_MEASURED = "not measured";

export function dailyReportLines(report: DailyReport): readonly string[] {
  const { day, from, to, takenAt } = report;
  const head = day === null ? "The last 24 hours" : `Day ${day}`;
  return [
    `${head}: ${shortTime(from)} to ${shortTime(to)} UTC, fleets and Hub as of ${shortTime(takenAt)}`,
    "",
    ...fleetLines(report),
    ...endedLines(report.ended),
    ...hostLines(report),
    ...(report.examples.length === 0 ? [labelled("Examples", "none read")] : report.examples.flatMap(examplesLines)),
    ...(report.learners.length === 0 ? [labelled("Learner", "none read")] : report.learners.flatMap(learnerText)),
    ...costLines(report.cost),
    ...report.notMeasured.map((what) => labelled("Not measured", what)),
  ];
}

function fleetLines({ isAllRunning, fleets }: DailyReport): string[] {
  if (fleets === null) return [labelled("Workers", NOT_MEASURED)];
  if (fleets.length === 0) return [labelled("Workers", "there is no fleet")];
  const word = isAllRunning === null ? "all that answered run" : isAllRunning ? "all run" : "NOT all run";
  return [labelled("Workers", word), ...fleets.flatMap(fleetText)];
}

function fleetText({ name, state, target, live, producing, note, notProducing }: FleetLine): string[] {
  const head = `  ${name}: ${producing}/${live} up, target ${target}, ${state}${note === null ? "" : ` | ${note}`}`;
  return [
    head,
    ...notProducing.map(
      ({ slot, instanceId, verdict, detail }) =>
        `    worker ${slot} (${instanceId}): ${verdictWords[verdict]} ${detail}`,
    ),
  ];
}

function endedLines(ended: EndedPart | null): string[] {
  if (ended === null) return [labelled("Ended", NOT_MEASURED)];
  if (ended.total === 0) return [labelled("Ended", "none")];
  const causes = Object.entries(ended.byCause).map(([cause, count]) => `${count} ${cause}`);
  const more = ended.instances.length - ENDED_SHOWN;
  return [
    labelled("Ended", `${ended.total}, of which ${ended.died} died: ${causes.join(", ")}`),
    ...ended.instances.slice(0, ENDED_SHOWN).map(endedText),
    ...(more > 0 ? [`  and ${more} more: ask without format=text`] : []),
  ];
}

function endedText({
  fleet,
  slot,
  instanceId,
  machineId,
  gpu,
  endedAt,
  cause,
  reason,
  costUsd,
  games,
}: EndedLine): string {
  const what = [
    `${fleet} worker ${slot} (${instanceId}`,
    `${gpu ?? "GPU unknown"}, machine ${machineId ?? "unknown"})`,
    `${shortTime(endedAt)} ${cause}`,
    costUsd === null ? "cost unknown" : cents(costUsd),
    games === null ? "games unknown" : `${games} games`,
  ];
  return `  ${what.join(", ")}: ${reason}`;
}

function hostLines({ launches, hosts, events }: DailyReport): string[] {
  if (launches === null || hosts === null || events === null) return [labelled("Launched", NOT_MEASURED)];
  const { launched, refused, unknown } = launches;
  const outcome = [`${launched}`, `${refused} refused`, ...(unknown === 0 ? [] : [`${unknown} with a lost answer`])];
  const blocked = hosts.newlyBlocked.length === 0 ? "none" : hosts.newlyBlocked.join(", ");
  const takenBack = hosts.refunds === 0 ? "" : `, ${hosts.refunds} taken back`;
  const more = events.length - EVENTS_SHOWN;
  return [
    labelled("Launched", outcome.join(", ")),
    labelled("Hosts", `${hosts.strikes} strikes${takenBack}, newly blocked: ${blocked}`),
    ...events.slice(0, EVENTS_SHOWN).map(({ at, fleet, message }) => `  ${shortTime(at)} ${fleet}: ${message}`),
    ...(more > 0 ? [`  and ${more} more: GET /api/events`] : []),
  ];
}

function examplesLines({
  repo,
  namespace,
  files,
  newestAgeSeconds,
  hasNewFiles,
  workers,
  silent,
}: ExamplesLine): string[] {
  const newest = newestAgeSeconds === null ? "no file" : `newest file ${formatAge(newestAgeSeconds * 1000)} old`;
  const word = hasNewFiles ? "new files" : "NO new file";
  return [
    labelled("Examples", `${repo} ${namespace}: ${word}, ${newest}, of ${workers.length} workers, ${files} files kept`),
    ...silent.map(({ workerId, ageSeconds, uploadIntervalSeconds }) => {
      const last = ageSeconds === null ? "no file of it is there" : `last ${formatAge(ageSeconds * 1000)} ago`;
      return `  ${workerId}: nothing for over two upload intervals of ${uploadIntervalSeconds} s, ${last}`;
    }),
  ];
}

function learnerText(line: LearnerLine): string[] {
  const { weightsName, step, totalGames, pushAgeSeconds, since, stepsGained, gamesGained, wandbRunId, wandb } = line;
  const gained =
    since === null ? [] : [`${signed(stepsGained)} steps and ${signed(gamesGained)} games since ${shortTime(since)}`];
  const parts = [
    `${weightsName}: ${movingWord(line.isMoving)}`,
    `step ${step}`,
    `${totalGames} games`,
    pushAgeSeconds === null ? "date of the last push unknown" : `pushed ${formatAge(pushAgeSeconds * 1000)} ago`,
    ...gained,
    ...(wandbRunId === null ? [] : [`W&B run ${wandbRunId}`]),
  ];
  const run = wandb === undefined || wandb === null ? [] : [`  ${runText(wandb)}`];
  return [labelled("Learner", parts.join(", ")), ...run];
}

function movingWord(isMoving: boolean | null): string {
  if (isMoving === null) return "not known whether it moves";
  return isMoving ? "moving" : "NOT moving";
}

function costLines(cost: CostPart): string[] {
  const { creditUsd, creditHoursLeft, unpriced, usdPerHour } = cost;
  const left = creditHoursLeft === null ? "" : `, enough for ${creditHoursLeft.toFixed(1)} h`;
  return [
    labelled("Spent", spentText(cost)),
    ...cost.fleets.map((line) => `  ${line.fleet}: ${spentText(line)}, ${perHour(line.usdPerHour)}`),
    ...(unpriced === 0 ? [] : [`  ${unpriced} instances without a known price are not counted`]),
    labelled(
      "Now",
      `${perHour(usdPerHour)}, credit ${creditUsd === null ? NOT_MEASURED : `${cents(creditUsd)}${left}`}`,
    ),
  ];
}

function spentText({ spentUsd, games, usdPerMillionGames }: Omit<CostLine, "fleet" | "usdPerHour">): string {
  const parts = [
    spentUsd === null ? `cost ${NOT_MEASURED}` : cents(spentUsd),
    games === null ? `games ${NOT_MEASURED}` : `${games} games`,
    ...(usdPerMillionGames === null ? [] : [`${cents(usdPerMillionGames)} per million games`]),
  ];
  return parts.join(", ");
}

function perHour(usdPerHour: number | null): string {
  return usdPerHour === null ? `$/hr ${NOT_MEASURED}` : `$${usdPerHour.toFixed(3)}/hr`;
}

function signed(count: number | null): string {
  return count === null ? "?" : count < 0 ? String(count) : `+${count}`;
}

/** "2026-11-22T00:05:00.000Z" as "2026-11-22 00:05". */
function shortTime(isoTime: string): string {
  return isoTime.slice(0, 16).replace("T", " ");
}

function labelled(label: string, text: string): string {
  return `${label.padEnd(13)} ${text}`;
}
