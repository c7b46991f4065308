import { describe, expect, it } from "vitest";
import { buildDailyReport } from "../../src/fleet/daily-report.ts";
import { err, ok } from "../../src/fleet/result.ts";
import { HOUR } from "../support/builders.ts";
import {
  aDay,
  aFleetDocument,
  anEnded,
  aStrikeEvent,
  aWorkerDocument,
  EXAMPLES,
  isoTime,
  MORNING,
  REPO,
} from "../support/day.ts";

describe("whether all workers run", () => {
  it("is yes where every fleet has as many producing as its target says", () => {
    const report = buildDailyReport(aDay(), isoTime);
    expect(report.isAllRunning).toBe(true);
    expect(report.fleets).toEqual([
      {
        name: "zeb",
        mode: "active",
        state: "steady",
        target: 4,
        live: 4,
        producing: 4,
        isWhole: true,
        note: null,
        notProducing: [],
      },
    ]);
  });

  it("is no where one is missing or does not produce, and names it with the fleet's first note", () => {
    const workers = [
      aWorkerDocument(),
      aWorkerDocument({ slot: 1, verdict: "booting", detail: "pulling" }),
      aWorkerDocument({ slot: 2, verdict: "uploading" }),
    ];
    const fleet = aFleetDocument({ state: "ramping", workers, notes: ["first", "second"] });
    const report = buildDailyReport(aDay({ fleets: ok({ fleets: [fleet], silent: [] }) }), isoTime);
    expect(report.isAllRunning).toBe(false);
    expect(report.fleets).toMatchObject([
      {
        live: 3,
        producing: 2,
        isWhole: false,
        note: "first",
        notProducing: [{ slot: 1, instanceId: 1001, verdict: "booting", detail: "pulling" }],
      },
    ]);
  });

  it("wants nothing of a fleet that is down", () => {
    const down = aFleetDocument({ name: "zeb-large", mode: "down", state: "down", workers: [] });
    const fleets = ok({ fleets: [aFleetDocument(), down], silent: [] });
    const report = buildDailyReport(aDay({ fleets }), isoTime);
    expect(report.isAllRunning).toBe(true);
    expect(report.fleets?.[1]).toMatchObject({ target: 0, isWhole: true });
  });

  it("is not known while a fleet does not answer, unless another one lacks a worker", () => {
    const silent = buildDailyReport(
      aDay({ fleets: ok({ fleets: [aFleetDocument()], silent: ["zeb-large"] }) }),
      isoTime,
    );
    expect(silent.isAllRunning).toBeNull();
    expect(silent.notMeasured).toEqual(["fleet zeb-large: it does not answer"]);
    const short = aFleetDocument({ workers: [] });
    expect(
      buildDailyReport(aDay({ fleets: ok({ fleets: [short], silent: ["zeb-large"] }) }), isoTime).isAllRunning,
    ).toBe(false);
    expect(buildDailyReport(aDay({ fleets: err("nobody answers") }), isoTime).isAllRunning).toBeNull();
  });
});

describe("the instances that ended", () => {
  it("are counted by cause, deaths apart from what was asked for", () => {
    const ended = ok([
      anEnded(),
      anEnded({ instanceId: 901, endCause: "stalled" }),
      anEnded({ instanceId: 902, endCause: "stalled" }),
      anEnded({ instanceId: 903, endCause: "downscale" }),
      anEnded({ instanceId: 904, endCause: "down" }),
      anEnded({ instanceId: 905, endCause: "duplicate" }),
      anEnded({ instanceId: 906, endCause: "by-hand" }),
      anEnded({ instanceId: 907, endCause: null, endReason: null }),
      anEnded({ instanceId: 908, endCause: "budget" }),
      anEnded({ instanceId: 909, endCause: "roll-out" }),
    ]);
    const { ended: part } = buildDailyReport(aDay({ ended }), isoTime);
    expect(part).toMatchObject({
      total: 10,
      died: 4,
      byCause: {
        "fatal-error": 1,
        stalled: 2,
        downscale: 1,
        down: 1,
        duplicate: 1,
        "by-hand": 1,
        unknown: 1,
        budget: 1,
        "roll-out": 1,
      },
    });
    expect(part?.instances[0]).toEqual({
      fleet: "zeb",
      slot: 0,
      instanceId: 900,
      machineId: 4411,
      gpu: "RTX 3070",
      costUsd: 0.32,
      games: 12_800,
      endedAt: isoTime(MORNING - 5 * HOUR),
      cause: "fatal-error",
      reason: "error for 300 s: RuntimeError: boom",
      isOrdered: false,
    });
  });
});

it("tells launches, strikes and those taken back, each newly blocked machine once, and what was said", () => {
  const told = [
    aStrikeEvent({ id: "b2", kind: "blacklist", machineId: 7 }),
    aStrikeEvent({ id: "b1", kind: "blacklist", machineId: 7 }),
    aStrikeEvent(),
    aStrikeEvent({ id: "r1", kind: "refund", machineId: 7 }),
    aStrikeEvent({ id: "o1", kind: "breaker", machineId: null, message: "BREAKER: open" }),
  ];
  const report = buildDailyReport(aDay({ events: ok({ launched: 5, refused: 2, unknown: 1, told }) }), isoTime);
  expect(report.launches).toEqual({ launched: 5, refused: 2, unknown: 1 });
  expect(report.hosts).toEqual({ strikes: 3, refunds: 1, newlyBlocked: [7] });
  expect(report.events).toHaveLength(5);
  expect(report.events?.at(-1)).toEqual({
    fleet: "zeb",
    kind: "breaker",
    machineId: null,
    message: "BREAKER: open",
    at: isoTime(MORNING - 5 * HOUR),
  });
});

it("says of each part that nobody could measure that it is not measured, and never a zero", () => {
  const gone = err("D1 does not answer");
  const report = buildDailyReport(
    aDay({
      ended: gone,
      events: gone,
      spend: gone,
      games: gone,
      earlier: gone,
      account: err("the market has not told it yet"),
      examples: [{ repo: EXAMPLES, namespace: "large", answer: err("no answer from the Hub") }],
      learners: [{ repo: REPO, weightsName: "large", answer: err("no answer from the Hub"), run: null }],
    }),
    isoTime,
  );
  expect(report).toMatchObject({ ended: null, launches: null, hosts: null, events: null, examples: [], learners: [] });
  expect(report.cost).toMatchObject({ spentUsd: null, games: null, usdPerMillionGames: null, creditUsd: null });
  expect(report.notMeasured).toEqual([
    "ended instances: D1 does not answer",
    "launches and strikes: D1 does not answer",
    "spent: D1 does not answer",
    "games: D1 does not answer",
    "credit: the market has not told it yet",
    `examples ${EXAMPLES} large: no answer from the Hub`,
    `learner ${REPO} large: no answer from the Hub`,
    "earlier report: D1 does not answer",
  ]);
});
