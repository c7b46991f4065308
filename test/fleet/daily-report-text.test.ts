import { expect, it } from "vitest";
import { dailyReportLines } from "../../src/fleet/daily-report-text.ts";
import { buildDailyReport } from "../../src/fleet/daily-report.ts";
import type { DayFacts } from "../../src/fleet/daily-facts.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { HOUR, MINUTE } from "../support/builders.ts";
import {
  aDay,
  aFleetDocument,
  aLearner,
  anEnded,
  aStrikeEvent,
  aWorkerDocument,
  EXAMPLES,
  isoTime,
  MORNING,
  REPO,
  someExamples,
} from "../support/day.ts";

function linesOf(changes: Partial<DayFacts> = {}): readonly string[] {
  return dailyReportLines(buildDailyReport(aDay(changes), isoTime));
}

it("is the runbook's list, in its order", () => {
  expect(linesOf()).toEqual([
    "The last 24 hours: 2026-11-22 08:00 to 2026-11-23 08:00 UTC, fleets and Hub as of 2026-11-23 08:00",
    "",
    "Workers       all run",
    "  zeb: 4/4 up, target 4, steady",
    "Ended         none",
    "Launched      0, 0 refused",
    "Hosts         0 strikes, newly blocked: none",
    `Examples      ${EXAMPLES} zeb-557k-1m: new files, newest file 2m00s old, of 4 workers, 8 files kept`,
    "Learner       zeb-557k-1m: moving, step 152, 63488 games, pushed 5m00s ago, " +
      "+40 steps and +13488 games since 2026-11-22 08:00, W&B run abc123",
    "Spent         $6.91, 800000 games, $8.64 per million games",
    "  zeb: $6.91, 800000 games, $8.64 per million games, $0.288/hr",
    "Now           $0.288/hr, credit $14.40, enough for 50.0 h",
  ]);
});

it("names what went wrong in the night", () => {
  const workers = [aWorkerDocument(), aWorkerDocument({ slot: 1, verdict: "booting", detail: "pulling" })];
  const fleet = aFleetDocument({ state: "ramping", spec: { target: 2 }, workers, notes: ["1 missing"] });
  const silent = someExamples({
    files: 15,
    newestAtMs: MORNING - 33 * HOUR,
    oldestAtMs: MORNING - 34 * HOUR,
    workers: [{ workerId: "zeb-worker-vast-0", newestAtMs: MORNING - 33 * HOUR, files: 15 }],
  });
  const lines = linesOf({
    window: { day: "2026-11-22", fromMs: MORNING - 32 * HOUR, toMs: MORNING - 8 * HOUR, takenAtMs: MORNING },
    fleets: ok({ fleets: [fleet], silent: [] }),
    ended: ok([anEnded(), anEnded({ instanceId: 901, slot: 1, gpu: null, machineId: null, endCause: "vanished" })]),
    events: ok({
      launched: 2,
      refused: 1,
      unknown: 1,
      told: [aStrikeEvent({ kind: "blacklist", message: "BLACKLIST: machine 4411 is now blocked" })],
    }),
    examples: [{ repo: EXAMPLES, namespace: "zeb-557k-1m", answer: ok(silent) }],
    learners: [
      {
        repo: REPO,
        weightsName: "zeb-557k-1m",
        answer: ok(aLearner({ pushedAtMs: MORNING - 2 * HOUR, wandbRunId: null })),
        run: null,
      },
    ],
    earlier: ok([]),
    spend: ok([{ fleet: "zeb", usd: 1, unpriced: 2 }]),
  });
  expect(lines).toEqual([
    "Day 2026-11-22: 2026-11-22 00:00 to 2026-11-23 00:00 UTC, fleets and Hub as of 2026-11-23 08:00",
    "",
    "Workers       NOT all run",
    "  zeb: 1/2 up, target 2, ramping | 1 missing",
    "    worker 1 (1001): BOOT pulling",
    "Ended         2, of which 2 died: 1 fatal-error, 1 vanished",
    "  zeb worker 0 (900, RTX 3070, machine 4411), 2026-11-23 03:00 fatal-error, $0.32, 12800 games: " +
      "error for 300 s: RuntimeError: boom",
    "  zeb worker 1 (901, GPU unknown, machine unknown), 2026-11-23 03:00 vanished, $0.32, 12800 games: " +
      "error for 300 s: RuntimeError: boom",
    "Launched      2, 1 refused, 1 with a lost answer",
    "Hosts         1 strikes, newly blocked: 4411",
    "  2026-11-23 03:00 zeb: BLACKLIST: machine 4411 is now blocked",
    `Examples      ${EXAMPLES} zeb-557k-1m: NO new file, newest file 33h00m old, of 1 workers, 15 files kept`,
    "  zeb-worker-vast-0: nothing for over two upload intervals of 240 s, last 33h00m ago",
    "Learner       zeb-557k-1m: NOT moving, step 152, 63488 games, pushed 2h00m ago",
    "Spent         $1.00, 800000 games, $1.25 per million games",
    "  zeb: $1.00, 800000 games, $1.25 per million games, $0.144/hr",
    "  2 instances without a known price are not counted",
    "Now           $0.144/hr, credit $14.40, enough for 100.0 h",
  ]);
});

it("says what is not measured where it stands, and why at the end", () => {
  const gone = err("D1 does not answer");
  const lines = linesOf({
    fleets: gone,
    ended: gone,
    events: gone,
    spend: gone,
    games: gone,
    examples: [],
    learners: [],
  });
  expect(lines).toEqual([
    expect.stringContaining("The last 24 hours"),
    "",
    "Workers       not measured",
    "Ended         not measured",
    "Launched      not measured",
    "Examples      none read",
    "Learner       none read",
    "Spent         cost not measured, games not measured",
    "Now           $/hr not measured, credit $14.40",
    ...["fleets", "ended instances", "launches and strikes", "spent", "games"].map(
      (part) => `Not measured  ${part}: D1 does not answer`,
    ),
  ]);
});

it("shows twenty deaths and twenty events and counts the rest", () => {
  const ended = Array.from({ length: 23 }, (_, index) => anEnded({ instanceId: index, endedAtMs: MORNING - MINUTE }));
  const lines = linesOf({ ended: ok(ended) });
  expect(lines.filter((line) => line.startsWith("  zeb worker"))).toHaveLength(20);
  expect(lines).toContain("  and 3 more: ask without format=text");
  const told = Array.from({ length: 21 }, (_, index) => aStrikeEvent({ id: String(index) }));
  expect(linesOf({ events: ok({ launched: 0, refused: 0, unknown: 0, told }) })).toContain(
    "  and 1 more: GET /api/events",
  );
});
